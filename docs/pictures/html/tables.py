"""Tables as HTML."""

from itertools import zip_longest

from markupsafe import Markup

from docs.pictures.block_kit.blocks import Cell, ColumnSetting, DataTable, RawNumber, RawText, Table
from docs.pictures.html.markup import Page, tag
from docs.pictures.html.rich_text import rich_text_html

_PLAIN = ColumnSetting()


def table_html(table: Table, page: Page) -> Markup:
    """The whole table; a column that does not wrap is as wide as its longest cell, and Slack scrolls it sideways."""
    settings = tuple(setting or _PLAIN for setting in table.column_settings)
    head, *rest = (_row(row, settings, page) for row in table.rows)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rest)), cls="table")


def data_table_html(table: DataTable, page: Page) -> Markup:
    """Its first page, with the caption above and what the page stands for below."""
    head, *rest = (_row(row, (), page) for row in table.rows)
    shown = rest[: table.page_size]
    foot = tag("div", f"1–{len(shown)} of {len(rest)}", tag("span", "‹ ›", cls="pager"), cls="paging")
    grid = tag("table", tag("thead", head), tag("tbody", *shown))
    return tag("div", tag("div", table.caption, cls="caption"), grid, foot, cls="table data")


def _row(row: tuple[Cell, ...], settings: tuple[ColumnSetting, ...], page: Page) -> Markup:
    cells = (
        _cell(cell, setting, page)
        for cell, setting in zip_longest(row, settings[: len(row)], fillvalue=_PLAIN)
        if not isinstance(cell, ColumnSetting)
    )
    return tag("tr", *cells)


def _cell(cell: Cell, setting: ColumnSetting, page: Page) -> Markup:
    wraps = "wraps" if setting.is_wrapped else "runs"
    return tag("td", _content(cell, page), cls=f"{wraps} {setting.align}", dir="auto")


def _content(cell: Cell, page: Page) -> str:
    match cell:
        case RawText():
            return cell.text
        case RawNumber():
            return cell.text or f"{cell.value:g}"
        case _:
            return rich_text_html(cell, page)
