"""A card's elements as Components V2: https://docs.discord.com/developers/components/reference, checked 2026-11-21."""

from collections.abc import Collection, Iterator
from functools import singledispatch

from blocks.elements import (
    Chart,
    Context,
    Divider,
    Element,
    Fact,
    Facts,
    Image,
    Item,
    Items,
    Payload,
    Prose,
    Quoted,
    StepRow,
    Steps,
    Table,
    Text,
)
from blocks.render.tabulate import tabulate
from blocks.render.words import earlier, hidden_in_words
from blocks.text import discord_code, discord_literal, discord_markdown, more, one_line
from blocks.words import STEP_SIGN
from store.kernel.canonical import JsonObject

TEXT_DISPLAY, MEDIA_GALLERY, SEPARATOR = 10, 12, 14

NOTHING = "–"
"""Stands for an empty text, which Discord refuses."""


def text_display(content: str) -> JsonObject:
    """A TextDisplay of text that is already safe markdown."""
    return {"type": TEXT_DISPLAY, "content": content or NOTHING}


def inline(text: str) -> str:
    """`text` as safe markdown on one line."""
    return discord_markdown(one_line(text))


@singledispatch
def components_of(element: Element, _files: Collection[str]) -> Iterator[JsonObject]:
    """The components of one element, none if it has nothing to say; `files` are the names attached to the message."""
    raise TypeError(f"no Discord form for {type(element).__name__}")


@components_of.register
def _text(text: Text, _files: Collection[str]) -> Iterator[JsonObject]:
    lines = [*_heading(text.heading), *([discord_markdown(text.text)] if text.text else []), *_cut(text)]
    if lines:
        yield text_display("\n".join(lines))


@components_of.register
def _facts(facts: Facts, _files: Collection[str]) -> Iterator[JsonObject]:
    lines = [*(_fact(row) for row in facts.rows), *_more(facts.hidden)]
    if lines:
        yield text_display("\n".join(lines))


@components_of.register
def _items(items: Items, _files: Collection[str]) -> Iterator[JsonObject]:
    nothing = [] if items.rows or items.hidden else [inline(items.empty)]
    lines = [*_heading(items.heading), *nothing, *(_item(row) for row in items.rows), *_more(items.hidden)]
    yield text_display("\n".join(lines))


@components_of.register
def _table(table: Table, _files: Collection[str]) -> Iterator[JsonObject]:
    yield text_display("\n".join([*_heading(table.caption), _fenced(tabulate(table))]))


@components_of.register
def _chart(chart: Chart, files: Collection[str]) -> Iterator[JsonObject]:
    if chart.file_name in files:
        yield text_display("\n".join(_heading(chart.title)))
        yield _picture(chart.file_name, chart.alt)
        return
    words = f"The chart is not shown here. {discord_markdown(chart.alt)}"
    yield text_display("\n".join([*_heading(chart.title), words, _fenced(tabulate(chart.table))]))


@components_of.register
def _steps(steps: Steps, _files: Collection[str]) -> Iterator[JsonObject]:
    before = [earlier(steps.hidden)] if steps.hidden else []
    yield text_display("\n".join([*_heading(steps.title), *before, *(_step(row) for row in steps.rows)]))


@components_of.register
def _quoted(quoted: Quoted, _files: Collection[str]) -> Iterator[JsonObject]:
    lines = [f"> {line}" for line in discord_markdown(quoted.text).split("\n")]
    yield text_display("\n".join([*_heading(quoted.source), *lines, *_cut(quoted)]))


@components_of.register
def _payload(payload: Payload, _files: Collection[str]) -> Iterator[JsonObject]:
    hidden = [_small(hidden_in_words(payload))] if payload.hidden_chars else []
    note = [_small(payload.note)] if payload.note else []
    yield text_display("\n".join([*_heading(payload.label), _fenced(payload.text), *hidden, *note]))


@components_of.register
def _image(image: Image, files: Collection[str]) -> Iterator[JsonObject]:
    if image.file_name in files:
        yield _picture(image.file_name, image.alt)
        return
    yield text_display(f"The image is not shown here. {discord_markdown(image.alt)}")


@components_of.register
def _divider(_divider: Divider, _files: Collection[str]) -> Iterator[JsonObject]:
    yield {"type": SEPARATOR, "divider": True, "spacing": 1}


@components_of.register
def _context(context: Context, _files: Collection[str]) -> Iterator[JsonObject]:
    if context.parts:
        yield text_display(_small(" · ".join(context.parts)))


def _heading(text: str | None) -> list[str]:
    return [f"**{inline(text)}**"] if text else []


def _small(text: str) -> str:
    return f"-# {inline(text)}"


def _cut(prose: Prose) -> list[str]:
    return [_small(more(prose.hidden_chars, "character"))] if prose.hidden_chars else []


def _more(hidden: int) -> list[str]:
    return [_small(more(hidden))] if hidden else []


def _fact(row: Fact) -> str:
    baseline = f" ({inline(row.baseline)})" if row.baseline else ""
    return f"**{inline(row.label)}** {discord_markdown(row.value)}{baseline}"


def _item(row: Item) -> str:
    text = f"[{inline(row.text)}]({row.url})" if row.url else discord_markdown(row.text)
    return f"• {text}" + (f" – {discord_markdown(row.detail)}" if row.detail else "")


def _step(row: StepRow) -> str:
    took, detail = (
        (f", {inline(row.duration)}" if row.duration else ""),
        (f": {inline(row.detail)}" if row.detail else ""),
    )
    return f"{STEP_SIGN[row.mark]} {inline(row.name)} – {inline(row.state)}{took}{detail}"


def _fenced(text: str) -> str:
    return f"```\n{discord_code(text) or NOTHING}\n```"


def _picture(file_name: str, alt: str) -> JsonObject:
    description = discord_literal(alt) or NOTHING
    return {
        "type": MEDIA_GALLERY,
        "items": [{"media": {"url": f"attachment://{file_name}"}, "description": description}],
    }
