"""What Slack sends, as what a person did. Pure: the same payload, however often delivered, gives the same key."""

import json
from collections.abc import Mapping

from blocks.render.slack import form_answers, form_files, pressed_token
from bot.surfaces.base import QUOTED, InboundEvent, InboundFile, InboundKind, Shortcut
from bot.surfaces.slack.events import read_event
from bot.surfaces.slack.payload import (
    AT_HOME,
    SURFACE,
    Heard,
    channel_of,
    find,
    key_of,
    need,
    place_of,
    reply_handle,
    team_of,
)
from bot.surfaces.slack.written import quoted_message
from store.kernel.canonical import fingerprint


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
        "event_callback": read_event,
    }
    reader = readers.get(str(body.get("type")))
    return None if reader is None else reader(body)


def _command(body: Mapping[str, object]) -> Heard:
    account, channel = need(body, "user_id"), find(body, "channel_id")
    event = InboundEvent(
        surface=SURFACE,
        key=key_of("command", need(body, "team_id"), need(body, "trigger_id")),
        kind=InboundKind.COMMAND,
        account=account,
        account_class="unknown",
        text=_plain(find(body, "text") or ""),
        payload=place_of(channel, None),
    )
    return Heard(event=event, reply_to=reply_handle(account, channel, body))


def _press(body: Mapping[str, object]) -> Heard | None:
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    token = pressed_token(action)
    if token is None:
        return None
    account, channel, message = need(body, "user", "id"), channel_of(body), find(body, "container", "message_ts")
    place = message or find(body, "view", "id") or ""
    event = InboundEvent(
        surface=SURFACE,
        key=key_of("press", team_of(body), account, place, need(action, "action_id"), need(action, "action_ts")),
        kind=InboundKind.PRESS,
        account=account,
        account_class="unknown",
        token=token,
        payload={**place_of(channel, message), **(AT_HOME if find(body, "view", "type") == "home" else {})},
    )
    return Heard(event=event, reply_to=reply_handle(account, channel, body, at_home="home" in event.payload))


def _submission(body: Mapping[str, object]) -> Heard | None:
    view = body.get("view")
    place = _metadata(find(view, "private_metadata"))
    token, channel, at_home = find(view, "callback_id"), find(place, "channel"), place.get("home") is True
    if token is None or not isinstance(view, Mapping):
        return None
    account, fields = need(body, "user", "id"), form_answers(view)
    files = tuple(_file(field, described) for field, described in form_files(view))
    sent = fingerprint([fields, [file.id for file in files]] if files else fields)
    event = InboundEvent(
        surface=SURFACE,
        key=key_of("submit", team_of(body), account, need(view, "id"), sent),
        kind=InboundKind.SUBMIT,
        account=account,
        account_class="unknown",
        token=token,
        fields=fields,
        files=files,
        payload={**place_of(channel, None), **(AT_HOME if at_home else {})},
    )
    return Heard(event=event, reply_to=reply_handle(account, channel, body, at_home=at_home))


def _file(field: str, described: Mapping[str, object]) -> InboundFile:
    size = described.get("size")
    return InboundFile(
        field=field,
        id=need(described, "id"),
        name=find(described, "name") or "file",
        type=find(described, "mimetype") or "application/octet-stream",
        bytes=size if isinstance(size, int) else 0,
        url=find(described, "url_private_download") or find(described, "url_private") or "",
    )


def _shortcut(body: Mapping[str, object]) -> Heard | None:
    callback = need(body, "callback_id")
    if callback not in set(Shortcut):
        return None
    account, channel = need(body, "user", "id"), channel_of(body)
    message = body.get("message")
    quoted = quoted_message(message, find(body, "team", "domain"), channel) if isinstance(message, Mapping) else None
    event = InboundEvent(
        surface=SURFACE,
        key=key_of("shortcut", team_of(body), account, callback, need(body, "action_ts")),
        kind=InboundKind.SHORTCUT,
        account=account,
        account_class="unknown",
        text=callback,
        payload=place_of(channel, None) if quoted is None else {**place_of(channel, None), QUOTED: quoted},
    )
    return Heard(event=event, reply_to=reply_handle(account, channel, body))


def _metadata(text: str | None) -> Mapping[str, object]:
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
