"""Numbers as people's spreadsheets write them. Pure: which sign is the decimal point is decided for a whole column."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, TypeAlias

Point: TypeAlias = Literal[".", ","]

DIGITS_MAX = 30
"""A number with more digits is text: no count of anything is that large."""

NOTHING = frozenset({"", "-", "–", "—", "n/a", "N/A", "null", "NULL"})
"""Cells that say there is no number."""

_SPACES = str.maketrans("", "", "   '’")
_MONEY = "$€£¥"
_GROUPED = {sign: re.compile(rf"[1-9]\d{{0,2}}(?:\{sign}\d{{3}})+") for sign in (".", ",")}
_NUMBER = {
    point: re.compile(rf"[+-]?(?:\d{{1,3}}(?:\{group}\d{{3}})+|\d+)?(?:\{point}\d+)?(?:[eE][+-]?\d{{1,2}})?")
    for point, group in ((".", ","), (",", "."))
}


def point_of(cells: Iterable[str], *, whole: bool, likely: Point) -> Point:
    """Which sign the column writes before decimals. `likely` decides where nothing in the column does.

    `1.234` alone may be either: in a column of `whole` numbers it groups thousands.
    """
    seen: dict[str, int] = {".": 0, ",": 0}
    grouped: set[str] = set()
    for cell in cells:
        text = cell.translate(_SPACES).strip(f"+-%{_MONEY}")
        last = max(text.rfind("."), text.rfind(","))
        if last < 0:
            continue
        sign = text[last]
        if "." in text and "," in text:
            seen[sign] += 1
        elif _GROUPED[sign].fullmatch(text):
            grouped.add(sign)
        else:
            seen[sign] += 1
    return _decided(seen, grouped, whole=whole, likely=likely)


def _decided(seen: dict[str, int], grouped: set[str], *, whole: bool, likely: Point) -> Point:
    if seen["."] or seen[","]:
        return "." if seen["."] >= seen[","] else ","
    if whole and len(grouped) == 1:
        return "," if "." in grouped else "."
    return likely


def number(cell: str, point: Point) -> Decimal | None:
    """The number a cell says, shares (`4.17%`) as parts of one; None when it is none."""
    text = cell.strip().translate(_SPACES).strip(_MONEY)
    share = text.endswith("%")
    text = text.removesuffix("%")
    if not text or text[-1] in "+-.,eE" or not _NUMBER[point].fullmatch(text):
        return None
    plain = text.replace("," if point == "." else ".", "").replace(point, ".")
    if sum(sign.isdigit() for sign in plain) > DIGITS_MAX:
        return None
    value = Decimal(plain)
    return value / 100 if share else value
