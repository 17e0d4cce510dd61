"""A Discord server as its REST API tells of it: channels, roles, and what the bot is among them."""

from collections.abc import Mapping
from enum import IntEnum

from bot.surfaces.discord.failures import UNKNOWN_MEMBER, UNKNOWN_USER, DiscordRefusal
from bot.surfaces.discord.permissions import Overwrite, Standing
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.canonical import Json
from store.records import Record


class ChannelKind(IntEnum):
    """The kinds of channel we know: https://docs.discord.com/developers/resources/channel, checked 2026-11-21."""

    TEXT = 0
    CATEGORY = 4
    NEWS = 5


class Channel(Record):
    """A channel, or a category, of a server. `topic` is empty where there is none."""

    id: str
    server_id: str
    kind: int
    name: str
    topic: str = ""
    parent_id: str | None = None
    overwrites: tuple[Overwrite, ...] = ()

    @property
    def takes_cards(self) -> bool:
        """True for a channel in which messages stand."""
        return self.kind in (ChannelKind.TEXT, ChannelKind.NEWS)


class Role(Record):
    """A role of a server; @everyone's id is the server's. `managed`: it is an app's own, and nobody is given it."""

    id: str
    name: str
    permissions: int
    mentionable: bool
    managed: bool


async def channels_of(web: DiscordWeb, server_id: str) -> tuple[Channel, ...]:
    """Every channel and category of the server, the oldest first; also those in which the bot may nothing."""
    from discord.http import Route

    answer = await web.call(Route("GET", "/guilds/{guild_id}/channels", guild_id=server_id))
    found = [read_channel(each, server_id) for each in _list(answer)]
    return tuple(sorted((each for each in found if each is not None), key=lambda each: int(each.id)))


async def roles_of(web: DiscordWeb, server_id: str) -> dict[str, Role]:
    """The server's roles by id."""
    from discord.http import Route

    answer = await web.call(Route("GET", "/guilds/{guild_id}/roles", guild_id=server_id))
    return {role.id: role for each in _list(answer) if (role := _read_role(each)) is not None}


async def standing(web: DiscordWeb, server_id: str, bot_user_id: str) -> Standing:
    """What the bot is in the server now. Raises DiscordRefusal when it is not in it."""
    from discord.http import Route

    where = {"guild_id": server_id, "user_id": bot_user_id}
    member = _mapping(await web.call(Route("GET", "/guilds/{guild_id}/members/{user_id}", **where)))
    roles = await roles_of(web, server_id)
    mine = frozenset(str(each) for each in _list(member.get("roles"))) & roles.keys()
    given = 0
    for role_id in mine:
        given |= roles[role_id].permissions
    everyone = roles[server_id].permissions if server_id in roles else 0
    return Standing(server_id=server_id, bot_user_id=bot_user_id, everyone=everyone, given=given, role_ids=mine)


async def roles_held(web: DiscordWeb, server_id: str, account: str) -> frozenset[str] | None:
    """The ids of the roles that the account has in the server; None when it is not in it."""
    from discord.http import Route

    route = Route("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=server_id, user_id=account)
    try:
        member = _mapping(await web.call(route))
    except DiscordRefusal as refusal:
        if refusal.code not in (UNKNOWN_MEMBER, UNKNOWN_USER):
            raise
        return None
    return frozenset(str(each) for each in _list(member.get("roles")))


def read_channel(value: Json, server_id: str | None = None) -> Channel | None:
    """A channel object; None for what is none. `server_id` is the server's where the object does not say."""
    told = _mapping(value)
    channel_id, server, kind = told.get("id"), told.get("guild_id") or server_id, told.get("type")
    if not isinstance(channel_id, str) or not isinstance(server, str) or not isinstance(kind, int):
        return None
    parent = told.get("parent_id")
    return Channel(
        id=channel_id,
        server_id=server,
        kind=kind,
        name=str(told.get("name") or ""),
        topic=str(told.get("topic") or ""),
        parent_id=parent if isinstance(parent, str) else None,
        overwrites=tuple(_read_overwrite(_mapping(each)) for each in _list(told.get("permission_overwrites"))),
    )


def write_overwrite(overwrite: Overwrite) -> Json:
    """The overwrite as Discord takes it; bits go as text."""
    allow, deny = str(int(overwrite.allow)), str(int(overwrite.deny))
    return {"type": int(overwrite.member), "allow": allow, "deny": deny}


def _read_overwrite(told: Mapping[str, Json]) -> Overwrite:
    allow, deny = int(str(told.get("allow") or 0)), int(str(told.get("deny") or 0))
    return Overwrite(id=str(told.get("id")), member=told.get("type") == 1, allow=allow, deny=deny)


def _read_role(value: Json) -> Role | None:
    told = _mapping(value)
    if not isinstance(told.get("id"), str):
        return None
    return Role(
        id=str(told["id"]),
        name=str(told.get("name") or ""),
        permissions=int(str(told.get("permissions") or 0)),
        mentionable=told.get("mentionable") is True,
        managed=told.get("managed") is True,
    )


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []
