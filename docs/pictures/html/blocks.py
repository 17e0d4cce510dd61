"""Blocks as HTML."""

from functools import singledispatch

from markupsafe import Markup

from docs.pictures.block_kit.blocks import (
    Actions,
    AnyBlock,
    Context,
    ContextActions,
    DataTable,
    DataVisualization,
    Divider,
    EntityCard,
    Header,
    Image,
    Input,
    Plan,
    Section,
    Table,
    TaskCard,
)
from docs.pictures.block_kit.elements import Picture
from docs.pictures.block_kit.rich_text import RichText
from docs.pictures.html.charts import chart_html
from docs.pictures.html.elements import element_html
from docs.pictures.html.markup import Page, joined, tag
from docs.pictures.html.rich_text import rich_text_html
from docs.pictures.html.tables import data_table_html, table_html
from docs.pictures.html.tasks import plan_html, task_html
from docs.pictures.html.text import plain_words, text_html


def blocks_html(blocks: tuple[AnyBlock, ...], page: Page) -> Markup:
    """The blocks one below the other."""
    return joined(tag("div", block_html(block, page), cls=f"block block-{block.type}") for block in blocks)


@singledispatch
def block_html(block: AnyBlock, _page: Page) -> Markup:
    """One block."""
    raise TypeError(f"no picture of {type(block).__name__}")


@block_html.register
def _header(block: Header, _page: Page) -> Markup:
    return tag("h3", plain_words(block.text), dir="auto")


@block_html.register
def _section(block: Section, page: Page) -> Markup:
    said = [text_html(block.text, page)] if block.text else []
    if block.fields:
        said.append(tag("div", *(text_html(field, page) for field in block.fields), cls="fields"))
    beside = [tag("div", element_html(block.accessory, page), cls="accessory")] if block.accessory else []
    return tag("div", tag("div", *said, cls="said"), *beside, cls="section")


@block_html.register
def _context(block: Context, page: Page) -> Markup:
    return tag(
        "div",
        *(element_html(part, page) if isinstance(part, Picture) else text_html(part, page) for part in block.elements),
        cls="context",
    )


@block_html.register
def _actions(block: Actions, page: Page) -> Markup:
    return tag("div", *(element_html(element, page) for element in block.elements), cls="actions")


@block_html.register
def _context_actions(block: ContextActions, page: Page) -> Markup:
    return tag("div", *(element_html(element, page) for element in block.elements), cls="context-actions")


@block_html.register
def _divider(_block: Divider, _page: Page) -> Markup:
    return tag("div", cls="divider")


@block_html.register
def _image(block: Image, page: Page) -> Markup:
    address = page.file(block.slack_file.id) if block.slack_file else str(block.image_url)
    title = (
        [tag("div", plain_words(block.title), tag("span", "▾", cls="caret"), cls="image-title")] if block.title else []
    )
    return tag("div", *title, tag("img", src=address, alt=block.alt_text), cls="image")


@block_html.register
def _input(block: Input, page: Page) -> Markup:
    optional = [tag("span", " (optional)", cls="quiet")] if block.optional else []
    said = [tag("div", plain_words(block.label), *optional, cls="label", dir="auto"), element_html(block.element, page)]
    if block.hint is not None:
        said.append(tag("div", plain_words(block.hint), cls="hint", dir="auto"))
    return tag("div", *said, cls="input")


@block_html.register
def _rich_text(block: RichText, page: Page) -> Markup:
    return rich_text_html(block, page)


@block_html.register
def _table(block: Table, page: Page) -> Markup:
    return table_html(block, page)


@block_html.register
def _data_table(block: DataTable, page: Page) -> Markup:
    return data_table_html(block, page)


@block_html.register
def _plan(block: Plan, page: Page) -> Markup:
    return plan_html(block, page)


@block_html.register
def _task(block: TaskCard, page: Page) -> Markup:
    return task_html(block, page)


@block_html.register
def _chart(block: DataVisualization, _page: Page) -> Markup:
    return chart_html(block)


@block_html.register
def _entity(block: EntityCard, page: Page) -> Markup:
    icon = [tag("div", element_html(block.icon, page), cls="entity-icon")] if block.icon else []
    parts = (("title", block.title), ("subtitle", block.subtitle), ("body", block.body), ("subtext", block.subtext))
    said = [text_html(text, page, f"entity-{name}") for name, text in parts if text]
    pressed = [tag("div", *(element_html(button, page) for button in block.actions), cls="actions")]
    return tag("div", *icon, tag("div", *said, *(pressed if block.actions else [])), cls="entity")
