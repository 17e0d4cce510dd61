"""What Discord sends, as what a person did. Pure: the same interaction, however often delivered, gives the same key."""

from collections.abc import Mapping
from typing import TypeAlias

from blocks.render.discord import MENU_PREFIX, pressed_token
from blocks.render.discord_confirm import BACK, Way, read_mark
from blocks.tokens import decode
from bot.surfaces.base import InboundEvent, InboundKind, ReplyTo
from bot.surfaces.discord.forms import fields_of, files_of
from bot.surfaces.discord.payload import (
    SURFACE,
    Heard,
    Kind,
    class_of,
    find,
    is_private,
    key_of,
    need,
    place_of,
    reply_handle,
    roles_of,
    who,
)
from bot.surfaces.discord.spoken import read_command
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake
from store.records import Record

COMMAND, COMPONENT, MODAL_SUBMIT = 2, 3, 5
"""Interaction types: https://docs.discord.com/developers/interactions/receiving-and-responding, 2026-11-21."""


class AskFirst(Record):
    """A press that does not count yet: its question is asked first. It was on this message, with this token."""

    token: str
    channel_id: str
    message_id: str
    reply_to: ReplyTo


class TakenBack(Record):
    """A question was left with "Go back"."""

    reply_to: ReplyTo


class NotOurs(Record):
    """A button, menu or form that this version did not make."""

    reply_to: ReplyTo


Reading: TypeAlias = Heard | AskFirst | TakenBack | NotOurs


def read_interaction(body: Mapping[str, object], server_id: str) -> Reading | None:
    """What an interaction asks; None for what asks nothing of us here (pings, completions).

    Only members of the server of this id count as members. Raises ValueError when a part is missing that Discord says
    is always there: https://docs.discord.com/developers/interactions/receiving-and-responding, checked 2026-11-21.
    """
    readers = {COMMAND: _command, COMPONENT: _press, MODAL_SUBMIT: _submission}
    kind = body.get("type")
    reader = readers.get(kind) if isinstance(kind, int) else None
    return None if reader is None else reader(body, server_id)


def _command(body: Mapping[str, object], server_id: str) -> Heard | None:
    spoken = read_command(_data(body), body)
    if spoken is None:
        return None
    event = _event(body, server_id, spoken.kind, text=spoken.text)
    said = {"fields": spoken.fields, "payload": {**event.payload, **spoken.payload}}
    return Heard(event=event.model_copy(update=said), reply_to=reply_handle(body, Kind.COMMAND))


def _press(body: Mapping[str, object], server_id: str) -> Reading:
    data = _data(body)
    custom_id = need(data, "custom_id")
    if custom_id == BACK:
        return TakenBack(reply_to=reply_handle(body, Kind.COMPONENT, in_place=True))
    if custom_id.startswith(MENU_PREFIX):
        reply_to = reply_handle(body, Kind.COMPONENT, menu=True)
        return _counted(body, server_id, pressed_token(data) or "", reply_to)
    way, token = read_mark(custom_id)
    if way is Way.ASKS or (way is Way.CONFIRMS and not is_private(body)):
        return _asked_first(body, token)
    return _counted(body, server_id, token, reply_handle(body, Kind.COMPONENT, in_place=way is Way.CONFIRMS))


def _counted(body: Mapping[str, object], server_id: str, token: str, reply_to: ReplyTo) -> Reading:
    if not _is_ours(token):
        return NotOurs(reply_to=reply_to)
    return Heard(event=_event(body, server_id, InboundKind.PRESS, token=token), reply_to=reply_to)


def _asked_first(body: Mapping[str, object], token: str) -> Reading:
    reply_to = reply_handle(body, Kind.COMPONENT)
    if not _is_ours(token):
        return NotOurs(reply_to=reply_to)
    channel_id, message_id = find(body, "channel_id") or "", find(body, "message", "id") or ""
    return AskFirst(token=token, channel_id=channel_id, message_id=message_id, reply_to=reply_to)


def _submission(body: Mapping[str, object], server_id: str) -> Reading:
    data = _data(body)
    token, reply_to = need(data, "custom_id"), reply_handle(body, Kind.MODAL)
    if not _is_ours(token):
        return NotOurs(reply_to=reply_to)
    event = _event(body, server_id, InboundKind.SUBMIT, token=token)
    answered = {"fields": fields_of(data), "files": files_of(data)}
    return Heard(event=event.model_copy(update=answered), reply_to=reply_to)


def _event(
    body: Mapping[str, object], server_id: str, kind: InboundKind, *, token: str | None = None, text: str = ""
) -> InboundEvent:
    return InboundEvent(
        surface=SURFACE,
        key=key_of(need(body, "id")),
        kind=kind,
        account=need(who(body), "id"),
        account_class=class_of(body, server_id).value,
        token=token,
        text=text,
        payload={**place_of(body), **roles_of(body)},
    )


def _is_ours(token: str) -> bool:
    try:
        decode(token)
    except UserMistake:
        return False
    return True


def _data(body: Mapping[str, object]) -> JsonObject:
    data = body.get("data")
    if not isinstance(data, Mapping):
        raise ValueError("Discord's interaction has no data")  # noqa: TRY004 - what came is wrong, not our call
    return dict(data)
