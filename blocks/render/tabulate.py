"""Tables in a fixed pitch, for surfaces without tables of their own."""

from collections.abc import Iterator, Sequence

from blocks.elements import Align, Table
from blocks.text import more, one_line, visible


def tabulate(table: Table) -> str:
    """The table with its columns padded, its heading ruled off, and what is missing said below."""
    cells = [[column.name for column in table.columns], *table.rows]
    shown = [[visible(one_line(cell)) for cell in row] for row in cells]
    widths = [max(len(row[index]) for row in shown) for index in range(len(table.columns))]
    head, *rows = (_padded(row, table, widths) for row in shown)
    return "\n".join([head, _padded(["─" * width for width in widths], table, widths), *rows, *_left_out(table)])


def _padded(row: Sequence[str], table: Table, widths: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if column.align is Align.RIGHT else cell.ljust(width)
        for cell, column, width in zip(row, table.columns, widths, strict=True)
    )
    return "  ".join(cells).rstrip()


def _left_out(table: Table) -> Iterator[str]:
    if table.hidden:
        yield more(table.hidden)
    if table.hidden_columns:
        yield more(table.hidden_columns, "column")
