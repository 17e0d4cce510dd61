"""How a declared metric stood at a moment: its last whole day or hour, judged, and all that a card wants to say of it.

Pure: the same points and the same moment give the same standing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from agents.metrics.judge import NO_HOLIDAYS, Judge
from agents.metrics.method import METHODS, Method
from agents.metrics.series import Frequency, Kind, Point, Verdict
from agents.metrics.spec import MetricSpec
from agents.sources.port import Point as Measured

HISTORY_POINTS: Mapping[Frequency, int] = {Frequency.DAILY: 800, Frequency.HOURLY: 2400}
"""How much of the past is judged again: about two years of days, a hundred days of hours."""
SIGNIFICANT = 5
"""Digits a range is shown with, and never fewer than the whole number has."""
_MOST_DECIMALS = 6
_RISING = frozenset({Kind.HIGH, Kind.DRIFT_HIGH})
_FALLING = frozenset({Kind.LOW, Kind.DRIFT_LOW})


@dataclass(frozen=True, slots=True)
class Shown:
    """One point of the chart: exact decimal texts, the bounds empty until enough is known."""

    at: datetime
    value: str
    lower: str
    upper: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One metric's last whole day or hour. Numbers are exact decimal text; "" where there is none.

    `since` is when what is wrong began, None when nothing is. `formed` says what the range was formed from, `change`
    how the value compares with the same weekday (or hour) a week before, `same_weekday`.
    """

    verdict: Kind
    value: str = ""
    expected: str = ""
    lower: str = ""
    upper: str = ""
    since: datetime | None = None
    formed: str = ""
    same_weekday: str = ""
    change: str = ""
    rows: int = 0
    note: str = ""
    series: tuple[Shown, ...] = ()


def last_whole(until: datetime, frequency: Frequency) -> datetime:
    """The beginning of the last day or hour, in the zone of `until`, that was over by then."""
    hour = until.replace(minute=0, second=0, microsecond=0)
    if frequency is Frequency.HOURLY:
        return hour - timedelta(hours=1)
    return hour.replace(hour=0) - timedelta(days=1)


def standing_of(
    metric: MetricSpec,
    measured: Sequence[Measured],
    until: datetime,
    holidays: Mapping[date, str] = NO_HOLIDAYS,
    chart_points: int = 120,
) -> Standing:
    """How the metric stood at `until`, an aware moment in the source's zone; later points are not looked at."""
    due = last_whole(until, metric.frequency)
    known = tuple(one for one in measured if one.at <= due)[-HISTORY_POINTS[metric.frequency] :]
    if not known or known[-1].at < due:
        return _missing(metric, known, due, chart_points)
    judge = Judge(METHODS[metric.frequency], holidays)
    verdicts = [judge.judge(Point(one.at.replace(tzinfo=None), float(one.value))) for one in known]
    kinds = _reported(metric, verdicts)
    decimals = _decimals(known)
    shown = tuple(_shown(one, verdict, decimals) for one, verdict in zip(known, verdicts, strict=True))
    before = _week_before(known)
    return Standing(
        verdict=kinds[-1],
        value=shown[-1].value,
        expected=_text(verdicts[-1].expected, decimals, ROUND_HALF_EVEN),
        lower=shown[-1].lower,
        upper=shown[-1].upper,
        since=_since(known, kinds, verdicts),
        formed=_formed(judge, METHODS[metric.frequency], known[-1].at, verdicts[-1]),
        same_weekday="" if before is None else _plain(Decimal(before.value), decimals),
        change="" if before is None else _change(known[-1], before),
        rows=known[-1].rows,
        note=_note(kinds[-1], verdicts[-1]),
        series=shown[-chart_points:],
    )


def _missing(metric: MetricSpec, known: Sequence[Measured], due: datetime, chart_points: int) -> Standing:
    decimals = _decimals(known)
    bare = tuple(Shown(one.at, _plain(Decimal(one.value), decimals), "", "") for one in known)
    since = known[-1].at + metric.frequency.step if known else due
    note = f"nothing since {known[-1].at:%Y-%m-%d %H:%M}" if known else "nothing was ever measured"
    return Standing(Kind.MISSING, since=since, note=note, series=bare[-chart_points:])


