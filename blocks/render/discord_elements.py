"""A card's elements as Components V2: https://docs.discord.com/developers/components/reference, checked 2026-11-21."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from blocks.elements import (
    Chart,
    Context,
    Divider,
    Element,
    Facts,
    Image,
    Item,
    Items,
    Payload,
    Quoted,
    Steps,
    Table,
    Text,
)
from blocks.render.discord_text import (
    NOTHING,
    and_more,
    cut,
    fact_line,
    fenced,
    heading,
    inline,
    item_lines,
    progress,
    row_beside_button,
    small,
    step_line,
    table_lines,
)
from blocks.render.words import earlier, hidden_in_words
from blocks.text import discord_literal, discord_markdown
from store.kernel.canonical import Json, JsonObject

SECTION, TEXT_DISPLAY, MEDIA_GALLERY, FILE, SEPARATOR = 9, 10, 12, 13, 14
BUTTON, LINK_STYLE = 2, 5


@dataclass(frozen=True)
class Page:
    """What drawing one element needs to know beside it.

    `drawn` are the names of the pictures attached to the message; `whole` is the name of the attached file that says
    all of this element, None without one. With `beside` the rows of a list have their addresses on buttons.
    """

    drawn: frozenset[str] = frozenset()
    whole: str | None = None
    beside: bool = False
    simulated: bool = False


def text_display(content: str) -> JsonObject:
    """A TextDisplay of text that is already safe markdown."""
    return {"type": TEXT_DISPLAY, "content": content if content.strip() else NOTHING}


def file_component(name: str) -> JsonObject:
    """An attached file to be opened or kept."""
    return {"type": FILE, "file": {"url": f"attachment://{name}"}}


def separator() -> JsonObject:
    """A thin line."""
    return {"type": SEPARATOR, "divider": True, "spacing": 1}


def shown_label(text: str) -> str:
    """A label's letters: labels are no markdown, and Discord takes no blank one."""
    return discord_literal(text) if text.strip() else NOTHING


def link_button(label: str, url: str) -> JsonObject:
    """A button that opens an address."""
    return {"type": BUTTON, "style": LINK_STYLE, "label": shown_label(label), "url": url}


@singledispatch
def components_of(element: Element, _page: Page) -> Iterator[JsonObject]:
    """The components of one element, none if it has nothing to say."""
    raise TypeError(f"no Discord form for {type(element).__name__}")


@components_of.register
def _text(text: Text, _page: Page) -> Iterator[JsonObject]:
    lines = [*heading(text.heading), *([discord_markdown(text.text)] if text.text else []), *cut(text)]
    if lines:
        yield text_display("\n".join(lines))


@components_of.register
def _facts(facts: Facts, page: Page) -> Iterator[JsonObject]:
    lines = [*(fact_line(row, simulated=page.simulated) for row in facts.rows), *and_more(facts.hidden)]
    if lines:
        yield text_display("\n".join(lines))


@components_of.register
def _items(items: Items, page: Page) -> Iterator[JsonObject]:
    if page.beside:
        yield from _sections(items)
        return
    nothing = [] if items.rows or items.hidden else [inline(items.empty)]
    lines = [*heading(items.heading), *nothing, *item_lines(items.rows), *and_more(items.hidden)]
    yield text_display("\n".join(lines))


def _sections(items: Items) -> Iterator[JsonObject]:
    if items.heading:
        yield text_display("\n".join(heading(items.heading)))
    for row in items.rows:
        yield _section(row)
    if items.hidden:
        yield text_display("\n".join(and_more(items.hidden)))


def _section(row: Item) -> JsonObject:
    words: list[Json] = [text_display(row_beside_button(row))]
    return {"type": SECTION, "components": words, "accessory": link_button("Open", row.url or "")}


@components_of.register
def _table(table: Table, page: Page) -> Iterator[JsonObject]:
    yield text_display("\n".join([*heading(table.caption), *table_lines(table)]))
    yield from _whole(page)


@components_of.register
def _chart(chart: Chart, page: Page) -> Iterator[JsonObject]:
    if chart.file_name in page.drawn:
        yield _picture(chart.file_name, chart.alt)  # the drawing has its title in it
        return
    words = f"The chart is not shown here. {discord_markdown(chart.alt)}"
    yield text_display("\n".join([*heading(chart.title), words, *table_lines(chart.table)]))


@components_of.register
def _steps(steps: Steps, _page: Page) -> Iterator[JsonObject]:
    before = [small(earlier(steps.hidden))] if steps.hidden else []
    title = " ".join(part for part in (*heading(steps.title), progress(steps)) if part)
    yield text_display("\n".join([title, *before, *(step_line(row) for row in steps.rows)]))


@components_of.register
def _quoted(quoted: Quoted, page: Page) -> Iterator[JsonObject]:
    lines = [f"> {line}" for line in discord_markdown(quoted.text).split("\n")]
    yield text_display("\n".join([*heading(quoted.source), *lines, *cut(quoted)]))
    yield from _whole(page)


@components_of.register
def _payload(payload: Payload, page: Page) -> Iterator[JsonObject]:
    hidden = [small(hidden_in_words(payload))] if payload.hidden_chars else []
    note = [small(payload.note)] if payload.note else []
    yield text_display("\n".join([*heading(payload.label), fenced(payload.text), *hidden, *note]))
    yield from _whole(page)


def _whole(page: Page) -> Iterator[JsonObject]:
    if page.whole:
        yield file_component(page.whole)


@components_of.register
def _image(image: Image, page: Page) -> Iterator[JsonObject]:
    if image.file_name in page.drawn:
        yield _picture(image.file_name, image.alt)
        return
    yield text_display(f"The image is not shown here. {discord_markdown(image.alt)}")


@components_of.register
def _divider(_divider: Divider, _page: Page) -> Iterator[JsonObject]:
    yield separator()


@components_of.register
def _context(context: Context, _page: Page) -> Iterator[JsonObject]:
    if context.parts:
        yield text_display(small(" · ".join(context.parts)))


def _picture(file_name: str, alt: str) -> JsonObject:
    item: JsonObject = {"media": {"url": f"attachment://{file_name}"}, "description": shown_label(alt)}
    return {"type": MEDIA_GALLERY, "items": [item]}
