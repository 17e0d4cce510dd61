"""What people write to the app, in a thread or in a message menu, as plain words. Pure."""

import re
from collections.abc import Mapping

from store.kernel.canonical import JsonObject

QUOTED_CHARS = 3_000
"""How much of somebody's message is carried along; a longer one ends in an ellipsis and is read at its own address."""

_ENTITY = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_LEADING_MENTION = re.compile(r"^\s*<@[A-Z0-9]+(\|[^>]*)?>[\s,:]*")


def plain_words(text: str) -> str:
    """Text as its author saw it: links and mentions written out, entities undone.

    https://docs.slack.dev/messaging/formatting-message-text, checked 2026-11-21.
    """
    shown = _ENTITY.sub(_written_out, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def without_mention(text: str) -> str:
    """The text after the mention it begins with."""
    return _LEADING_MENTION.sub("", text)


def mentions(text: str, account: str | None) -> bool:
    """True when the text mentions the account."""
    return account is not None and re.search(rf"<@{re.escape(account)}[|>]", text) is not None


def quoted_message(message: Mapping[str, object], team_domain: str | None, channel: str | None) -> JsonObject:
    """A message as something is made of it: `author`, `text`, and `url` where its address can be told."""
    author = _text(message, "user") or _text(message, "username") or _text(message, "bot_id") or "somebody"
    quoted: JsonObject = {"author": author, "text": _clipped(plain_words(_said(message)))}
    url = _address(message, team_domain, channel)
    return quoted if url is None else {**quoted, "url": url}


def _said(message: Mapping[str, object]) -> str:
    """What the message says; apps often say it in attachments only."""
    text = _text(message, "text")
    attachments = message.get("attachments")
    parts = [_attached(one) for one in attachments if isinstance(one, Mapping)] if isinstance(attachments, list) else []
    return text or "\n".join(part for part in parts if part)


def _attached(attachment: Mapping[str, object]) -> str:
    return _text(attachment, "text") or _text(attachment, "fallback") or _text(attachment, "title")


def _address(message: Mapping[str, object], team_domain: str | None, channel: str | None) -> str | None:
    """The message's address, built as Slack builds it: https://docs.slack.dev/reference/methods/chat.getPermalink."""
    ts, thread = _text(message, "ts"), _text(message, "thread_ts")
    if team_domain is None or channel is None or not re.fullmatch(r"\d+\.\d+", ts):
        return None
    address = f"https://{team_domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    return f"{address}?thread_ts={thread}&cid={channel}" if thread and thread != ts else address


def _written_out(entity: re.Match[str]) -> str:
    sign, name, label = entity[1], entity[2], entity[3]
    if sign:
        return f"{'#' if sign == '#' else '@'}{label or name}"
    return f"{label} ({name})" if label and label != name else name


def _clipped(text: str) -> str:
    return text if len(text) <= QUOTED_CHARS else text[: QUOTED_CHARS - 1] + "…"


def _text(message: Mapping[str, object], name: str) -> str:
    found = message.get(name)
    return found if isinstance(found, str) else ""
