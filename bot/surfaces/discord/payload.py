"""The parts of Discord's payloads that every reader needs: texts by their path, keys, places, and the way back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from bot.surfaces.base import HELD_ROLES, InboundEvent, ReplyTo
from store.kernel.canonical import JsonObject
from store.records import Record

SURFACE = "discord"

EPHEMERAL = 1 << 6
"""The flag of a message that one person sees: https://docs.discord.com/developers/resources/message, 2026-11-21."""

DISCORD_EPOCH_MS = 1_420_070_400_000
"""https://docs.discord.com/developers/reference#snowflakes, checked 2026-11-21."""


class Kind(StrEnum):
    """What was answered to: it decides what may be answered."""

    COMMAND = "command"
    COMPONENT = "component"
    MODAL = "modal"


class AccountClass(StrEnum):
    """Only a member may act; the others are refused by default."""

    MEMBER = "member"
    EXTERNAL = "external"
    UNKNOWN = "unknown"


class Heard(Record):
    """What a person did, and how that person can be answered for the next quarter of an hour."""

    event: InboundEvent
    reply_to: ReplyTo


def key_of(interaction_id: str) -> str:
    """The key of an interaction, equal for every delivery. A token has room for it and the longest id of an agent."""
    return f"i-{interaction_id}"


def made_at(snowflake: str) -> datetime:
    """When Discord made what has this id. Raises ValueError for what is no id."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + DISCORD_EPOCH_MS) / 1000, UTC)


def reply_handle(body: Mapping[str, object], kind: Kind, *, in_place: bool = False, menu: bool = False) -> ReplyTo:
    """How the person can be answered.

    `in_place`: the message that was pressed is theirs alone, and is replaced. `menu`: something was picked in a menu.
    """
    handle: JsonObject = {
        "interaction_id": need(body, "id"),
        "token": need(body, "token"),
        "application_id": need(body, "application_id"),
        "kind": kind.value,
        "on_message": find(body, "message", "id") is not None,
        "in_place": in_place,
        "menu": menu,
    }
    return ReplyTo(surface=SURFACE, handle=handle)


def place_of(body: Mapping[str, object]) -> JsonObject:
    """Where it happened, as an event's payload says it."""
    place = {"channel": find(body, "channel_id"), "message": find(body, "message", "id")}
    return {name: value for name, value in place.items() if value is not None}


def is_private(body: Mapping[str, object]) -> bool:
    """True when what was pressed stands on a message that one person sees, as a question does and a card does not."""
    message = body.get("message")
    flags = message.get("flags") if isinstance(message, Mapping) else None
    return isinstance(flags, int) and bool(flags & EPHEMERAL)


def who(body: Mapping[str, object]) -> Mapping[str, object]:
    """The user who acted: in a server it stands in the member, elsewhere by itself. Raises ValueError without one."""
    member = body.get("member")
    user = member.get("user") if isinstance(member, Mapping) else body.get("user")
    if not isinstance(user, Mapping):
        raise ValueError("Discord's interaction names no user")  # noqa: TRY004 - what came is wrong, not our call
    return user


def class_of(body: Mapping[str, object], server_id: str) -> AccountClass:
    """What kind of account acted. A fact that is missing never counts in the account's favour.

    One that has not yet passed the server's membership screening is no member:
    https://docs.discord.com/developers/resources/guild#guild-member-object, checked 2026-11-21.
    """
    member, user = body.get("member"), who(body)
    if user.get("bot") or user.get("system"):
        return AccountClass.UNKNOWN
    if not isinstance(member, Mapping) or find(body, "guild_id") != server_id:
        return AccountClass.EXTERNAL
    return AccountClass.MEMBER if member.get("pending") is False else AccountClass.UNKNOWN


def roles_of(body: Mapping[str, object]) -> JsonObject:
    """The roles of the member who acted, as an event's payload says them; nothing where there are no members."""
    member = body.get("member")
    roles = member.get("roles") if isinstance(member, Mapping) else None
    return {HELD_ROLES: [str(role) for role in roles]} if isinstance(roles, list) else {}


def need(body: object, *path: str) -> str:
    """The text at the path. Raises ValueError when there is none, which Discord says cannot be."""
    found = find(body, *path)
    if found is None:
        raise ValueError(f"Discord's payload has no {'.'.join(path)}")
    return found


def find(body: object, *path: str) -> str | None:
    """The text at the path; None when there is none, or it is empty."""
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) and body else None
