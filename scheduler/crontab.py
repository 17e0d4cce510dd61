"""The five fields of crontab(5), read strictly: what they mean, or one sentence on what is wrong with them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from store.kernel.errors import UserMistake

NICKNAMES: Mapping[str, str] = MappingProxyType(
    {
        "@hourly": "0 * * * *",
        "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *",
        "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
    }
)

SUNDAY = 0
_LONGEST_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_ITEM = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?", re.ASCII)


@dataclass(frozen=True)
class Field:
    """One field as read: its values in order. `starred` when it was written with a leading `*`."""

    values: tuple[int, ...]
    starred: bool


@dataclass(frozen=True)
class Crontab:
    """A cron expression as read. Weekdays count from Sunday = 0 to Saturday = 6.

    crontab(5): when both the day of the month and the day of the week are restricted (neither starts with `*`),
    a day matches when either does; otherwise both must.
    """

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    @property
    def either_day(self) -> bool:
        """True when a day matches by the day of the month or by the day of the week."""
        return not self.day.starred and not self.weekday.starred


@dataclass(frozen=True)
class _Rule:
    name: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MINUTE = _Rule("minute", 0, 59)
_HOUR = _Rule("hour", 0, 23)
_DAY = _Rule("day of the month", 1, 31)
_MONTH = _Rule("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)})
_WEEKDAY = _Rule("day of the week", 0, 7, {name: number for number, name in enumerate(_WEEKDAYS)})


def read_crontab(expression: str) -> Crontab:
    """What a cron expression of five fields, or a nickname such as `@daily`, says.

    Raises UserMistake for anything crontab(5) does not know, and for days that no calendar has (31 February).
    """
    fields = NICKNAMES.get(expression.strip().lower(), expression).split()
    if len(fields) != len((_MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY)):
        raise UserMistake(
            f"The cron expression {expression!r} cannot be read.", _hint_for_count(expression, len(fields))
        )
    minute, hour, day, month, weekday = fields
    crontab = Crontab(
        minute=_field(minute, _MINUTE),
        hour=_field(hour, _HOUR),
        day=_field(day, _DAY),
        month=_field(month, _MONTH),
        weekday=_sunday_once(_field(weekday, _WEEKDAY)),
    )
    if not _has_a_day(crontab):
        raise UserMistake(
            f"The cron expression {expression!r} names a day that no calendar has.", "Check day and month."
        )
    return crontab


def _hint_for_count(expression: str, count: int) -> str:
    if expression.strip().startswith("@"):
        return f"The nicknames are {', '.join(NICKNAMES)}."
    if count == 6:  # noqa: PLR2004 — the one wrong count that has a reason: a leading field of seconds
        return "There is no field for seconds; for intervals under a minute use every_seconds."
    return "Write five fields: minute, hour, day of the month, month, day of the week, as in '30 9 * * mon-fri'."


def _field(text: str, rule: _Rule) -> Field:
    values = {value for item in text.split(",") for value in _item(item, rule)}
    return Field(tuple(sorted(values)), text.startswith("*"))


def _item(text: str, rule: _Rule) -> range:
    match = _ITEM.fullmatch(text)
    if match is None or (match["first"] == "*" and match["last"]):
        raise _mistake(text, rule, _allowed(rule))
    if match["step"] and match["first"] != "*" and not match["last"]:
        raise _mistake(text, rule, f"A step needs a range: write {match['first']}-{rule.high}/{match['step']}.")
    low, high = _bounds(match["first"], match["last"], rule)
    step = int(match["step"] or 1)
    if step < 1:
        raise _mistake(text, rule, "A step is at least 1.")
    return range(low, high + 1, step)


def _bounds(first: str, last: str | None, rule: _Rule) -> tuple[int, int]:
    if first == "*":
        return rule.low, rule.high - (rule is _WEEKDAY)
    low = _value(first, rule)
    high = low if last is None else _value(last, rule)
    if rule is _WEEKDAY and last is not None and high == SUNDAY < low:
        high = 7  # sat-sun: a week may also end on Sunday
    if high < low:
        raise _mistake(f"{first}-{last}", rule, f"A range runs upwards; write {first}-{rule.high},{rule.low}-{last}.")
    return low, high


def _value(text: str, rule: _Rule) -> int:
    value = rule.names.get(text.lower(), int(text) if text.isdigit() else -1)
    if not rule.low <= value <= rule.high:
        raise _mistake(text, rule, _allowed(rule))
    return value


def _allowed(rule: _Rule) -> str:
    names = f", or {next(iter(rule.names))} and so on" if rule.names else ""
    return f"Allowed: *, {rule.low}-{rule.high}{names}, ranges, lists and steps (*/5)."


def _mistake(text: str, rule: _Rule, hint: str) -> UserMistake:
    return UserMistake(f"{text!r} cannot stand for the {rule.name} in a cron expression.", hint)


def _sunday_once(weekday: Field) -> Field:
    return Field(tuple(sorted({value % 7 for value in weekday.values})), weekday.starred)


def _has_a_day(crontab: Crontab) -> bool:
    longest = max(_LONGEST_MONTHS.get(month, 31) for month in crontab.month.values)
    return crontab.either_day or crontab.day.values[0] <= longest
