"""The two configurations: every number the judgement depends on, and why it is what it is.

Chosen on one half of a labelled benchmark (docs/metrics.md says which and how well); every series of a frequency is
judged with the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agents.metrics.series import Frequency


@dataclass(frozen=True, slots=True)
class Drift:
    """When several points together are out of range though none of them alone need be.

    A block of `points` is compared with the median of the `before` points before it. What counts is how far away the
    block is *and* how well its points agree, against the past of the same figure. A fall needs `fall` scales, a rise
    `rise`: after every quiet season comes a rise which is nothing but the return of the usual.
    """

    points: int = 4
    before: int = 10
    fall: float = 2.25
    rise: float = 6.0
    material: float = 0.15
    """A change smaller than this share is never reported."""
    least_blocks: int = 28
    """Past blocks needed before one is judged."""


@dataclass(frozen=True, slots=True)
class Method:
    """How a series of one frequency is judged. Counts are points; shares are parts of one.

    `slot` names the place of a moment in the season (`slots` of them); `cycle` points are one round of it.
    """

    frequency: Frequency
    slot: Callable[[datetime], int]
    slots: int
    cycle: int
    rooted: bool
    """Judge square roots and seasons as shares: the spread of counts grows with their root."""
    level: int
    """The level is the median of this many points, season removed."""
    season: int
    """The season is learnt from this many points."""
    season_from: int
    """Points before a season is looked for."""
    warm_up: int
    """Points before anything is expected."""
    least_errors: int
    """Forecast errors needed before a point is judged."""
    reach: float
    """The range is the expected value plus and minus this many scales."""
    counted: float
    """A larger error counts as this many scales, so that a few anomalies do not widen the range."""
    yields: int
    """When this many of the last `yields_within` points were out of range, what they show is the new usual."""
    yields_within: int
    stuck_chance: float
    """A run of equal values is stuck when chance would give it less often than this."""
    stuck_run: int = 3
    stuck_from: int = 40
    floor: float = 0.02
    """The scale is at least this share of the expected value."""
    season_gain: float = 0.3
    """A season is used when it takes this share off the mean deviation."""
    seen_within: int = 0
    """A value reached `seen_times` times within this many points is not news; 0: every value is."""
    seen_times: int = 2
    drift: Drift | None = None


_SATURDAY = 5


def _weekday(at: datetime) -> int:
    return at.weekday()


def _hour_of_day(at: datetime) -> int:
    """Hours of a working day, then hours of a weekend day."""
    return at.hour + (24 if at.weekday() >= _SATURDAY else 0)


DAILY = Method(
    frequency=Frequency.DAILY,
    slot=_weekday,
    slots=7,
    cycle=7,
    rooted=True,
    level=6,
    season=84,
    season_from=14,
    warm_up=14,
    least_errors=14,
    reach=4.2,
    counted=2.0,
    yields=7,
    yields_within=14,
    stuck_chance=1e-3,
    drift=Drift(),
)
HOURLY = Method(
    frequency=Frequency.HOURLY,
    slot=_hour_of_day,
    slots=48,
    cycle=24,
    rooted=False,
    level=48,
    season=28 * 24,
    season_from=7 * 24,
    warm_up=48,
    least_errors=72,
    reach=3.0,
    counted=3.0,
    yields=48,
    yields_within=72,
    stuck_chance=1e-4,
    stuck_run=6,
    seen_within=7 * 24,
)
METHODS = {Frequency.DAILY: DAILY, Frequency.HOURLY: HOURLY}
