"""Cells of one column into typed values: one reader for each kind. A cell that is none of its kind raises Misfit."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from agents.sources.formats.format import Column, Kind
from agents.sources.reading.moments import Period, nth_day, period
from agents.sources.reading.numbers import NOTHING, Point, number, point_of

WHOLE_MAX = 2**63 - 1
SCALE_MAX = 15
"""More digits after the point than this are text: no export measures so finely."""

_NAMES = {
    Kind.WHOLE: "no whole number",
    Kind.DECIMAL: "no number",
    Kind.RATIO: "no share",
    Kind.DAY: "no date",
    Kind.HOUR: "no hour",
    Kind.MOMENT: "no date or moment",
}

Read: TypeAlias = Callable[[str], object]


class Misfit(ValueError):
    """A cell is none of its column's kind; the message says what it should have been."""


def reader(column: Column, cells: Iterable[str], zone: ZoneInfo, likely: Point, starts: date | None) -> Read:
    """What reads the cells of a column. A value is None, text, int, Decimal or Period."""
    if column.kind is Kind.TEXT:
        return _text
    if column.kind in (Kind.WHOLE, Kind.DECIMAL, Kind.RATIO):
        whole = column.kind is Kind.WHOLE
        return _number_reader(column.kind, point_of(cells, whole=whole, likely=likely))
    return _time_reader(column, zone, starts)


def _text(cell: str) -> object:
    return cell.strip() or None


def _number_reader(kind: Kind, point: Point) -> Read:
    known: dict[str, object] = dict.fromkeys(NOTHING)

    def read(cell: str) -> object:
        text = cell.strip()
        if text not in known:
            value = number(text, point)
            if value is None or (kind is Kind.WHOLE and (value != int(value) or abs(value) > WHOLE_MAX)):
                raise Misfit(_NAMES[kind])
            known[text] = int(value) if kind is Kind.WHOLE else value
        return known[text]

    return read


def _time_reader(column: Column, zone: ZoneInfo, starts: date | None) -> Read:
    known: dict[str, Period | None] = {}

    def read(cell: str) -> object:
        text = cell.strip()
        if not text:
            return None
        if text not in known:
            counted = nth_day(text, starts) if column.kind is Kind.DAY else None
            said = counted.isoformat() if counted else text
            known[text] = period(said, column.kind, zone, utc=column.utc)
        found = known[text]
        if found is None:
            raise Misfit(_NAMES[column.kind])
        return found

    return read


def own_kind(cells: Sequence[str]) -> Kind:
    """What the cells of a column that no format knows are: whole numbers, numbers or text. Codes like 007 are text."""
    said = {cell.strip() for cell in cells} - {""}
    if not said:
        return Kind.TEXT
    if all(_is_whole(cell) for cell in said):
        return Kind.WHOLE
    return Kind.DECIMAL if all(_is_decimal(cell) for cell in said) else Kind.TEXT


def _is_whole(cell: str) -> bool:
    digits = cell.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 18 and (digits == "0" or digits[0] != "0")  # noqa: PLR2004 - what a BIGINT surely holds


def _is_decimal(cell: str) -> bool:
    value = number(cell, ".")
    if value is None or cell.endswith("%") or "," in cell:
        return False
    whole = cell.removeprefix("-").partition(".")[0]
    return scale_of(value) <= SCALE_MAX and (whole in ("", "0") or not whole.startswith("0"))


def time_kind(cells: Iterable[str]) -> Kind:
    """What dates the rows of a plain table: days when all are days, hours when all are full hours, else moments."""
    utc = ZoneInfo("UTC")
    kinds = [Kind.DAY, Kind.HOUR]
    for cell in {cell.strip() for cell in cells if cell.strip()}:
        kinds = [kind for kind in kinds if period(cell, kind, utc) is not None]
        if not kinds:
            return Kind.MOMENT
    return kinds[0]


def scale_of(value: Decimal) -> int:
    """How many digits stand after the point."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
