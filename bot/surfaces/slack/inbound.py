"""What Slack sends, as what a person did. Pure: the same payload, however often delivered, gives the same key."""

import json
from collections.abc import Mapping

from blocks.render.slack import form_answers, pressed_token
from bot.surfaces.base import (
    ADDRESSED,
    DIRECT,
    MENTIONED,
    QUOTED,
    THREAD,
    InboundEvent,
    InboundKind,
    ReplyTo,
    Shortcut,
)
from bot.surfaces.slack.notices import ChannelEvent, read_notice
from bot.surfaces.slack.written import mentions, plain_words, quoted_message, without_mention
from store.kernel.canonical import JsonObject, fingerprint
from store.kernel.ids import derive
from store.records import Record

SURFACE = "slack"

_AT_HOME: JsonObject = {"home": True}


class Heard(Record):
    """What a person did, and how that person can be answered for the next half hour."""

    event: InboundEvent
    reply_to: ReplyTo


def read_inbound(body: Mapping[str, object]) -> Heard | None:
    """The request a payload carries; None for what asks nothing of us: link buttons, closings, events of bots.

    The account's class is left "unknown": it is not in the payload. Raises ValueError when a part is missing that
    Slack says is always there: https://docs.slack.dev/interactivity/handling-user-interaction, checked 2026-11-21.
    """
    if "command" in body:
        return _command(body)
    readers = {
        "block_actions": _press,
        "view_submission": _submission,
        "shortcut": _shortcut,
        "message_action": _shortcut,
        "event_callback": _event,
    }
    reader = readers.get(str(body.get("type")))
    return None if reader is None else reader(body)


def _command(body: Mapping[str, object]) -> Heard:
    account, channel = _need(body, "user_id"), _find(body, "channel_id")
    event = InboundEvent(
        surface=SURFACE,
        key=_key("command", _need(body, "team_id"), _need(body, "trigger_id")),
        kind=InboundKind.COMMAND,
        account=account,
        account_class="unknown",
        text=_plain(_find(body, "text") or ""),
        payload=_place(channel, None),
    )
    return Heard(event=event, reply_to=_reply(account, channel, body))


def _press(body: Mapping[str, object]) -> Heard | None:
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    token = pressed_token(action)
    if token is None:
        return None
    account, channel, message = _need(body, "user", "id"), _channel_of(body), _find(body, "container", "message_ts")
    place = message or _find(body, "view", "id") or ""
    event = InboundEvent(
        surface=SURFACE,
        key=_key("press", _team(body), account, place, _need(action, "action_id"), _need(action, "action_ts")),
        kind=InboundKind.PRESS,
        account=account,
        account_class="unknown",
        token=token,
        payload={**_place(channel, message), **(_AT_HOME if _find(body, "view", "type") == "home" else {})},
    )
    return Heard(event=event, reply_to=_reply(account, channel, body, at_home="home" in event.payload))


def _submission(body: Mapping[str, object]) -> Heard | None:
    view = body.get("view")
    place = _metadata(_find(view, "private_metadata"))
    token, channel, at_home = _find(view, "callback_id"), _find(place, "channel"), place.get("home") is True
    if token is None or not isinstance(view, Mapping):
        return None
    account, fields = _need(body, "user", "id"), form_answers(view)
    event = InboundEvent(
        surface=SURFACE,
        key=_key("submit", _team(body), account, _need(view, "id"), fingerprint(fields)),
        kind=InboundKind.SUBMIT,
        account=account,
        account_class="unknown",
        token=token,
        fields=fields,
        payload={**_place(channel, None), **(_AT_HOME if at_home else {})},
    )
    return Heard(event=event, reply_to=_reply(account, channel, body, at_home=at_home))


def _shortcut(body: Mapping[str, object]) -> Heard | None:
    callback = _need(body, "callback_id")
    if callback not in set(Shortcut):
        return None
    account, channel = _need(body, "user", "id"), _channel_of(body)
    message = body.get("message")
    quoted = quoted_message(message, _find(body, "team", "domain"), channel) if isinstance(message, Mapping) else None
    event = InboundEvent(
        surface=SURFACE,
        key=_key("shortcut", _team(body), account, callback, _need(body, "action_ts")),
        kind=InboundKind.SHORTCUT,
        account=account,
        account_class="unknown",
        text=callback,
        payload=_place(channel, None) if quoted is None else {**_place(channel, None), QUOTED: quoted},
    )
    return Heard(event=event, reply_to=_reply(account, channel, body))


def _event(body: Mapping[str, object]) -> Heard | None:
    inner = body.get("event")
    if not isinstance(inner, Mapping) or inner.get("bot_id"):
        return None
    notice = read_notice(body, inner)
    if notice is not None:
        return _notice(body, inner, notice)
    readers = {"app_home_opened": _home, "app_mention": _mention, "message": _message}
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
    bot, parent = _bot_user(body), _find(inner, "parent_user_id")
    thread = _find(inner, "thread_ts")
    elsewhere = bot is not None and parent is not None and parent != bot
    if thread is None or thread == _find(inner, "ts") or elsewhere or mentions(_find(inner, "text") or "", bot):
        return None
    return _written(body, inner, None)


