"""What is judged and what the judgement says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Frequency(StrEnum):
    """How far apart the points of a series are."""

    DAILY = "D"
    HOURLY = "H"

    @property
    def step(self) -> timedelta:
        """The time between two points."""
        return timedelta(days=1) if self is Frequency.DAILY else timedelta(hours=1)


class Kind(StrEnum):
    """What a judged point is. `learning` and `holiday` are not judged; `missing` is a moment with no point at all."""

    LEARNING = "learning"
    NORMAL = "normal"
    HIGH = "high"
    LOW = "low"
    STUCK = "stuck"
    DRIFT_HIGH = "drift_high"
    DRIFT_LOW = "drift_low"
    MISSING = "missing"
    HOLIDAY = "holiday"

    @property
    def anomalous(self) -> bool:
        """Whether a person should hear of it."""
        return self not in _CALM


_CALM = frozenset({Kind.LEARNING, Kind.NORMAL, Kind.HOLIDAY})


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a metric. `at` is in the metric's own time (its weekday and hour decide what is expected)."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One point judged with nothing but the points before it.

    `expected`, `lower` and `upper` are in the metric's unit, None while too little is known. `note` names a holiday,
    or says what a range cannot: how far a drift is, how long a value has been stuck. `points` counts
    those that passed since what was found began, this one among them: a drift is some points old when it is found.
    """

    at: datetime
    value: float
    kind: Kind
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    note: str = ""
    points: int = 1
