"""How wide a table stands in a fixed pitch: what each column needs, counted as a screen counts it."""

import unicodedata
from typing import NamedTuple

from blocks.elements import Table
from blocks.text import one_line, visible

MAX_HEAD_LINES = 3
"""Lines that a heading takes at most."""

_GAP = 2
_WIDE = frozenset("WF")
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
_EMOJI_SELECTOR, _JOINER = "\ufe0f", "\u200d"


class Layout(NamedTuple):
    """A table's cells as they are written: `heads` has the lines of each column's heading, `widths` of each column."""

    heads: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]

    @property
    def width(self) -> int:
        """Columns of a screen that a line takes, with two between the columns of the table."""
        return sum(self.widths) + _GAP * (len(self.widths) - 1)


def layout(table: Table, head_lines: int = 1) -> Layout:
    """The table's cells in one line each, and headings wider than their columns in up to `head_lines` lines."""
    rows = tuple(tuple(_cell(cell) for cell in row) for row in table.rows)
    body = tuple(max((display_width(row[index]) for row in rows), default=0) for index in range(len(table.columns)))
    names = tuple(_cell(column.name) for column in table.columns)
    heads = tuple(_wrap(name, width, head_lines) for name, width in zip(names, body, strict=True))
    widths = tuple(max(width, *map(display_width, head)) for width, head in zip(body, heads, strict=True))
    return Layout(heads, rows, widths)


def narrow(table: Table, width: int) -> Layout | None:
    """The table with as few lines of headings as let it stand within `width`; None when it is wider all the same."""
    laid = (layout(table, head_lines) for head_lines in range(1, MAX_HEAD_LINES + 1))
    return next((one for one in laid if one.width <= width), None)


def display_width(text: str) -> int:
    """Columns of a screen that `text` takes in a fixed pitch: two for ideographs and emoji, none for what combines.

    Widths: https://www.unicode.org/reports/tr11/, Unicode as Python knows it. A sequence joined to one emoji is one.
    """
    if text.isascii():
        return len(text)
    width, before = 0, ""
    for character in text:
        if before != _JOINER:
            width += _width(character, before)
        before = character
    return width


def _width(character: str, before: str) -> int:
    if character == _EMOJI_SELECTOR:
        return 1 if before and _width(before, "") == 1 else 0
    if unicodedata.category(character) in _UNSEEN:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def _cell(text: str) -> str:
    return visible(one_line(text))


def _wrap(name: str, width: int, lines: int) -> tuple[str, ...]:
    """The heading in at most `lines` lines, the longest of them as short as that allows, or as the column is wide."""
    words = name.split(" ")
    least = max(width, *map(display_width, words))
    rooms = range(least, display_width(name) + 1)
    return next((wrapped for room in rooms if len(wrapped := _filled(words, room)) <= lines), (name,))


def _filled(words: list[str], room: int) -> tuple[str, ...]:
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if display_width(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)
