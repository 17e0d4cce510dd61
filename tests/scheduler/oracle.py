"""When a cron expression is due, found by looking at the wall clock once a minute: slow, and nothing of ours in it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Wall = tuple[int, int, int, int, int]
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES = {
    name: number
    for names, first in (("jan feb mar apr may jun jul aug sep oct nov dec", 1), ("sun mon tue wed thu fri sat", 0))
    for number, name in enumerate(names.split(), first)
}


class Oracle:
    """One expression of five fields, by the words of crontab(5)."""

    def __init__(self, expression: str) -> None:
        self._texts = expression.split()
        fields = zip(self._texts, _RANGES, strict=True)
        self._minute, self._hour, self._day, self._month, self._weekday = (_set(*field) for field in fields)
        self._weekday |= {0} if 7 in self._weekday else set()
        self.fixed_hours = not self._texts[1].startswith("*")

    def matches(self, wall: datetime) -> bool:
        """Whether the clock's face says that it is time."""
        if wall.minute not in self._minute or wall.hour not in self._hour or wall.month not in self._month:
            return False
        day, weekday = wall.day in self._day, wall.isoweekday() % 7 in self._weekday
        both_restricted = not self._texts[2].startswith("*") and not self._texts[4].startswith("*")
        return day or weekday if both_restricted else day and weekday

    def due_times(self, minutes: Iterable[tuple[datetime, datetime]]) -> Iterator[datetime]:
        """Due times among consecutive minutes, each as (instant, wall clock); the first is only looked back upon."""
        shown: set[datetime] = set()
        before: datetime | None = None
        for instant, wall in minutes:
            if before is not None and self._due(wall, before, shown):
                yield instant
            shown.add(wall)
            before = wall

    def _due(self, wall: datetime, before: datetime, shown: set[datetime]) -> bool:
        if not self.fixed_hours:
            return self.matches(wall)
        skipped = before + MINUTE
        while skipped < wall:
            if self.matches(skipped):
                return True
            skipped += MINUTE
        return self.matches(wall) and wall not in shown


def _set(text: str, bounds: tuple[int, int]) -> set[int]:
    found: set[int] = set()
    for part in text.lower().split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        first = bounds[0] if low == "*" else _number(low)
        last = bounds[1] if low == "*" else _number(high or low)
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def _number(text: str) -> int:
    return _NAMES[text] if text in _NAMES else int(text)


@lru_cache(maxsize=64)
def minutes(zone: str, start: datetime, count: int) -> tuple[tuple[datetime, datetime], ...]:
    """Consecutive minutes as (instant in UTC, what the wall clocks of the zone show)."""
    info = ZoneInfo(zone)
    instants = (start + number * MINUTE for number in range(count))
    return tuple((instant, instant.astimezone(info).replace(tzinfo=None)) for instant in instants)


@lru_cache(maxsize=16)
def transitions(zone: str, first_year: int, last_year: int) -> tuple[datetime, ...]:
    """The hours after which the zone's clocks have jumped."""
    info, found = ZoneInfo(zone), []
    at = datetime(first_year, 1, 1, tzinfo=UTC)
    while at.year <= last_year:
        later = at + timedelta(hours=1)
        if at.astimezone(info).utcoffset() != later.astimezone(info).utcoffset():
            found.append(later)
        at = later
    return tuple(found)
