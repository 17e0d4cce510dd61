"""The `rich_text` block: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block, checked 2026-11-21."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from docs.pictures.block_kit.objects import Filled, Shape


class Style(Shape):
    """How a stretch is set."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    underline: bool = False
    code: bool = False


class Run(Shape):
    """Literal text: Slack parses nothing in it."""

    type: Literal["text"]
    text: Filled
    style: Style = Style()


class Link(Shape):
    """An address under a text of ours; the address itself when there is none."""

    type: Literal["link"]
    url: Filled
    text: str | None = None
    style: Style = Style()


class Emoji(Shape):
    """An emoji by its name, or by its code points in hexadecimal."""

    type: Literal["emoji"]
    name: Filled
    unicode: str | None = None


class UserMention(Shape):
    """Pings one person."""

    type: Literal["user"]
    user_id: Filled
    style: Style = Style()


class ChannelMention(Shape):
    """Names a channel."""

    type: Literal["channel"]
    channel_id: Filled
    style: Style = Style()


class Broadcast(Shape):
    """Pings many."""

    type: Literal["broadcast"]
    range: Literal["here", "channel", "everyone"]


class Date(Shape):
    """A moment in the reader's zone; `fallback` where it cannot be formatted."""

    type: Literal["date"]
    timestamp: int
    format: Filled
    fallback: str | None = None
    url: str | None = None
    style: Style = Style()


Inline: TypeAlias = Annotated[
    Run | Link | Emoji | UserMention | ChannelMention | Broadcast | Date, Field(discriminator="type")
]


class Section(Shape):
    """One paragraph."""

    type: Literal["rich_text_section"]
    elements: tuple[Inline, ...]


class List(Shape):
    """Bulleted or numbered paragraphs."""

    type: Literal["rich_text_list"]
    style: Literal["bullet", "ordered"]
    elements: tuple[Section, ...] = Field(min_length=1)
    indent: int = Field(0, ge=0, le=8)
    offset: int = Field(0, ge=0)
    border: Literal[0, 1] = 0


class Preformatted(Shape):
    """Text in a fixed pitch."""

    type: Literal["rich_text_preformatted"]
    elements: tuple[Run | Link, ...]
    border: Literal[0, 1] = 0
    language: str | None = None


class Quote(Shape):
    """Somebody's words."""

    type: Literal["rich_text_quote"]
    elements: tuple[Inline, ...]
    border: Literal[0, 1] = 0


Part: TypeAlias = Annotated[Section | List | Preformatted | Quote, Field(discriminator="type")]


class RichText(Shape):
    """Paragraphs, lists, quotes and preformatted parts."""

    type: Literal["rich_text"]
    elements: tuple[Part, ...] = Field(min_length=1)
    block_id: str | None = None
