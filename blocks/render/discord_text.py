"""The strings that Discord's TextDisplays are made of: safe markdown, one element's line or two at a time.

https://docs.discord.com/developers/reference#message-formatting, checked 2026-11-21.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from blocks.columns import narrow
from blocks.elements import Fact, Item, Prose, StepMark, StepRow, Steps, Table
from blocks.limits import DISCORD_TABLE_WIDTH
from blocks.render.discord_links import link_text
from blocks.render.tabulate import left_out, written
from blocks.text import discord_code, discord_markdown, more, one_line
from blocks.words import STEP_EMOJI

NOTHING = "–"
"""Stands for an empty text, which Discord refuses."""

_BAR_CELLS = 12
_LINE_CHARS = 60
"""Of a row with its detail beside it: more would begin a second line."""
_UNFINISHED = frozenset({StepMark.WAITING, StepMark.RUNNING})


def inline(text: str) -> str:
    """`text` as safe markdown on one line, which is never empty: marks around nothing would be shown as marks."""
    return discord_markdown(one_line(text)) or NOTHING


def heading(text: str | None) -> list[str]:
    """A part's heading, as the lines it takes."""
    return [f"**{inline(text)}**"] if text else []


def small(text: str) -> str:
    """Small print."""
    return f"-# {inline(text)}"


def cut(prose: Prose) -> list[str]:
    """How much of a text is missing, as the lines it takes."""
    return [small(more(prose.hidden_chars, "character"))] if prose.hidden_chars else []


def and_more(hidden: int) -> list[str]:
    """How many rows are missing, as the lines it takes."""
    return [small(more(hidden))] if hidden else []


def fenced(text: str) -> str:
    """`text` letter by letter in a fixed pitch."""
    return f"```\n{discord_code(text) or NOTHING}\n```"


def fact_line(row: Fact, *, simulated: bool) -> str:
    """A labelled value; behind a moment by itself, how long ago or ahead it is, which Discord keeps current.

    The moments of a simulated card are none of this world's, and nothing is counted from them.
    """
    value = f"**{inline(row.label)}** {discord_markdown(row.value)}"
    if row.baseline:
        return f"{value} ({inline(row.baseline)})"
    return f"{value} · {_from_now(row.at)}" if row.at and not simulated else value


def _from_now(moment: datetime) -> str:
    return f"<t:{int(moment.timestamp())}:R>"


def item_lines(rows: Sequence[Item]) -> list[str]:
    """A list, with each address behind its words: bullets, or where details are long each below its own row."""
    if all(len(row.text) + len(row.detail or "") <= _LINE_CHARS for row in rows if row.detail):
        return [f"- {_linked(row)}" + (f" – {inline(row.detail)}" if row.detail else "") for row in rows]
    return [_linked(row) + (f"\n{small(row.detail)}" if row.detail else "") for row in rows]


def _linked(row: Item) -> str:
    return link_text(row.text, row.url) if row.url else inline(row.text)


def row_beside_button(row: Item) -> str:
    """A row whose address is on a button beside it: its words, and below them the detail in small print."""
    return f"**{inline(row.text)}**" + (f"\n{small(row.detail)}" if row.detail else "")


def step_line(row: StepRow) -> str:
    """One step: its sign and name, and in a quieter voice how it stands."""
    took = f", {inline(row.duration)}" if row.duration else ""
    detail = f": {inline(row.detail)}" if row.detail else ""
    return f"{STEP_EMOJI[row.mark]} {inline(row.name)} – {inline(row.state)}{took}{detail}"


def progress(steps: Steps) -> str:
    """A bar as long as the steps are many, filled as far as they are finished; nothing once all are."""
    total = steps.hidden + len(steps.rows)
    unfinished = sum(row.mark in _UNFINISHED for row in steps.rows)
    if not unfinished:
        return ""
    finished = total - unfinished
    cells = min(total, _BAR_CELLS)
    full = finished * cells // total
    return "▰" * full + "▱" * (cells - full)


def table_lines(table: Table) -> list[str]:
    """The table in a fixed pitch where it is narrow enough to be read so; else its rows one below the other."""
    if laid := narrow(table, DISCORD_TABLE_WIDTH):
        return [fenced(written(table, laid))]
    # These two stand side by side in every row, without their names.
    named = small(" · ".join(column.name for column in table.columns[:2]))
    rows = (line for row in table.rows for line in _stacked(table, row))
    return [named, *rows, *(small(said) for said in left_out(table))]


def _stacked(table: Table, row: tuple[str, ...]) -> Iterator[str]:
    """The row's name with its first value, then its other values with the names of their columns."""
    first = f" {inline(row[1])}" if len(row) > 1 else ""
    yield f"**{inline(row[0])}**{first}"
    named = zip(table.columns[2:], row[2:], strict=True)
    rest = [(column.name, cell) for column, cell in named if cell not in ("", NOTHING)]
    if rest:
        yield "-# " + " · ".join(f"{inline(name)} {inline(cell)}" for name, cell in rest)
