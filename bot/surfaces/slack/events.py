"""Slack's events, as what somebody did or what has become of a channel. Pure."""

from collections.abc import Mapping

from bot.surfaces.base import ADDRESSED, DIRECT, MENTIONED, THREAD, InboundEvent, InboundKind, ReplyTo
from bot.surfaces.slack.notices import ChannelEvent, read_notice
from bot.surfaces.slack.payload import SURFACE, Heard, event_key, find, key_of, need, place_of, reply_handle
from bot.surfaces.slack.written import mentions, plain_words, without_mention
from store.kernel.canonical import JsonObject

_WRITTEN = (None, "file_share", "thread_broadcast")
"""Subtypes of what people write: https://docs.slack.dev/reference/events/message, checked 2026-11-21."""


def read_event(body: Mapping[str, object]) -> Heard | None:
    """What an event asks or tells; None for events of apps, and for talk that is not meant for us."""
    inner = body.get("event")
    if not isinstance(inner, Mapping) or inner.get("bot_id"):
        return None
    notice = read_notice(body, inner)
    if notice is not None:
        return _notice(body, inner, notice)
    readers = {"agent_session_stopped": _stop, "app_home_opened": _home, "app_mention": _mention, "message": _message}
    reader = readers.get(str(inner.get("type")))
    return None if reader is None else reader(body, inner)


def _mention(body: Mapping[str, object], inner: Mapping[str, object]) -> Heard | None:
    return _written(body, inner, MENTIONED) if _is_persons(inner) else None


def _message(body: Mapping[str, object], inner: Mapping[str, object]) -> Heard | None:
    """What is written to the app directly, or in a thread under a message of the app's.

    A message that mentions the app comes as `app_mention` too, and is taken in from there.
    """
    if not _is_persons(inner):
        return None
    if inner.get("channel_type") == "im":
        return _written(body, inner, DIRECT)
    bot, parent = _bot_user(body), find(inner, "parent_user_id")
    thread = find(inner, "thread_ts")
    elsewhere = bot is not None and parent is not None and parent != bot
    if thread is None or thread == find(inner, "ts") or elsewhere or mentions(find(inner, "text") or "", bot):
        return None
    return _written(body, inner, None)


def _written(body: Mapping[str, object], inner: Mapping[str, object], addressed: str | None) -> Heard:
    account, channel, ts = need(inner, "user"), need(inner, "channel"), find(inner, "ts")
    payload: JsonObject = {**place_of(channel, ts)}
    thread = find(inner, "thread_ts")
    if thread is not None and thread != ts:
        payload[THREAD] = thread
    if addressed is not None:
        payload[ADDRESSED] = addressed
    event = InboundEvent(
        surface=SURFACE,
        key=event_key(body, inner),
        kind=InboundKind.MESSAGE,
        account=account,
        account_class="unknown",
        text=plain_words(without_mention(find(inner, "text") or "")),
        payload=payload,
    )
    return Heard(event=event, reply_to=reply_handle(account, channel, inner))


def _home(body: Mapping[str, object], inner: Mapping[str, object]) -> Heard | None:
    """Somebody looks at their page; `view` comes along when there is one, and its hash says which.

    https://docs.slack.dev/reference/events/app_home_opened, checked 2026-11-21.
    """
    if inner.get("tab") != "home":
        return None
    account, shown = need(inner, "user"), find(inner, "view", "hash")
    event = InboundEvent(
        surface=SURFACE,
        key=event_key(body, inner),
        kind=InboundKind.HOME,
        account=account,
        account_class="unknown",
        payload={"view_hash": shown} if shown else {},
    )
    return Heard(event=event, reply_to=ReplyTo(surface=SURFACE, handle={"user": account, "channel": None}))


def _stop(body: Mapping[str, object], inner: Mapping[str, object]) -> Heard:
    """Slack's own Stop button: https://docs.slack.dev/reference/events/agent_session_stopped, checked 2026-11-21."""
    account, channel, thread = need(inner, "user"), need(inner, "channel"), need(inner, "thread_ts")
    event = InboundEvent(
        surface=SURFACE,
        key=event_key(body, inner),
        kind=InboundKind.STOP,
        account=account,
        account_class="unknown",
        payload=place_of(channel, thread),
    )
    return Heard(event=event, reply_to=reply_handle(account, channel, inner))


def _notice(body: Mapping[str, object], inner: Mapping[str, object], notice: ChannelEvent) -> Heard:
    moment = find(inner, "event_ts") or need(body, "event_id")
    told: JsonObject = {"channel": notice.channel_id, "change": notice.change.value}
    event = InboundEvent(
        surface=SURFACE,
        key=key_of("notice", need(body, "team_id"), notice.channel_id, need(inner, "type"), moment),
        kind=InboundKind.NOTICE,
        account=notice.by or SURFACE,
        account_class="unknown",
        payload=told if notice.name is None else {**told, "name": notice.name},
    )
    return Heard(event=event, reply_to=ReplyTo(surface=SURFACE, handle={}))


def _is_persons(inner: Mapping[str, object]) -> bool:
    """True for what a person has written just now: no app, no edit, no deletion, nothing Slack itself says."""
    written = inner.get("subtype") in _WRITTEN
    return written and not inner.get("hidden") and find(inner, "user") is not None


def _bot_user(body: Mapping[str, object]) -> str | None:
    """Our own account, as the delivery names it; None when it does not."""
    granted = body.get("authorizations")
    mine = granted[0] if isinstance(granted, list) and granted else None
    return find(mine, "user_id")