def _reported(metric: MetricSpec, verdicts: Sequence[Verdict]) -> list[Kind]:
    """The kinds as a person hears of them: only the watched direction, and an hour only when the one before agrees."""
    watched = [_watched(metric, verdict.kind) for verdict in verdicts]
    if metric.frequency is Frequency.DAILY:
        return watched
    return [_confirmed(kind, watched[place - 1] if place else None) for place, kind in enumerate(watched)]


def _confirmed(kind: Kind, before: Kind | None) -> Kind:
    return Kind.NORMAL if kind in (Kind.HIGH, Kind.LOW) and before is not kind else kind


def _watched(metric: MetricSpec, kind: Kind) -> Kind:
    if (metric.watch == "up" and kind in _FALLING) or (metric.watch == "down" and kind in _RISING):
        return Kind.NORMAL
    return kind


def _since(known: Sequence[Measured], kinds: Sequence[Kind], verdicts: Sequence[Verdict]) -> datetime | None:
    """When the run of strange points that is going on began; a drift began with the first point that shows it."""
    first = len(kinds)
    while first and kinds[first - 1].anomalous:
        first -= 1
    if first == len(kinds):
        return None
    return known[max(0, first + 1 - verdicts[first].points)].at


def _formed(judge: Judge, method: Method, at: datetime, verdict: Verdict) -> str:
    """What the range was formed from, in words."""
    name = "days" if method.frequency is Frequency.DAILY else "hours"
    drifted = method.drift if verdict.kind in (Kind.DRIFT_HIGH, Kind.DRIFT_LOW) else None
    before = f" before these {drifted.points}" if drifted else ""
    base = f"median of the {'last ' if not drifted else ''}{drifted.before if drifted else method.level} {name}{before}"
    rounds = judge.season_rounds
    if not rounds:
        return base
    if method.frequency is Frequency.DAILY:
        return f"{base}, adjusted for a {at:%A} (by the last {rounds})"
    return f"{base}, adjusted for {at:%H}:00 (by the last {rounds} days)"


def _note(kind: Kind, verdict: Verdict) -> str:
    if kind is Kind.NORMAL and verdict.kind.anomalous:
        return f"{verdict.kind.value.replace('_', ' ')}, which is not reported here"
    return verdict.note


def _week_before(known: Sequence[Measured]) -> Measured | None:
    wanted = known[-1].at - timedelta(days=7)
    return next((one for one in reversed(known) if one.at == wanted), None)


def _change(now: Measured, before: Measured) -> str:
    then = Decimal(before.value)
    if not then:
        return ""
    share = (Decimal(now.value) - then) / abs(then) * 100
    return f"{share:+.0f} %"


def _decimals(known: Sequence[Measured]) -> int:
    """As many as the values are written with, but no more than show `SIGNIFICANT` digits of the largest."""
    if not known:
        return 0
    written = max(-min(0, int(Decimal(one.value).normalize().as_tuple().exponent)) for one in known)
    largest = max(abs(Decimal(one.value)) for one in known)
    whole = max(1, largest.adjusted() + 1) if largest else 1
    return min(written, _MOST_DECIMALS, max(0, SIGNIFICANT - whole))


def _shown(one: Measured, verdict: Verdict, decimals: int) -> Shown:
    # The bounds are rounded inwards: no value that is out of range ever stands on a bound as it is shown.
    lower = _text(verdict.lower, decimals, ROUND_CEILING)
    return Shown(one.at, _plain(Decimal(one.value), decimals), lower, _text(verdict.upper, decimals, ROUND_FLOOR))


def _text(number: float | None, decimals: int, rounding: str) -> str:
    return "" if number is None else _plain(Decimal(repr(number)), decimals, rounding)


def _plain(number: Decimal, decimals: int, rounding: str = ROUND_HALF_EVEN) -> str:
    shown = number.quantize(Decimal(1).scaleb(-decimals), rounding=rounding)
    return f"{shown or abs(shown):f}"
