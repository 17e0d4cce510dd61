"""What a message of others says: its text, labelled values, link and files, wherever its app put them. Pure.

Apps often leave `text` empty, or put only the words of the notification there, and write in blocks or in the older
attachments. https://docs.slack.dev/reference/block-kit/blocks and …/legacy/legacy-messaging/legacy-secondary-message-
attachments, checked 2026-11-21.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from blocks.text import clip
from bot.surfaces.slack.plaintext import first_url, from_mrkdwn, from_rich_text, parts, unescaped, word
from store.kernel.storable import storable_text
from store.records import MessageField
from store.records.watch import (
    FIELD_NAME_CHARACTERS,
    FIELD_VALUE_CHARACTERS,
    FIELDS,
    FILE_NAME_CHARACTERS,
    FILES,
    LINK_CHARACTERS,
    TEXT_CHARACTERS,
)

_LABELLED = re.compile(r"\s*\*{1,2}([^*\n]{1,200}?):?\*{1,2}:?\s+(\S.*)", re.DOTALL)
_PREVIEW_MARKS = ("from_url", "original_url", "is_msg_unfurl", "is_app_unfurl")
"""What an attachment has that nobody wrote: Slack's own preview of a link."""


@dataclass(frozen=True, slots=True)
class Legible:
    """A message as plain text, in bounds. `link` is what it points to first; None when it points nowhere."""

    text: str
    fields: tuple[MessageField, ...] = ()
    link: str | None = None
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    lines: list[str] = field(default_factory=list)
    fields: list[MessageField] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        if text and text not in self.lines:
            self.lines.append(text)

    def label(self, name: str, value: str) -> None:
        kept = storable_text(clip(name, FIELD_NAME_CHARACTERS)), storable_text(clip(value, FIELD_VALUE_CHARACTERS))
        self.fields.append(MessageField(name=clip(kept[0], FIELD_NAME_CHARACTERS), value=kept[1]))


def read_legibly(message: Mapping[str, object]) -> Legible:
    """All that a reader of the message sees. What is cut off ends in an ellipsis; previews of links are left out."""
    found, text = _Found(), word(message, "text")
    _read_blocks(message, found)
    if not found.lines or not message.get("bot_id"):
        found.lines = [from_mrkdwn(text)] if text else found.lines
    for attachment in parts(message, "attachments"):
        if not any(attachment.get(mark) for mark in _PREVIEW_MARKS):
            _read_attachment(attachment, found)
    link = next(iter((*found.links, *found.buttons)), None) or first_url(text) or first_url("\n".join(found.lines))
    return Legible(
        text=_bounded("\n".join(found.lines), TEXT_CHARACTERS),
        fields=tuple(found.fields[:FIELDS]),
        link=_bounded(unescaped(link), LINK_CHARACTERS) if link else None,
        files=tuple(_bounded(name, FILE_NAME_CHARACTERS) for name in _file_names(message))[:FILES],
    )


def _bounded(text: str, limit: int) -> str:
    return clip(storable_text(text), limit)


def _file_names(message: Mapping[str, object]) -> Iterator[str]:
    for file in parts(message, "files"):
        yield word(file, "name", "title") or "a file without a name"


def _read_blocks(holder: Mapping[str, object], found: _Found) -> None:
    for block in parts(holder, "blocks"):
        _read_block(block, found)


def _read_block(block: Mapping[str, object], found: _Found) -> None:
    match block.get("type"):
        case "rich_text":
            found.say(from_rich_text(block))
        case "section":
            _read_section(block, found)
        case "context":
            found.say(" · ".join(text for text in map(_text_of, parts(block, "elements")) if text))
        case "actions":
            _read_buttons(block, found)
        case "table":
            _read_table(block, found)
        case "divider" | "input":
            return
        case _:
            _read_other(block, found)


def _read_section(block: Mapping[str, object], found: _Found) -> None:
    found.say(_text_of(block.get("text")))
    for labelled in parts(block, "fields"):
        _read_field(labelled, found)
    accessory = block.get("accessory")
    if isinstance(accessory, Mapping) and (url := word(accessory, "url")):
        found.buttons.append(url)


def _read_field(labelled: Mapping[str, object], found: _Found) -> None:
    parted = _LABELLED.fullmatch(word(labelled, "text"))
    if parted is None:
        found.say(_text_of(labelled))
    else:
        found.label(from_mrkdwn(parted[1]), from_mrkdwn(parted[2]))


def _read_buttons(block: Mapping[str, object], found: _Found) -> None:
    found.buttons += [url for element in parts(block, "elements") if (url := word(element, "url"))]


def _read_table(block: Mapping[str, object], found: _Found) -> None:
    rows = block.get("rows")
    for row in rows if isinstance(rows, list) else ():
        cells = [cell for cell in row if isinstance(cell, Mapping)] if isinstance(row, list) else []
        found.say(" | ".join(from_rich_text(cell) for cell in cells))


def _read_other(block: Mapping[str, object], found: _Found) -> None:
    """A header, an image, and any block there may be one day: its words in their order."""
    for key in ("title", "subtitle", "text", "body", "alt_text", "description", "fallback"):
        found.say(_text_of(block.get(key)))
    if url := word(block, "title_url"):
        found.links.append(url)
    for key in ("children", "elements", "cards", "tasks"):
        for inner in parts(block, key):
            _read_block(inner, found)


def _text_of(value: object) -> str:
    """A text, or a text object, as plain text."""
    if isinstance(value, str):
        return from_mrkdwn(value)
    if not isinstance(value, Mapping):
        return ""
    text = word(value, "text", "alt_text")
    return text.strip() if value.get("type") == "plain_text" else from_mrkdwn(text)


def _read_attachment(attachment: Mapping[str, object], found: _Found) -> None:
    before = len(found.lines) + len(found.fields)
    for key in ("pretext", "author_name", "title", "text"):
        found.say(from_mrkdwn(word(attachment, key)))
    for labelled in parts(attachment, "fields"):
        found.label(from_mrkdwn(word(labelled, "title")), from_mrkdwn(word(labelled, "value")))
    _read_blocks(attachment, found)
    if len(found.lines) + len(found.fields) == before:
        found.say(from_mrkdwn(word(attachment, "fallback")))
    if url := word(attachment, "title_link"):
        found.links.append(url)
    found.buttons += [url for action in parts(attachment, "actions") if (url := word(action, "url"))]