def _written(body: Mapping[str, object], inner: Mapping[str, object], addressed: str | None) -> Heard:
    account, channel, ts = _need(inner, "user"), _need(inner, "channel"), _find(inner, "ts")
    payload: JsonObject = {**_place(channel, ts)}
    thread = _find(inner, "thread_ts")
    if thread is not None and thread != ts:
        payload[THREAD] = thread
    if addressed is not None:
        payload[ADDRESSED] = addressed
    event = InboundEvent(
        surface=SURFACE,
        key=_event_key(body, inner),
        kind=InboundKind.MESSAGE,
        account=account,
        account_class="unknown",
        text=plain_words(without_mention(_find(inner, "text") or "")),
        payload=payload,
    )
    return Heard(event=event, reply_to=_reply(account, channel, inner))


def _home(body: Mapping[str, object], inner: Mapping[str, object]) -> Heard | None:
    """Somebody looks at their page; `view` comes along when there is one, and its hash says which.

    https://docs.slack.dev/reference/events/app_home_opened, checked 2026-11-21.
    """
    if inner.get("bot_id") or inner.get("tab") != "home":
        return None
    account, shown = _need(inner, "user"), _find(inner, "view", "hash")
    event = InboundEvent(
        surface=SURFACE,
        key=_event_key(body, inner),
        kind=InboundKind.HOME,
        account=account,
        account_class="unknown",
        payload={"view_hash": shown} if shown else {},
    )
    return Heard(event=event, reply_to=ReplyTo(surface=SURFACE, handle={"user": account, "channel": None}))


def _notice(body: Mapping[str, object], inner: Mapping[str, object], notice: ChannelEvent) -> Heard:
    moment = _find(inner, "event_ts") or _need(body, "event_id")
    told: JsonObject = {"channel": notice.channel_id, "change": notice.change.value}
    event = InboundEvent(
        surface=SURFACE,
        key=_key("notice", _need(body, "team_id"), notice.channel_id, _need(inner, "type"), moment),
        kind=InboundKind.NOTICE,
        account=notice.by or SURFACE,
        account_class="unknown",
        payload=told if notice.name is None else {**told, "name": notice.name},
    )
    return Heard(event=event, reply_to=ReplyTo(surface=SURFACE, handle={}))


def _is_persons(inner: Mapping[str, object]) -> bool:
    """True for what a person has written just now: no app, no edit, no deletion, nothing Slack itself says."""
    written = inner.get("subtype") in _WRITTEN
    return written and not inner.get("bot_id") and not inner.get("hidden") and _find(inner, "user") is not None


_WRITTEN = (None, "file_share", "thread_broadcast")
"""Subtypes of what people write: https://docs.slack.dev/reference/events/message, checked 2026-11-21."""


def _bot_user(body: Mapping[str, object]) -> str | None:
    """Our own account, as the delivery names it; None when it does not."""
    granted = body.get("authorizations")
    mine = granted[0] if isinstance(granted, list) and granted else None
    return _find(mine, "user_id")


def _event_key(body: Mapping[str, object], inner: Mapping[str, object]) -> str:
    # One event has arrived under two event_ids (https://github.com/slackapi/node-slack-sdk/issues/2141); every
    # delivery under one event_id carries the same inner event, so the inner event's own identity covers both.
    # A mention and the message it stands in are one act under two types, and have the same moment.
    channel, moment = _find(inner, "channel"), _find(inner, "event_ts")
    if channel is None or moment is None:
        return _key("event", _need(body, "event_id"))
    kind = _need(inner, "type").replace("app_mention", "message")
    return _key("event", _need(body, "team_id"), channel, kind, moment)


def _key(*parts: str) -> str:
    return derive(SURFACE, *parts)


def _reply(account: str, channel: str | None, body: Mapping[str, object], *, at_home: bool = False) -> ReplyTo:
    names = ("response_url", "trigger_id", "thread_ts")
    found: JsonObject = {name: text for name in names if (text := _find(body, name)) is not None}
    return ReplyTo(
        surface=SURFACE, handle={"user": account, "channel": channel, **found, **(_AT_HOME if at_home else {})}
    )


def _place(channel: str | None, message: str | None) -> JsonObject:
    place = {"channel": channel, "message": message}
    return {name: value for name, value in place.items() if value is not None}


def _team(body: Mapping[str, object]) -> str:
    # An app installed for a whole organisation gets no team, only the enterprise.
    return _find(body, "team", "id") or _need(body, "enterprise", "id")


def _channel_of(body: Mapping[str, object]) -> str | None:
    return _find(body, "channel", "id") or _find(body, "container", "channel_id")


def _metadata(text: str | None) -> Mapping[str, object]:
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _need(body: object, *path: str) -> str:
    found = _find(body, *path)
    if found is None:
        raise ValueError(f"Slack's payload has no {'.'.join(path)}")
    return found


def _find(body: object, *path: str) -> str | None:
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) and body else None
