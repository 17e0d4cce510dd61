"""The table in a text: which delimiter, which of several tables, its header and its rows with their lines."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from agents.sources.formats.format import plain_name

DELIMITERS = (",", "\t", ";", "|")
COMMENT = "#"
_START = re.compile(r"start date:?\s*(\d{4})-?(\d{2})-?(\d{2})", re.IGNORECASE)
_TOTALS = frozenset({"total", "totals", "grand total"})

Fits = Callable[[Sequence[str]], int]
"""How many of the columns that are looked for a header has."""


@dataclass(slots=True)
class Grid:
    """One table as text. `rows` are its cells with the line each begins in; `broken` are lines that are no row.

    `starts` is the first day that a comment names; None: none does. `notes` say what was left out on purpose.
    `cut_off` says that the last line is only half there.
    """

    delimiter: str
    header: tuple[str, ...] = ()
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    starts: date | None = None
    notes: list[str] = field(default_factory=list)
    cut_off: bool = False


def grid_of(text: str, fits: Fits, *, enough: int, commented: bool) -> Grid:
    """The first table of the text whose header has `enough` of the columns looked for; else the first table at all.

    A text without any line has an empty header.
    """
    delimiter = _delimiter(text, fits, commented=commented)
    tables = list(_tables(text, delimiter, commented=commented))
    chosen = next((one for one in tables if fits(one.header) >= enough), tables[0] if tables else Grid(delimiter))
    others = sum(1 for one in tables if one is not chosen and one.rows)
    if others:
        chosen.notes.append(f"{_counted(others, 'other table')} in the file left out")
    _look_at_the_end(chosen, text, last=not tables or chosen is tables[-1])
    return chosen


def _delimiter(text: str, fits: Fits, *, commented: bool) -> str:
    heads = [line for line in text.splitlines()[:50] if line.strip() and not (commented and line.startswith(COMMENT))]
    scores = [
        (max((fits(line.split(one)) for line in heads), default=0), heads[0].count(one) if heads else 0, -position)
        for position, one in enumerate(DELIMITERS)
    ]
    return DELIMITERS[-max(scores)[2]]


def _tables(text: str, delimiter: str, *, commented: bool) -> Iterator[Grid]:
    """Every table: in a commented file a blank line or a comment ends one; else there is one."""
    starts: date | None = None
    table: Grid | None = None
    for line, cells, trouble in _lines(text, delimiter):
        first = cells[0] if cells else ""
        if commented and first.startswith(COMMENT):
            starts = _start_in(",".join(cells)) or starts
        elif trouble is not None:
            if table is not None:
                table.broken.append((line, trouble))
            continue
        elif any(cell.strip() for cell in cells):
            if table is None:
                table = Grid(delimiter, tuple(cell.strip() for cell in cells), starts=starts)
            else:
                _add(table, line, cells, commented=commented)
            continue
        if commented and table is not None:
            yield table
            table = None
    if table is not None:
        yield table


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            unclosed = "unexpected end of data" in str(error)
            yield line, [], "opens a quote that never closes" if unclosed else "has quotes in the wrong place"


def _add(table: Grid, line: int, cells: list[str], *, commented: bool) -> None:
    while len(cells) > len(table.header) and not cells[-1].strip():
        cells.pop()
    if cells[0].strip() == table.header[0] and [*map(plain_name, cells)] == [*map(plain_name, table.header)]:
        table.notes.append("a repeated header left out")
    elif commented and _is_total(cells):
        table.notes.append("a row of totals left out")
    elif len(cells) != len(table.header):
        table.broken.append((line, f"has {_counted(len(cells), 'cell')} instead of {len(table.header)}"))
    else:
        table.rows.append((line, cells))


def _is_total(cells: Sequence[str]) -> bool:
    first = next((cell for cell in cells if cell.strip()), "")
    last = next((cell for cell in reversed(cells) if cell.strip()), "")
    return plain_name(first) in _TOTALS or plain_name(last) in _TOTALS


def _start_in(comment: str) -> date | None:
    found = _START.search(comment)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _look_at_the_end(table: Grid, text: str, *, last: bool) -> None:
    """A last line without its end and with too few cells was being written when the file was read."""
    if not last or not table.broken:
        return
    line, trouble = table.broken[-1]
    short = not text.endswith("\n") and (not table.rows or line > table.rows[-1][0]) and trouble.startswith("has ")
    table.cut_off = short or trouble.startswith("opens")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
