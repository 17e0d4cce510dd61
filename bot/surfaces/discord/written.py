"""What people write on Discord, as plain words. Pure."""

import re
from collections.abc import Iterator, Mapping

from store.kernel.canonical import JsonObject

QUOTED_CHARS = 3_000
"""How much of somebody's message is carried along; a longer one ends in an ellipsis and is read at its own address."""
TEXT_DISPLAY = 10
MESSAGE_ADDRESS = "https://discord.com/channels/{server}/{channel}/{message}"

_MENTION = re.compile(r"<(@!?|@&|#)(\d+)>")
_EMOJI = re.compile(r"<a?(:\w+:)\d+>")


def quoted_message(message: Mapping[str, object], server_id: str | None) -> JsonObject:
    """A message as something is made of it: `author`, `author_name`, `text`, and `url` where it has an address."""
    quoted: JsonObject = {"author": text_at(message, "author", "id") or "somebody", "text": _clipped(_said(message))}
    name = text_at(message, "author", "username")
    channel, message_id = text_at(message, "channel_id"), text_at(message, "id")
    if name:
        quoted["author_name"] = f"@{name}"
    if server_id and channel.isdecimal() and message_id.isdecimal():
        quoted["url"] = MESSAGE_ADDRESS.format(server=server_id, channel=channel, message=message_id)
    return quoted


def plain_words(text: str, names: Mapping[str, str]) -> str:
    """Text as its author saw it: mentions by the names in `names` (account to name), custom emoji by theirs.

    https://docs.discord.com/developers/reference#message-formatting, checked 2026-11-21.
    """
    shown = _MENTION.sub(lambda found: f"{found[1][0]}{names.get(found[2], found[2])}", text)
    return _EMOJI.sub(r"\1", shown).strip()


def text_at(body: object, *path: str) -> str:
    """The text at the path; empty when there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) else ""


def _said(message: Mapping[str, object]) -> str:
    """What the message says; apps say it in embeds or in components only."""
    words = plain_words(text_at(message, "content"), _mentioned(message))
    return words or "\n".join(part for part in (*_embedded(message), *_displayed(message.get("components"))) if part)


def _mentioned(message: Mapping[str, object]) -> dict[str, str]:
    """The people that a message mentions, by account."""
    mentions = message.get("mentions")
    found = [one for one in mentions if isinstance(one, Mapping)] if isinstance(mentions, list) else []
    return {text_at(one, "id"): text_at(one, "username") or text_at(one, "id") for one in found}


def _embedded(message: Mapping[str, object]) -> Iterator[str]:
    embeds = message.get("embeds")
    for one in embeds if isinstance(embeds, list) else []:
        if isinstance(one, Mapping):
            yield from (text_at(one, "title"), text_at(one, "description"))


def _displayed(components: object) -> Iterator[str]:
    for one in components if isinstance(components, list) else []:
        if isinstance(one, Mapping):
            if one.get("type") == TEXT_DISPLAY:
                yield text_at(one, "content")
            yield from _displayed(one.get("components"))


def _clipped(text: str) -> str:
    return text if len(text) <= QUOTED_CHARS else text[: QUOTED_CHARS - 1] + "…"
