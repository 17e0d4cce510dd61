"""The days of the invented site: which there are, and how busy a day is by its weekday, holidays and growth."""

from collections.abc import Iterator
from datetime import date, timedelta

FIRST = date(2021, 5, 1)
LAST = date(2021, 11, 30)
LOG_FIRST = date(2021, 7, 15)
"""The access log is kept from here on; the exports go back to FIRST."""

WEEKDAYS = (1.06, 1.12, 1.10, 1.05, 0.92, 0.54, 0.60)
GROWTH_A_DAY = 0.0012
HOLIDAYS = {
    date(2021, 5, 31): 0.55,  # Memorial Day
    date(2021, 6, 18): 0.92,  # Juneteenth, observed
    date(2021, 7, 5): 0.55,  # Independence Day, observed
    date(2021, 9, 6): 0.52,  # Labor Day
    date(2021, 10, 11): 0.93,  # Columbus Day
    date(2021, 11, 11): 0.92,  # Veterans Day
    date(2021, 11, 25): 0.40,  # Thanksgiving
}
HOURS = (3, 2, 2, 1, 1, 2, 2, 3, 4, 5, 6, 7, 9, 11, 12, 12, 11, 11, 10, 9, 8, 6, 5, 4)
"""How the visits of a day spread over its hours in UTC: the people who visit sit in North America."""


def all_days(first: date = FIRST) -> Iterator[date]:
    """Every day from `first` to LAST."""
    return (first + timedelta(days=n) for n in range((LAST - first).days + 1))


def busyness(day: date) -> float:
    """How busy a day is expected to be; 1 is an ordinary day at the beginning."""
    grown = 1 + GROWTH_A_DAY * (day - FIRST).days
    return WEEKDAYS[day.weekday()] * HOLIDAYS.get(day, 1.0) * grown


def spread_over_hours(total: int) -> list[int]:
    """The total divided among the 24 hours, so that they add up to it."""
    whole, ends, before = sum(HOURS), [], 0
    for weight in HOURS:
        before += weight
        ends.append(total * before // whole)
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
