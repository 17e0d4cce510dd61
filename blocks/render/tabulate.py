"""Tables in a fixed pitch, for surfaces without tables of their own."""

from collections.abc import Iterator, Sequence

from blocks.columns import Layout, display_width, layout
from blocks.elements import Align, Table
from blocks.text import more


def tabulate(table: Table) -> str:
    """The table with its columns padded, its heading ruled off, and what is missing said below."""
    return written(table, layout(table))


def written(table: Table, laid: Layout) -> str:
    """The same, laid out like this."""
    rule = ["─" * width for width in laid.widths]
    rows = [*_heads(laid), rule, *laid.rows]
    return "\n".join([*(_padded(row, table, laid.widths) for row in rows), *left_out(table)])


def left_out(table: Table) -> Iterator[str]:
    """What is not shown, in words: rows, then columns."""
    if table.hidden:
        yield more(table.hidden)
    if table.hidden_columns:
        yield more(table.hidden_columns, "column")


def _heads(laid: Layout) -> Iterator[list[str]]:
    """The lines of the heading; a short one stands at the foot of its column."""
    lines = max(len(head) for head in laid.heads)
    for number in range(lines):
        yield [head[number - lines] if lines - number <= len(head) else "" for head in laid.heads]


def _padded(row: Sequence[str], table: Table, widths: Sequence[int]) -> str:
    cells = (
        " " * (width - display_width(cell)) + cell
        if column.align is Align.RIGHT
        else cell + " " * (width - display_width(cell))
        for cell, column, width in zip(row, table.columns, widths, strict=True)
    )
    return "  ".join(cells).rstrip()
