"""Composition objects: texts, options, questions and files."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Filled: TypeAlias = Annotated[str, StringConstraints(min_length=1)]
"""Text that Slack refuses when it is empty."""


class Shape(BaseModel):
    """One object of Block Kit: frozen, and with no key we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlainText(Shape):
    """Text shown letter by letter; emoji shortcodes become emoji unless `emoji` is False."""

    type: Literal["plain_text"]
    text: Filled
    emoji: bool = True


class Mrkdwn(Shape):
    """Text that Slack parses: formatting, links, mentions. With `verbatim` it makes no links of its own."""

    type: Literal["mrkdwn"]
    text: Filled
    verbatim: bool = False


AnyText: TypeAlias = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]


class Confirm(Shape):
    """A question asked before a press counts."""

    title: PlainText
    text: AnyText
    confirm: PlainText
    deny: PlainText
    style: Literal["primary", "danger"] | None = None


class Option(Shape):
    """One entry of a menu, a set of boxes or an overflow."""

    text: AnyText
    value: str
    description: AnyText | None = None
    url: str | None = None


class OptionGroup(Shape):
    """Entries of a menu under a label."""

    label: PlainText
    options: tuple[Option, ...] = Field(min_length=1)


class SlackFile(Shape):
    """A file uploaded to Slack."""

    id: Filled
