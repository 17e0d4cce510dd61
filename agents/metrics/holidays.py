"""Public holidays of a country, by day. The calendar package is loaded at the first question, never at start-up."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from store.kernel.errors import UserMistake


def holidays_of(country: str, years: range) -> Mapping[date, str]:
    """The public holidays of a country (ISO 3166 code of two letters), named in English where the calendar can.

    Raises UserMistake for a country the calendar does not know. Source: the `holidays` package, kept up to date there.
    """
    import holidays

    if not has_calendar(country):
        raise UserMistake(f"There is no holiday calendar for `{country[:20]}`.", "Use a code like DE, ES or US.")
    return dict(holidays.country_holidays(country.upper(), years=years, language="en_US"))


def has_calendar(country: str) -> bool:
    """Whether the calendar knows a country, by its code of two letters in either case."""
    return country.upper() in _countries()


@cache
def _countries() -> frozenset[str]:
    from holidays.registry import COUNTRIES

    return frozenset(names[1] for names in COUNTRIES.values())
