"""The time a row speaks of: when it begins, and when it is over and the row can have arrived. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.sources.formats.format import Kind

_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_HOUR = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})[T ]?(\d{2})(?::?00(?::00(?:\.0+)?)?)?Z?")
_WORDS = ("%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%d %b %Y %H:%M")
_WORDED = re.compile(r"[A-Za-z]{3}|/")
_SCRIPT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2} \d{2} \d{4} \d{2}:\d{2}:\d{2} GMT[+-]\d{4})(?: \(.*\))?")
"""How JavaScript prints a moment, as Webflow's exports do: Mon Jan 08 2024 10:00:00 GMT+0000 (Coordinated …)."""
_STAMP = re.compile(r"[\d:.TZ+ -]{8,40}")


@dataclass(frozen=True, slots=True)
class Period:
    """What a time cell says. `begin` and `end` are in UTC; `local` is the begin on the clock of the source's zone."""

    begin: datetime
    end: datetime
    local: datetime


def period(cell: str, kind: Kind, zone: ZoneInfo, *, utc: bool = False) -> Period | None:
    """The day, hour or moment a cell names; None when it names none. `utc`: the cell is in UTC, whatever the zone.

    A moment without a time of day is that day. A day written 07/08/2021 is refused: nobody can tell which it is.
    """
    text = cell.strip()
    own = ZoneInfo("UTC") if utc else zone
    if kind is Kind.DAY:
        day = day_of(text)
        return None if day is None else _whole_day(day, own, zone)
    if kind is Kind.HOUR:
        hour = _hour_of(text)
        return None if hour is None else _lasting(hour.replace(tzinfo=own), timedelta(hours=1), zone)
    day = day_of(text)
    if day is not None:
        return _whole_day(day, own, zone)
    moment = _moment_of(text)
    if moment is None:
        return None
    return _lasting(moment if moment.tzinfo else moment.replace(tzinfo=own), timedelta(0), zone)


def day_of(text: str) -> date | None:
    """The day a text names without a time of day; None when it does not."""
    found = _DAY.fullmatch(text)
    if found is None:
        moment = _in_words(text)
        return moment.date() if moment is not None and moment.time() == time() else None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def nth_day(cell: str, first: date | None) -> date | None:
    """The day GA4 counts from the first day of a report: 0000 is the first; None when it cannot be told."""
    text = cell.strip()
    if first is None or not text.isdigit() or len(text) > 4:  # noqa: PLR2004 - four digits, as GA4 writes them
        return None
    return first + timedelta(days=int(text))


def _hour_of(text: str) -> datetime | None:
    found = _HOUR.fullmatch(text)
    try:
        return datetime(*(int(part) for part in found.groups())) if found else None  # type: ignore[arg-type] # noqa: DTZ001 - four numbers; the zone is the column's
    except ValueError:
        return None


def _moment_of(text: str) -> datetime | None:
    script = _SCRIPT.fullmatch(text)
    try:
        if script is not None:
            return datetime.strptime(script[1], "%b %d %Y %H:%M:%S GMT%z")
        return datetime.fromisoformat(text) if _STAMP.fullmatch(text) else _in_words(text)
    except ValueError:
        return None


def _in_words(text: str) -> datetime | None:
    if not _WORDED.search(text):
        return None
    for pattern in _WORDS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the column's
        except ValueError:
            continue
    return None


def _whole_day(day: date, own: ZoneInfo, zone: ZoneInfo) -> Period:
    begin = datetime.combine(day, time(), own)
    end = datetime.combine(day + timedelta(days=1), time(), own)
    return Period(begin.astimezone(UTC), end.astimezone(UTC), begin.astimezone(zone).replace(tzinfo=None))


def _lasting(begin: datetime, span: timedelta, zone: ZoneInfo) -> Period:
    start = begin.astimezone(UTC)
    return Period(start, start + span, start.astimezone(zone).replace(tzinfo=None))
