"""The files that go with a card on Discord: its drawing, and in full what the message itself can only begin to say."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import NamedTuple

from blocks.elements import Card, Chart, Payload, Quoted, Table, chart_of
from blocks.fit import fit
from blocks.limits import DISCORD, DISCORD_ALT_CHARS
from blocks.text import clip, discord_literal, one_line, utf16_length
from store.kernel.canonical import JsonObject
from store.records import CardKind

MAX_TEXTS = 3
"""Files of words that one card brings along: each takes a place among the message's components."""

_WITHOUT_TABLES = frozenset({CardKind.LOG.value})
_NAME_CHARS = 40
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[-+]?[$€£]?\d[\d.,]*(?: ?[%\w]{1,12})?", re.ASCII)


@dataclass(frozen=True)
class FileSpec:
    """One file to attach under `name`: its `content`, or the `chart` (Vega-Lite) that is to be drawn as a PNG.

    Exactly one of the two is given. `description` says it in words, at most 1,024 characters.
    """

    name: str
    description: str
    content: bytes | None = None
    chart: JsonObject | None = None


def files_of(card: Card) -> tuple[FileSpec, ...]:
    """The files that this card wants attached on Discord, equal for equal cards; `render` shows those it is told of.

    A table of which rows, columns or parts of a cell are left out comes along as CSV; an exact or quoted text that is
    cut comes along whole, byte for byte, so that a hash can be checked. Without its files a card says what is missing.
    The log of a run brings none along: each of its cards would, and all of it is a press away.
    """
    drawn = chart_of(card)
    drawings = (_drawing(drawn),) if drawn else ()
    return (*drawings, *(whole.spec for whole in wholes_of(card, fit(card, DISCORD))))


class Whole(NamedTuple):
    """A file that says all of the `number`-th element (from 0) of its `kind` in a card."""

    kind: type[Table] | type[Payload] | type[Quoted]
    number: int
    spec: FileSpec


def wholes_of(card: Card, shown: Card) -> tuple[Whole, ...]:
    """The files of words: what `card` holds and `shown`, the same card made to fit, does not say."""
    return tuple(_named_apart(list(_wholes(card, shown))[:MAX_TEXTS]))


def _named_apart(wholes: Sequence[Whole]) -> Iterator[Whole]:
    """The files, each with a name of its own."""
    seen: Counter[str] = Counter()
    for whole in wholes:
        name = whole.spec.name
        seen[name] += 1
        stem, _, ending = name.rpartition(".")
        apart = name if seen[name] == 1 else f"{stem}-{seen[name]}.{ending}"
        yield whole._replace(spec=replace(whole.spec, name=apart))


def _wholes(card: Card, shown: Card) -> Iterator[Whole]:
    tables, shown_tables = ([one for one in some.elements if isinstance(one, Table)] for some in (card, shown))
    for number, table in enumerate(() if card.kind in _WITHOUT_TABLES else tables):
        if not shown_tables or _is_cut(table, shown_tables[0]):
            yield Whole(Table, number, _csv(table, card))
    yield from _cut_texts(card, shown, Payload)
    yield from _cut_texts(card, shown, Quoted)


def _cut_texts(card: Card, shown: Card, kind: type[Payload] | type[Quoted]) -> Iterator[Whole]:
    wholes, begun = ([one for one in some.elements if isinstance(one, kind)] for some in (card, shown))
    for number, whole in enumerate(wholes):
        if number >= len(begun) or begun[number].text != whole.text:
            yield Whole(kind, number, _text(whole))


def _is_cut(table: Table, shown: Table) -> bool:
    return [[one_line(cell) for cell in row] for row in table.rows] != [list(row) for row in shown.rows]


def _drawing(chart: Chart) -> FileSpec:
    return FileSpec(chart.file_name, _said(chart.alt), chart=chart.spec)


def _csv(table: Table, card: Card) -> FileSpec:
    said = f"{table.caption or card.title}: {len(table.rows):,} rows"
    return FileSpec(f"{_slug(table.caption or card.kind, 'table')}.csv", _said(said), content=as_csv(table))


def _text(prose: Payload | Quoted) -> FileSpec:
    label, otherwise = (prose.label, "text") if isinstance(prose, Payload) else (prose.source, "quoted")
    whole = "" if prose.hidden_chars else ", whole"
    return FileSpec(f"{_slug(label, otherwise)}.txt", _said(f"{label}{whole}"), content=prose.text.encode())


def as_csv(table: Table) -> bytes:
    """The table as CSV with its heading, in UTF-8 with the mark by which spreadsheets know it.

    A cell that a spreadsheet would take for a formula is set off by an apostrophe:
    https://owasp.org/www-community/attacks/CSV_Injection, checked 2026-11-21.
    """
    out = StringIO()
    rows = [[column.name for column in table.columns], *table.rows]
    csv.writer(out).writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _inert(cell: str) -> str:
    is_formula = _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def _slug(text: str, otherwise: str) -> str:
    name = _NOT_IN_A_NAME.sub("-", text.lower()).strip("-")[:_NAME_CHARS].strip("-")
    return name or otherwise


def _said(text: str) -> str:
    return clip(discord_literal(one_line(text)), DISCORD_ALT_CHARS, utf16_length)
