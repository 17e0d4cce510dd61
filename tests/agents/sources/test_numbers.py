"""Numbers and moments as spreadsheets write them: read exactly, or not at all."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.formats.format import Kind
from agents.sources.reading.moments import day_of, nth_day, period
from agents.sources.reading.numbers import Point, number, point_of

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    ("cell", "point", "value"),
    [
        ("1234", ".", "1234"),
        ("1,234", ".", "1234"),
        ("1,234,567.80", ".", "1234567.80"),
        ("1.234,5", ",", "1234.5"),
        ("-0.5", ".", "-0.5"),
        (".5", ".", "0.5"),
        ("4.17%", ".", "0.0417"),
        ("4,17 %", ",", "0.0417"),
        ("$1,200.00", ".", "1200.00"),
        ("12 €", ".", "12"),
        ("1 234", ".", "1234"),
        ("1e-05", ".", "0.00001"),
        ("1,23", ".", None),
        ("12,345,6", ".", None),
        ("1.2.3", ".", None),
        ("abc", ".", None),
        ("", ".", None),
        ("%", ".", None),
        ("NaN", ".", None),
        ("inf", ".", None),
        ("1e999", ".", None),
        ("٣", ".", "3"),
        ("9" * 31, ".", None),
    ],
)
def test_a_number_is_read_exactly_or_not_at_all(cell: str, point: Point, value: str | None) -> None:
    assert number(cell, point) == (None if value is None else Decimal(value))


@given(st.integers(-(10**12), 10**12), st.integers(0, 4), st.sampled_from([".", ","]))
def test_what_a_spreadsheet_writes_is_what_it_meant(whole: int, places: int, point: Point) -> None:
    value = Decimal(whole).scaleb(-places)
    written = f"{value:,.{places}f}"
    if point == ",":
        written = written.translate(str.maketrans(".,", ",."))
    assert number(written, point) == value


@pytest.mark.parametrize(
    ("cells", "whole", "likely", "point"),
    [
        (["1,234", "5"], True, ".", "."),
        (["1.234", "5"], True, ".", ","),
        (["1.234", "5"], False, ".", "."),
        (["1,5", "1,234"], False, ".", ","),
        (["0.692", "1.618"], False, ",", "."),
        (["1.234,5"], False, ".", ","),
        (["1,234.5"], False, ",", "."),
        (["7", "8"], False, ",", ","),
        (["1,234", "2.5"], False, ",", "."),
    ],
)
def test_the_whole_column_decides_which_sign_is_the_point(
    cells: list[str], whole: bool, likely: Point, point: Point
) -> None:
    assert point_of(cells, whole=whole, likely=likely) == point


@pytest.mark.parametrize(
    ("cell", "kind", "begin", "end"),
    [
        ("20210704", Kind.DAY, "2021-07-03T22:00", "2021-07-04T22:00"),
        ("2021-03-28", Kind.DAY, "2021-03-27T23:00", "2021-03-28T22:00"),
        ("Jul 4, 2021", Kind.DAY, "2021-07-03T22:00", "2021-07-04T22:00"),
        ("2021070410", Kind.HOUR, "2021-07-04T08:00", "2021-07-04T09:00"),
        ("2021-07-04T10:00", Kind.HOUR, "2021-07-04T08:00", "2021-07-04T09:00"),
        ("2021-07-04 10:00:00", Kind.HOUR, "2021-07-04T08:00", "2021-07-04T09:00"),
        ("2021-07-04T10:05:06+00:00", Kind.MOMENT, "2021-07-04T10:05:06", "2021-07-04T10:05:06"),
        ("2021-07-04 10:05", Kind.MOMENT, "2021-07-04T08:05", "2021-07-04T08:05"),
        ("2021-07-04", Kind.MOMENT, "2021-07-03T22:00", "2021-07-04T22:00"),
        ("4 Jul 2021", Kind.MOMENT, "2021-07-03T22:00", "2021-07-04T22:00"),
    ],
)
def test_a_time_is_the_period_it_names_in_the_zone(cell: str, kind: Kind, begin: str, end: str) -> None:
    found = period(cell, kind, MADRID)
    assert found is not None
    assert found.begin == datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert found.end == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("07/08/2021", Kind.DAY),
        ("20210231", Kind.DAY),
        ("2021-07-04T10:30", Kind.HOUR),
        ("2021-07-04T25:00", Kind.HOUR),
        ("yesterday", Kind.MOMENT),
        ("12", Kind.MOMENT),
        ("", Kind.DAY),
        ("Total", Kind.DAY),
    ],
)
def test_what_names_no_time_is_none(cell: str, kind: Kind) -> None:
    assert period(cell, kind, MADRID) is None


def test_days_are_counted_from_the_first_day_of_the_report() -> None:
    assert nth_day("0003", date(2021, 7, 1)) == date(2021, 7, 4)
    assert nth_day("0003", None) is None
    assert nth_day("20210704", date(2021, 7, 1)) is None
    assert day_of("20210704") == date(2021, 7, 4)
