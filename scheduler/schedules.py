"""Cron and interval arithmetic: when a schedule is due. Pure; APScheduler walks the calendar, this walks the clocks.

A cron expression speaks of a wall clock, and wall clocks jump. The calendar is therefore walked on wall times without
a zone, where nothing jumps, and each wall time is then placed on the line of instants:

- an expression with fixed hours (the hour field does not start with `*`) is due once per wall time: at its first
  showing when clocks are set back, at the first instant after the jump when clocks are set forward over it;
- any other expression is due whenever the wall clock shows a matching time: twice when an hour is repeated, not at all
  when it is skipped, so that `*/10 * * * *` stays ten minutes apart in real time.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.cron import CronTrigger

from scheduler.crontab import Crontab, Field, read_crontab
from store.kernel.errors import UserMistake

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CACHED_EXPRESSIONS = 4096
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_INSTANT = timedelta(microseconds=1)
_APSCHEDULER_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Timing(Protocol):
    """What says when a schedule is due: exactly one of `cron` and `every_seconds` is set.

    Intervals are counted from `anchor_at` (None: from 1970, so that every 10 s falls on full ten seconds); the time
    zone concerns only cron.
    """

    @property
    def cron(self) -> str | None: ...

    @property
    def every_seconds(self) -> int | None: ...

    @property
    def anchor_at(self) -> datetime | None: ...

    @property
    def timezone(self) -> str: ...


class _Cron(NamedTuple):
    calendars: tuple[CronTrigger, ...]
    zone: ZoneInfo
    fixed_hours: bool


def validate_cron(expression: str, timezone: str) -> None:
    """Raises UserMistake, saying what to write instead, unless crontab(5) knows the expression and it can be due."""
    _read_zone(timezone)
    read_crontab(expression)


def validate_every(every_seconds: int) -> None:
    """Raises UserMistake unless the interval is at least one second."""
    if every_seconds < 1:
        raise UserMistake(f"An interval of {every_seconds} seconds is not possible.", "Use 1 or more.")


def next_due(timing: Timing, after: datetime) -> datetime | None:
    """The first due time strictly after `after`, aware, in UTC; None when there is none ever again.

    A pure function of its arguments, so a machine clock that steps back neither repeats nor loops. Raises UserMistake
    for a timing that `validate_cron` or `validate_every` refuses.
    """
    after = after.astimezone(UTC)
    if timing.cron is None:
        return _next_interval(timing.every_seconds or 0, timing.anchor_at or EPOCH, after)
    cron = _read(timing.cron, timing.timezone)
    return _next_fixed(cron, after) if cron.fixed_hours else _next_floating(cron, after)


def due_times(timing: Timing, after: datetime, until: datetime) -> Iterator[datetime]:
    """Every due time later than `after` and not later than `until`, oldest first, each once, aware, in UTC."""
    due = next_due(timing, after)
    while due is not None and due <= until:
        yield due
        due = next_due(timing, due)


def _next_interval(every_seconds: int, anchor_at: datetime, after: datetime) -> datetime:
    validate_every(every_seconds)
    every = timedelta(seconds=every_seconds)
    passed = (after - anchor_at) // every
    return (anchor_at + (max(passed, -1) + 1) * every).astimezone(UTC)


def _next_fixed(cron: _Cron, after: datetime) -> datetime | None:
    wall: datetime | None = _wall(after, cron.zone)
    while wall is not None and (wall := _next_wall(cron, wall)) is not None:
        due = _first_showing(wall, cron.zone)
        if due > after:
            return due
    return None


def _next_floating(cron: _Cron, after: datetime) -> datetime | None:
    while True:
        wall = _wall(after, cron.zone)
        next_wall = _next_wall(cron, wall)
        if next_wall is None:
            return None
        due = after + (next_wall - wall)
        jump = _first_jump(cron.zone, after, due)
        if jump is None:
            return due
        if _matches(cron, _wall(jump, cron.zone)):
            return jump
        after = jump  # the wall clock jumps before it gets there: look again from the jump on


def _matches(cron: _Cron, wall: datetime) -> bool:
    return _next_wall(cron, wall - _INSTANT) == wall


def _wall(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _next_wall(cron: _Cron, after: datetime) -> datetime | None:
    """The next matching wall time strictly after `after`. In UTC, where days have 24 hours, the walk cannot loop."""
    start = after.replace(microsecond=0, fold=0, tzinfo=UTC) + _SECOND
    found = [time for calendar in cron.calendars if (time := calendar.get_next_fire_time(None, start)) is not None]
    return min(found).replace(tzinfo=None) if found else None


def _first_showing(wall: datetime, zone: tzinfo) -> datetime:
    """When the zone's clocks first show `wall`; when they never do, the instant they jump over it."""
    due = wall.replace(tzinfo=zone).astimezone(UTC)
    if _wall(due, zone) == wall:
        return due
    return _jump_between(zone, wall.replace(tzinfo=zone, fold=1).astimezone(UTC), due)


def _first_jump(zone: tzinfo, after: datetime, until: datetime) -> datetime | None:
    """The first instant in (after, until] at which the zone's offset changes; None when it does not.

    Looks day by day: no zone has moved its clocks there and back within one.
    """
    while after < until:
        step = min(after + _DAY, until)
        if after.astimezone(zone).utcoffset() != step.astimezone(zone).utcoffset():
            return _jump_between(zone, after, step)
        after = step
    return None


def _jump_between(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The whole second at which the offset of `low` ends, which must be over at `high`."""
    offset = low.astimezone(zone).utcoffset()
    start, steps = low.replace(microsecond=0), int((high - low) / _SECOND) + 1
    below, above = 0, steps
    while above - below > 1:
        middle = (below + above) // 2
        same = (start + middle * _SECOND).astimezone(zone).utcoffset() == offset
        below, above = (middle, above) if same else (below, middle)
    return start + above * _SECOND


@lru_cache(maxsize=_CACHED_EXPRESSIONS)
def _read(expression: str, timezone: str) -> _Cron:
    crontab = read_crontab(expression)
    return _Cron(_calendars(crontab), _read_zone(timezone), not crontab.hour.starred)


def _calendars(crontab: Crontab) -> tuple[CronTrigger, ...]:
    day, weekday = _numbers(crontab.day, 31), _names(crontab.weekday)
    if crontab.either_day:
        return (_calendar(crontab, day, "*"), _calendar(crontab, "*", weekday))
    return (_calendar(crontab, day, weekday),)


def _calendar(crontab: Crontab, day: str, weekday: str) -> CronTrigger:
    return CronTrigger(
        minute=_numbers(crontab.minute, 60),
        hour=_numbers(crontab.hour, 24),
        day=day,
        month=_numbers(crontab.month, 12),
        day_of_week=weekday,
        timezone=UTC,
    )


def _numbers(part: Field, count: int) -> str:
    # A full field as a star: APScheduler walks it ten times faster than the list of all its values.
    return "*" if len(part.values) == count else ",".join(str(value) for value in part.values)


def _names(part: Field) -> str:
    # By name, because APScheduler counts weekdays from Monday and crontab from Sunday.
    return ",".join(_APSCHEDULER_WEEKDAYS[value] for value in part.values)


def _read_zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ValueError, OSError, KeyError):  # a malformed key, a folder of zones, an unknown zone
        near = get_close_matches(timezone, available_timezones(), n=1)
        hint = f"Did you mean {near[0]}?" if near else "Use a name such as Europe/Berlin or UTC."
        raise UserMistake(f"There is no time zone {timezone!r}.", hint) from None
