"""The `rich_text` block as HTML: nothing in it is parsed, so only its own elements can link or mention."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import singledispatch

from markupsafe import Markup, escape

from docs.pictures.block_kit.rich_text import (
    Broadcast,
    ChannelMention,
    Date,
    Emoji,
    Inline,
    Link,
    List,
    Part,
    Preformatted,
    Quote,
    RichText,
    Run,
    Section,
    Style,
    UserMention,
)
from docs.pictures.html.emoji import emoji_of
from docs.pictures.html.markup import Page, joined, tag
from docs.pictures.html.mrkdwn import link, mention

_BULLETS = ("disc", "circle", "square")
_TAGS = (("bold", "b"), ("italic", "i"), ("strike", "s"), ("underline", "u"), ("code", "code"))


def rich_text_html(block: RichText, page: Page) -> Markup:
    """All parts of the block."""
    return tag("div", *(part_html(part, page) for part in block.elements), cls="rich")


@singledispatch
def part_html(part: Part, _page: Page) -> Markup:
    """One paragraph, list, quote or preformatted part."""
    raise TypeError(f"no picture of {type(part).__name__}")


@part_html.register
def _section(part: Section, page: Page) -> Markup:
    return tag("p", _inlines(part.elements, page), dir="auto")


@part_html.register
def _list(part: List, page: Page) -> Markup:
    items = (tag("li", _inlines(item.elements, page), dir="auto") for item in part.elements)
    look = f"margin-left:{part.indent * 28}px"
    if part.style == "ordered":
        return tag("ol", *items, start=str(part.offset + 1), style=look)
    return tag("ul", *items, style=f"{look};list-style-type:{_BULLETS[part.indent % 3]}")


@part_html.register
def _preformatted(part: Preformatted, page: Page) -> Markup:
    return tag("pre", _inlines(part.elements, page))


@part_html.register
def _quote(part: Quote, page: Page) -> Markup:
    return tag("blockquote", _inlines(part.elements, page), dir="auto")


def _inlines(elements: Sequence[Inline], page: Page) -> Markup:
    return joined(inline_html(element, page) for element in elements)


@singledispatch
def inline_html(element: Inline, _page: Page) -> Markup:
    """One stretch of a paragraph."""
    raise TypeError(f"no picture of {type(element).__name__}")


@inline_html.register
def _run(element: Run, _page: Page) -> Markup:
    return _styled(escape(element.text), element.style)


@inline_html.register
def _link(element: Link, _page: Page) -> Markup:
    return _styled(link(element.url, element.text or element.url), element.style)


@inline_html.register
def _emoji(element: Emoji, _page: Page) -> Markup:
    return tag("span", emoji_of(element.name, element.unicode), cls="emoji")


@inline_html.register
def _user(element: UserMention, page: Page) -> Markup:
    return _styled(mention(f"@{page.name(element.user_id)}"), element.style)


@inline_html.register
def _channel(element: ChannelMention, page: Page) -> Markup:
    return _styled(mention(f"#{page.name(element.channel_id)}"), element.style)


@inline_html.register
def _broadcast(element: Broadcast, _page: Page) -> Markup:
    return mention(f"@{element.range}")


@inline_html.register
def _date(element: Date, _page: Page) -> Markup:
    said = element.fallback or f"{datetime.fromtimestamp(element.timestamp, UTC):%Y-%m-%d %H:%M} UTC"
    return _styled(escape(said), element.style)


def _styled(shown: Markup, style: Style) -> Markup:
    for name, element in _TAGS:
        if getattr(style, name):
            shown = tag(element, shown)
    return shown
