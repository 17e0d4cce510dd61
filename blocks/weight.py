"""How much room a card takes on a surface: an upper bound that every renderer stays under."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from blocks.columns import MAX_HEAD_LINES, display_width, narrow
from blocks.elements import Card, Chart, Element, Facts, Image, Items, Payload, Quoted, Steps, Table, Text
from blocks.limits import Limits

_PIECES: dict[type[Element], int] = {Table: 3, Chart: 2, Payload: 2}
"""Blocks or components an element becomes at most, where that is not one."""
_STATEMENT = 120
"""The sentence that says how much of a payload is shown."""
_STACKED_ROW, _STACKED_CELL = 12, 4
"""What stands around a row and around a value, where rows are written one below the other."""
_MOMENT = 28
"""How long ago a moment is, as a surface writes it that counts for itself."""
_BAR = 16
"""How far the steps are."""


class Weight(NamedTuple):
    """Characters, and blocks or components."""

    chars: int
    pieces: int


def weigh_head(card: Card, limits: Limits) -> Weight:
    """The card's first line, and the small one below it."""
    return Weight(_strings((card.state, card.title, card.made_up), limits) + limits.part_overhead_chars, 1)


def weigh(element: Element, limits: Limits) -> Weight:
    """One element."""
    chars = _table(element, limits) if isinstance(element, Table) else _strings(_texts(element, limits), limits)
    if isinstance(element, Chart):
        chars += _table(element.table, limits)
    return Weight(chars + limits.part_overhead_chars, _PIECES.get(type(element), 1))


def _strings(texts: Iterable[str | None], limits: Limits) -> int:
    return sum(limits.length(text) + limits.string_overhead_chars for text in texts if text)


def _table(table: Table, limits: Limits) -> int:
    cells = [[column.name for column in table.columns], *table.rows]
    if not limits.counts_layout:
        return _strings((cell for row in cells for cell in row), limits) + _strings((table.caption,), limits)
    is_stacked = limits.table_width is not None and narrow(table, limits.table_width) is None
    body = _stacked(table, limits) if is_stacked else _padded(cells, limits)
    return body + _strings((table.caption,), limits)


def _padded(cells: list[Sequence[str]], limits: Limits) -> int:
    """Columns padded to their widest cell, where a surface has no tables of its own."""
    columns = range(len(cells[0]))
    widths = [max(max(limits.length(row[index]), display_width(row[index])) for row in cells) + 2 for index in columns]
    return sum(widths) * (len(cells) + MAX_HEAD_LINES)  # and the rule below the heading


def _stacked(table: Table, limits: Limits) -> int:
    """Rows one below the other, each value with the name of its column."""
    names = [limits.length(column.name) for column in table.columns]
    around = _STACKED_ROW + _STACKED_CELL * len(names) + sum(names[2:])
    rows = sum(around + sum(map(limits.length, row)) for row in table.rows)
    return rows + sum(names[:2]) + 2 * _STACKED_ROW


def _texts(element: Element, limits: Limits) -> list[str | None]:
    match element:
        case Text():
            return [element.heading, element.text, *("" for _ in element.text.split("\n"))]
        case Facts():
            return [
                text
                for row in element.rows
                for text in (row.label, row.value, row.baseline, "x" * _MOMENT if row.at else None)
            ]
        case Items():
            return [
                element.heading,
                element.empty,
                *(text for row in element.rows for text in (row.text, row.detail)),
                *(row.url for row in element.rows if limits.counts_layout),
            ]
        case Steps():
            return [
                element.title,
                "x" * _BAR,
                *(text for row in element.rows for text in (row.name, row.state, row.duration, row.detail)),
            ]
        case Quoted():
            return [element.source, element.text, "\n" * (2 * element.text.count("\n"))]
        case Payload():
            return [element.label, element.text, element.note, "x" * _STATEMENT]
        case Chart():
            return [element.title, element.alt]
        case Image():
            return [element.alt]
        case _:
            return list(getattr(element, "parts", ()))
