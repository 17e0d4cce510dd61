"""The Slack text forms that cannot be markup, plain_text and rich_text. No mrkdwn is ever made of a card's text."""

from collections.abc import Iterable, Sequence

from blocks.limits import SLACK_CONTEXT_CHARS
from blocks.text import slack_length, slack_literal, visible
from store.kernel.canonical import Json, JsonObject

NOTHING = "–"
"""Stands for an empty text, which Slack refuses."""


def plain(text: str) -> JsonObject:
    """A plain_text object; emoji shortcodes in it stay letters."""
    return {"type": "plain_text", "text": slack_literal(text) or NOTHING, "emoji": False}


def run(text: str, *, bold: bool = False, italic: bool = False) -> JsonObject:
    """A stretch of literal text."""
    styles: JsonObject = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {"type": "text", "text": slack_literal(text) or NOTHING, **({"style": styles} if styles else {})}


def exact(text: str) -> JsonObject:
    """A stretch of exact text: only what is invisible is written out."""
    return {"type": "text", "text": visible(text) or NOTHING}


def link(text: str, url: str) -> JsonObject:
    """A link that shows `text`; both are ours to choose, so the address is never hidden by somebody else's words."""
    return {"type": "link", "url": url, "text": slack_literal(text) or NOTHING}


def section(runs: Iterable[JsonObject]) -> JsonObject:
    """One paragraph."""
    return {"type": "rich_text_section", "elements": _listed(runs)}


def preformatted(text: JsonObject) -> JsonObject:
    """Text in a fixed pitch, as it is."""
    return {"type": "rich_text_preformatted", "elements": [text]}


def quote(text: JsonObject) -> JsonObject:
    """Somebody else's words."""
    return {"type": "rich_text_quote", "elements": [text]}


def bullets(rows: Iterable[Sequence[JsonObject]]) -> JsonObject:
    """A bulleted list, one paragraph a row."""
    return {"type": "rich_text_list", "style": "bullet", "elements": [section(row) for row in rows]}


def rich(parts: Iterable[JsonObject]) -> JsonObject:
    """A rich_text block of paragraphs, lists, quotes and preformatted parts."""
    return {"type": "rich_text", "elements": _listed(parts)}


def small_print(parts: Iterable[str]) -> JsonObject:
    """A context block of parts with dots between them. Set as elements of their own they would run into each other."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]} · {part}" if lines else part
        if slack_length(joined) <= SLACK_CONTEXT_CHARS:
            lines = [*lines[:-1], joined]
        else:
            lines.append(part)
    return {"type": "context", "elements": [plain(line) for line in lines]}


def _listed(parts: Iterable[JsonObject]) -> list[Json]:
    return list(parts)
