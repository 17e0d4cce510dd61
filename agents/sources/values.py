"""A database's values as exact JSON. Pure."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from store.kernel.canonical import Json, canonical_bytes
from store.kernel.errors import UserMistake

CELL_MAX_BYTES = 16_384
ROWS_MAX_BYTES = 200_000
"""What the rows of an answer may take, so that the whole of it stays below what a step may keep."""


def exact(value: object) -> Json:
    """A whole number stays one, any other number is exact decimal text; times are ISO text, nothing is null.

    A number that is none (infinity, not a number) is null too.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f") if math.isfinite(value) else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return format(Decimal(value // timedelta(microseconds=1)) / 1_000_000, "f")
    return _many(value)


def _many(value: object) -> Json:
    if isinstance(value, list | tuple):
        return [exact(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): exact(one) for key, one in value.items()}
    return str(value)


def fitting(rows: list[tuple[Json, ...]]) -> list[tuple[Json, ...]]:
    """As many of the rows as may be kept, from the first. Raises UserMistake for one that is too large by itself."""
    size, kept = 0, []
    for row in rows:
        largest = max((len(canonical_bytes(cell)) for cell in row), default=0)
        if largest > CELL_MAX_BYTES:
            raise UserMistake(f"One value has {largest} bytes; at most {CELL_MAX_BYTES} are given.", "Use left().")
        size += len(canonical_bytes(list(row))) + 1
        if size > ROWS_MAX_BYTES:
            break
        kept.append(row)
    return kept
