"""The judge: takes the points of one series in order and says of each, before it learns from it, what it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import copysign, sqrt
from types import MappingProxyType

from agents.metrics.drift import Block, DriftWatch
from agents.metrics.method import METHODS, Method
from agents.metrics.robust import Errors, median
from agents.metrics.season import Season, learn_season
from agents.metrics.series import Frequency, Kind, Point, Verdict
from agents.metrics.stuck import StuckWatch

NO_HOLIDAYS: Mapping[date, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of the next point, in the judge's own scale. `unit` is what errors are measured in.

    `limit` is None while too few errors are known.
    """

    level: float
    expected: float
    unit: float
    limit: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """Something strange, and the forecast it is strange against: what it expected is learnt in place of the value.

    In a drift the forecast is from the level before it, not from the level that has already drifted.
    """

    kind: Kind
    forecast: Forecast
    note: str = ""
    points: int = 1


class Judge:
    """Judges one series, causally: a verdict depends on the points given before it and on nothing else.

    Points come in ascending order of time; gaps are allowed and left as they are. `holidays` names days on which
    nothing is judged and from which nothing is learnt.
    """

    def __init__(self, method: Method, holidays: Mapping[date, str] = NO_HOLIDAYS) -> None:
        """A judge that has seen nothing."""
        self._method = method
        self._holidays = holidays
        self._values: list[float] = []
        self._learnt: list[float] = []
        self._slots: list[int] = []
        self._strange: list[bool] = []
        self._errors = Errors()
        self._drift = DriftWatch(method.drift, rooted=method.rooted) if method.drift else None
        self._stuck = StuckWatch(method)
        self._season = Season([0.0] * method.slots, shares=method.rooted)
        self._season_day: date | None = None
        self._below_zero = False

    @property
    def season_rounds(self) -> int:
        """How many points of one slot the season in use was learnt from, at most; 0 when none is used."""
        learnt = min(len(self._learnt), self._method.season)
        return learnt // self._method.cycle if self._season.is_used else 0

    def judge(self, point: Point) -> Verdict:
        """The verdict on the next point; from here on the judge knows it."""
        value, slot = self._into(point.value), self._method.slot(point.at)
        holiday = self._holidays.get(point.at.date(), "")
        self._below_zero = self._below_zero or point.value < 0
        stuck = self._stuck.see(point.value)
        if len(self._values) < self._method.warm_up:
            self._remember(value, value, slot, strange=False)
            return Verdict(point.at, point.value, Kind.HOLIDAY if holiday else Kind.LEARNING, note=holiday)
        self._learn_season(point.at)
        forecast = self._forecast(slot)
        if holiday:
            self._remember(value, forecast.expected, slot, strange=False)
            return self._verdict(point, Kind.HOLIDAY, forecast, holiday)
        found = self._found(value, slot, forecast, stuck=stuck)
        if found is None:
            self._remember(value, value, slot, strange=False)
            return self._verdict(point, Kind.NORMAL if forecast.limit is not None else Kind.LEARNING, forecast)
        self._remember(value, found.forecast.expected, slot, strange=True)
        return replace(self._verdict(point, found.kind, found.forecast, found.note), points=found.points)

    def _found(self, value: float, slot: int, forecast: Forecast, *, stuck: bool) -> Found | None:
        """What is strange about a value, the most telling first; every watch sees every value all the same."""
        out = self._out_of_range(value, forecast)
        self._count_error(value, forecast)
        block = self._block(value, slot)
        drift = self._drift.judge(block, self._noise()) if self._drift and block else None
        if drift and block:
            self._forget(block)
            forecast = replace(forecast, expected=self._season.apply(block.before, slot))
        if stuck:
            self._stuck.called()
            return Found(Kind.STUCK, forecast, self._stuck.note)
        if out:
            return Found(out, forecast)
        return Found(drift.kind, forecast, drift.note, drift.points) if drift else None

    def _forecast(self, slot: int) -> Forecast:
        start = max(0, len(self._learnt) - self._method.level)
        usual = range(start, len(self._learnt))
        level = median(self._season.remove(self._learnt[i], self._slots[i]) for i in usual)
        expected = self._season.apply(level, slot)
        unit = abs(level) if self._method.rooted else 1.0
        if unit == 0:
            unit = sum(map(abs, self._learnt[-self._method.season :])) / min(len(self._learnt), self._method.season)
        return Forecast(level, expected, unit or 1.0, self._limit(expected, unit or 1.0))

    def _limit(self, expected: float, unit: float) -> float | None:
        if len(self._errors) < self._method.least_errors:
            return None
        root_share = 0.5 if self._method.rooted else 1.0
        floor = self._method.floor * root_share * abs(expected) / unit
        return self._method.reach * max(self._errors.scale(), floor)

    def _out_of_range(self, value: float, forecast: Forecast) -> Kind | None:
        error = (value - forecast.expected) / forecast.unit
        if forecast.limit is None or abs(error) <= forecast.limit or self._seen(value, rising=error > 0):
            return None
        return Kind.HIGH if error > 0 else Kind.LOW

    def _seen(self, value: float, *, rising: bool) -> bool:
        """Whether the series was there, or further, often enough of late for this not to be news."""
        if not self._method.seen_within:
            return False
        recent = self._values[-self._method.seen_within :]
        beyond = sum(one >= value for one in recent) if rising else sum(one <= value for one in recent)
        return beyond >= self._method.seen_times

    def _count_error(self, value: float, forecast: Forecast) -> None:
        error = abs(value - forecast.expected) / forecast.unit
        most = error if forecast.limit is None else self._method.counted / self._method.reach * forecast.limit
        self._errors.add(min(error, most))

    def _noise(self) -> float | None:
        return self._errors.middle() if len(self._errors) >= self._method.least_errors else None

    def _block(self, value: float, slot: int) -> Block | None:
        """The last points with this one, and the level before them; None while there are too few."""
        drift = self._method.drift
        if drift is None or len(self._values) < self._method.warm_up + drift.points + drift.before:
            return None
        end = len(self._values) - drift.points + 1
        before = median(self._season.remove(self._learnt[i], self._slots[i]) for i in range(end - drift.before, end))
        shown = [self._season.remove(self._values[i], self._slots[i]) for i in range(end, len(self._values))]
        return Block(before=before, shown=(*shown, self._season.remove(value, slot)))

    def _forget(self, block: Block) -> None:
        """Puts the level before a drift in the place of what its points taught."""
        for i in range(len(self._learnt) - len(block.shown) + 1, len(self._learnt)):
            self._learnt[i] = self._season.apply(block.before, self._slots[i])

    def _remember(self, value: float, learnt: float, slot: int, *, strange: bool) -> None:
        self._values.append(value)
        self._learnt.append(learnt)
        self._slots.append(slot)
        self._strange.append(strange)
        within = self._method.yields_within + 1
        if strange and sum(self._strange[-within:]) > self._method.yields:
            self._learnt[-within:] = self._values[-within:]

    def _learn_season(self, at: datetime) -> None:
        if at.date() != self._season_day:
            self._season_day = at.date()
            self._season = learn_season(self._learnt, self._slots, self._method)

    def _verdict(self, point: Point, kind: Kind, forecast: Forecast, note: str = "") -> Verdict:
        expected = self._out_of(forecast.expected)
        if forecast.limit is None:
            return Verdict(point.at, point.value, kind, expected=expected, note=note)
        reach = forecast.limit * forecast.unit
        lower, upper = self._out_of(forecast.expected - reach), self._out_of(forecast.expected + reach)
        return Verdict(point.at, point.value, kind, expected, lower, upper, note)

    def _into(self, value: float) -> float:
        return copysign(sqrt(abs(value)), value) if self._method.rooted else value

    def _out_of(self, value: float) -> float:
        """Back in the metric's unit; a metric that was never below zero is not expected there."""
        own = value * abs(value) if self._method.rooted else value
        return own if self._below_zero else max(0.0, own)


def judge_series(
    points: Iterable[Point], frequency: Frequency, holidays: Mapping[date, str] = NO_HOLIDAYS
) -> tuple[Verdict, ...]:
    """Every point of a series judged in order, each with the points before it alone."""
    judge = Judge(METHODS[frequency], holidays)
    return tuple(judge.judge(point) for point in points)
