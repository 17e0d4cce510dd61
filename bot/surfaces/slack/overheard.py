"""Messages of others in watched channels, from events and from a channel's history. Pure.

https://docs.slack.dev/reference/events/message and its subtypes, checked 2026-11-21.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from bot.surfaces.slack.identity import Home
from bot.surfaces.slack.legible import read_legibly
from bot.surfaces.slack.plaintext import word
from store.kernel.storable import storable_text
from store.records import AuthorKind, SeenMessage

MICROS = 1_000_000
AUTHOR_CHARACTERS = 80

SERVICE = frozenset(
    {
        *("bot_add", "bot_remove", "bot_enable", "bot_disable", "channel_archive", "channel_join", "channel_leave"),
        *("channel_name", "channel_purpose", "channel_topic", "channel_unarchive", "channel_posting_permissions"),
        *("channel_convert_to_private", "channel_convert_to_public", "ekm_access_denied", "group_archive"),
        *("group_join", "group_leave", "group_name", "group_purpose", "group_topic", "group_unarchive"),
        *("message_replied", "pinned_item", "reminder_add", "reply_broadcast", "unpinned_item"),
    }
)
"""Subtypes of messages nobody wrote. A subtype that is not listed is read: better a line too many than one missed."""


class Overheard(NamedTuple):
    """A message and the account that wrote it; None for an app, or one that is deleted: there is nobody to look up."""

    channel_id: str
    message: SeenMessage
    account: str | None


def overhear_event(event: Mapping[str, object], home: Home) -> Overheard | None:
    """What an event of type `message` tells of a channel's messages; None for our own, and for what nobody wrote."""
    channel_id, subtype = word(event, "channel"), word(event, "subtype")
    if subtype == "message_deleted":
        gone = event.get("previous_message")
        message = {"ts": word(event, "deleted_ts"), **(gone if isinstance(gone, Mapping) else {})}
        return _deleted(channel_id, message, word(event, "event_ts", "ts"), home)
    if subtype == "message_changed":
        changed = event.get("message")
        now = changed if isinstance(changed, Mapping) else {}
        return _changed(channel_id, now, word(event, "event_ts", "ts"), home)
    return overhear(channel_id, event, home)


def overhear(channel_id: str, message: Mapping[str, object], home: Home) -> Overheard | None:
    """A message as it stands in a channel, or in its history; None for our own, and for what nobody wrote."""
    written_at, subtype = moment_of(word(message, "ts")), word(message, "subtype")
    if written_at is None or subtype in SERVICE or is_own(message, home):
        return None
    if subtype == "tombstone":
        return _deleted(channel_id, message, word(message, "ts"), home)
    said, edited = read_legibly(message), message.get("edited")
    is_app = bool(word(message, "bot_id")) or subtype == "bot_message"
    account = None if is_app else word(message, "user") or None
    seen = SeenMessage(
        message_id=word(message, "ts"),
        thread_id=_thread(message),
        author=storable_text(_app_name(message) if is_app else account or "somebody")[:AUTHOR_CHARACTERS],
        author_kind=AuthorKind.APP if is_app else AuthorKind.UNKNOWN,
        text=said.text,
        fields=said.fields,
        link=said.link,
        files=said.files,
        written_at=written_at,
        as_of=moment_of(word(edited, "ts")) if isinstance(edited, Mapping) else None,
    )
    return Overheard(channel_id, seen, account)


def is_own(message: Mapping[str, object], home: Home) -> bool:
    """True for what this app itself posted, under whatever name."""
    bot_id = word(message, "bot_id")
    return word(message, "user") == home.bot_user_id or (bool(bot_id) and bot_id == home.bot_id)


def moment_of(ts: str) -> datetime | None:
    """The moment of a message's ts ("1795000000.000100"), exact to the microsecond; None for what is none."""
    try:
        micros = int(Decimal(ts) * MICROS)
        return datetime.fromtimestamp(micros // MICROS, UTC).replace(microsecond=micros % MICROS)
    except (InvalidOperation, ValueError, OverflowError, OSError):
        return None


def ts_of(moment: datetime) -> str:
    """The ts of a moment."""
    return f"{int(moment.timestamp())}.{moment.microsecond:06d}"


def _changed(channel_id: str, message: Mapping[str, object], event_ts: str, home: Home) -> Overheard | None:
    found = overhear(channel_id, message, home)
    if found is None or found.message.deleted:
        return None if found is None else _deleted(channel_id, message, event_ts, home)
    # Not the mark of the edit: an app's own update carries none, or that of an earlier one.
    return found._replace(message=found.message.model_copy(update={"as_of": moment_of(event_ts)}))


def _deleted(channel_id: str, message: Mapping[str, object], event_ts: str, home: Home) -> Overheard | None:
    written_at, as_of = moment_of(word(message, "ts")), moment_of(event_ts)
    if written_at is None or as_of is None or is_own(message, home):
        return None
    gone = SeenMessage(
        message_id=word(message, "ts"),
        author="",
        author_kind=AuthorKind.UNKNOWN,
        written_at=written_at,
        as_of=as_of,
        deleted=True,
    )
    return Overheard(channel_id, gone, None)


def _thread(message: Mapping[str, object]) -> str | None:
    """The message it answers; None when it stands in the channel itself, alone or as well."""
    thread = word(message, "thread_ts")
    if not thread or thread == word(message, "ts") or word(message, "subtype") == "thread_broadcast":
        return None
    return thread


def _app_name(message: Mapping[str, object]) -> str:
    profile = message.get("bot_profile")
    known = word(profile, "name") if isinstance(profile, Mapping) else ""
    return word(message, "username") or known or word(message, "bot_id") or "an app"
