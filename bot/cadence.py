"""When a schedule runs, in words where the words are certain; otherwise its cron line as written."""

from typing import Protocol

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CRON_FIELDS = 5
_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


class Rhythm(Protocol):
    """Whatever says when something runs: exactly one of the two is set."""

    @property
    def cron(self) -> str | None: ...

    @property
    def every_seconds(self) -> int | None: ...


def cadence(schedule: Rhythm) -> str:
    """When it runs: "Every day at 08:00", "Every 10 seconds", or the five cron fields."""
    if schedule.every_seconds:
        return _interval(schedule.every_seconds)
    return _cron_in_words(schedule.cron or "") or f"cron {schedule.cron}"


def _interval(seconds: int) -> str:
    name, size = next((name, size) for name, size in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"Every {name}" if count == 1 else f"Every {count} {name}s"


def _cron_in_words(cron: str) -> str | None:
    """Words for a plain minute with plain hours; None for whatever has steps, ranges or dates."""
    fields = cron.split()
    if len(fields) != _CRON_FIELDS or fields[2:4] != ["*", "*"] or not fields[0].isdigit():
        return None
    minute, hour, weekday = int(fields[0]), fields[1], fields[4]
    if hour == "*" and weekday == "*":
        return f"Every hour at {minute:02} past"
    if not hour.isdigit():
        return None
    days = _days_in_words(weekday)
    return f"{days} at {int(hour):02}:{minute:02}" if days else None


def _days_in_words(weekday: str) -> str | None:
    if weekday == "*":
        return "Every day"
    if weekday in ("1-5", "mon-fri"):
        return "Monday to Friday"
    return f"Every {_DAYS[int(weekday)]}" if weekday.isdigit() and int(weekday) < len(_DAYS) else None
