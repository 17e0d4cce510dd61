"""What is asked about the bot itself, the guild, its channels, roles, people and commands."""

from typing import Any

from tests.fake_discord import shapes
from tests.fake_discord.calls import Call, operation
from tests.fake_discord.permissions import ALL, Permission
from tests.fake_discord.refusals import DiscordError, invalid, missing_access, missing_permissions, unknown_channel
from tests.fake_discord.world import World

_MAX_IN_GUILD, _MAX_IN_CATEGORY = 500, 50
_CHANGEABLE = ("name", "topic", "parent_id", "position", "nsfw", "permission_overwrites")


@operation("users.me", "GET", "/users/@me")
def _me(world: World, _call: Call) -> Any:
    return world.users[world.bot_id]


@operation("applications.me", "GET", "/applications/@me")
@operation("applications.oauth", "GET", "/oauth2/applications/@me")
def _application(world: World, _call: Call) -> Any:
    return {**shapes.application(world.application_id, world.users[world.owner_id]), **world.application_facts}


@operation("gateway", "GET", "/gateway", needs_token=False)
def _gateway(world: World, _call: Call) -> Any:
    return {"url": gateway_url(world)}


@operation("gateway.bot", "GET", "/gateway/bot")
def _gateway_bot(world: World, _call: Call) -> Any:
    limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": gateway_url(world), "shards": 1, "session_start_limit": limit}


def gateway_url(world: World) -> str:
    return world.url.replace("http", "ws", 1) + "/gateway/"


@operation("users.guilds", "GET", "/users/@me/guilds")
def _guilds(world: World, _call: Call) -> Any:
    return [{"id": world.guild_id, "name": world.guild()["name"], "permissions": str(int(world.bot_permissions))}]


def _known_guild(world: World, call: Call) -> None:
    if world.away or call.path["guild_id"] != world.guild_id:
        raise DiscordError(404, 10004, "Unknown Guild")


@operation("guild.get", "GET", "/guilds/{guild_id}")
def _guild(world: World, call: Call) -> Any:
    _known_guild(world, call)
    return world.guild()


@operation("guild.channels", "GET", "/guilds/{guild_id}/channels")
def _channels(world: World, call: Call) -> Any:
    _known_guild(world, call)
    return [each for each in world.channels.values() if each["type"] != shapes.PUBLIC_THREAD]


@operation("guild.threads", "GET", "/guilds/{guild_id}/threads/active")
def _active_threads(world: World, call: Call) -> Any:
    _known_guild(world, call)
    threads = [each for each in world.channels.values() if each["type"] == shapes.PUBLIC_THREAD]
    return {"threads": [each for each in threads if not each["thread_metadata"]["archived"]], "members": []}


@operation("guild.roles", "GET", "/guilds/{guild_id}/roles")
def _roles(world: World, call: Call) -> Any:
    _known_guild(world, call)
    return list(world.roles.values())


@operation("guild.member", "GET", "/guilds/{guild_id}/members/{user_id}")
def _member(world: World, call: Call) -> Any:
    _known_guild(world, call)
    return world.member(call.path["user_id"])


@operation("channels.create", "POST", "/guilds/{guild_id}/channels", schema="CreateGuildChannelRequest")
def _create_channel(world: World, call: Call) -> Any:
    _known_guild(world, call)
    world.need_everywhere(Permission.MANAGE_CHANNELS)
    parent = call.body.get("parent_id")
    siblings = [each for each in world.channels.values() if parent and each.get("parent_id") == str(parent)]
    if len(siblings) >= _MAX_IN_CATEGORY:
        raise invalid("Maximum number of channels in category reached (50)")
    if len(world.channels) >= _MAX_IN_GUILD:
        raise DiscordError(400, 30013, "Maximum number of guild channels reached (500)")
    inherited = world.channels[str(parent)]["permission_overwrites"] if parent else []
    given = {**call.body, "permission_overwrites": list(inherited), **_overwrites(call.body)}
    given["parent_id"] = str(parent) if parent else None
    return world.channels[world.add_channel(**{**given, "name": _as_kept(call.body["name"], call.body.get("type"))})]


def _as_kept(name: str, kind: int | None) -> str:
    """A text channel's name has no capitals and no spaces."""
    return name if kind == shapes.GUILD_CATEGORY else name.lower().replace(" ", "-")


def _overwrites(body: dict[str, Any]) -> dict[str, Any]:
    if "permission_overwrites" not in body:
        return {}
    return {"permission_overwrites": [_overwrite(str(each["id"]), each) for each in body["permission_overwrites"]]}


def _overwrite(overwrite_id: str, given: dict[str, Any]) -> dict[str, Any]:
    allowed, denied = str(given.get("allow") or 0), str(given.get("deny") or 0)
    return {"id": overwrite_id, "type": given["type"], "allow": allowed, "deny": denied}


@operation("channels.get", "GET", "/channels/{channel_id}")
def _get_channel(world: World, call: Call) -> Any:
    return world.channel(call.path["channel_id"])


@operation("channels.edit", "PATCH", "/channels/{channel_id}")
def _edit_channel(world: World, call: Call) -> Any:
    channel = world.channel(call.path["channel_id"])
    if channel["type"] == shapes.PUBLIC_THREAD:
        return _edit_thread(world, channel, call.body)
    world.need(channel["id"], Permission.MANAGE_CHANNELS)
    if "permission_overwrites" in call.body:
        world.need(channel["id"], Permission.MANAGE_ROLES)
    if len(call.body.get("topic") or "") > 1024:
        raise invalid("topic: Must be 1024 or fewer in length.")
    changed = {name: call.body[name] for name in _CHANGEABLE if name in call.body}
    channel.update({**changed, **_overwrites(call.body)})
    if "name" in changed:
        channel["name"] = _as_kept(changed["name"], channel["type"])
    world.emit("CHANNEL_UPDATE", channel)
    return channel


def _edit_thread(world: World, thread: dict[str, Any], body: dict[str, Any]) -> Any:
    state = thread["thread_metadata"]
    if state["archived"] and body.get("archived") is not False:
        raise DiscordError(400, 50083, "Thread is archived")
    state.update({name: body[name] for name in ("archived", "locked", "auto_archive_duration") if name in body})
    thread["name"] = body.get("name", thread["name"])
    world.emit("THREAD_UPDATE", thread)
    return thread


@operation("channels.delete", "DELETE", "/channels/{channel_id}")
def _delete_channel(world: World, call: Call) -> Any:
    channel = world.need(call.path["channel_id"], Permission.MANAGE_CHANNELS)
    return world.delete_channel(channel["id"])


@operation("channels.overwrite", "PUT", "/channels/{channel_id}/permissions/{overwrite_id}")
def _put_overwrite(world: World, call: Call) -> Any:
    channel = world.need(call.path["channel_id"], Permission.MANAGE_ROLES)
    touched = int(call.body.get("allow") or 0) | int(call.body.get("deny") or 0)
    if touched & int(ALL) & ~int(world.allowed(channel["id"])):
        raise missing_permissions()  # nobody gives or takes what they do not have themselves
    _drop_overwrite(channel, call.path["overwrite_id"])
    channel["permission_overwrites"].append(_overwrite(call.path["overwrite_id"], call.body))
    world.emit("CHANNEL_UPDATE", channel)


@operation("channels.unoverwrite", "DELETE", "/channels/{channel_id}/permissions/{overwrite_id}")
def _delete_overwrite(world: World, call: Call) -> Any:
    channel = world.need(call.path["channel_id"], Permission.MANAGE_ROLES)
    _drop_overwrite(channel, call.path["overwrite_id"])
    world.emit("CHANNEL_UPDATE", channel)


def _drop_overwrite(channel: dict[str, Any], overwrite_id: str) -> None:
    kept = [each for each in channel["permission_overwrites"] if each["id"] != overwrite_id]
    channel["permission_overwrites"] = kept


@operation("typing", "POST", "/channels/{channel_id}/typing")
def _typing(world: World, call: Call) -> Any:
    if call.path["channel_id"] not in world.channels:
        raise unknown_channel()


@operation("commands.list", "GET", "/applications/{application_id}/guilds/{guild_id}/commands")
def _commands(world: World, call: Call) -> Any:
    _known_application(world, call)
    return world.commands


@operation("commands.sync", "PUT", "/applications/{application_id}/guilds/{guild_id}/commands", schema="commands")
def _sync_commands(world: World, call: Call) -> Any:
    _known_application(world, call)
    names = [(each.get("type", 1), each["name"]) for each in call.body]
    if len(set(names)) != len(names):
        raise invalid("APPLICATION_COMMANDS_DUPLICATE_NAME")
    about = {"application_id": world.application_id, "guild_id": world.guild_id, "type": 1}
    world.commands = [{**about, **each, "id": world.ids.next(), "version": world.ids.next()} for each in call.body]
    return world.commands


def _known_application(world: World, call: Call) -> None:
    if call.path["application_id"] != world.application_id:
        raise DiscordError(403, 20012, "You are not authorized to perform this action on this application")
    if call.path["guild_id"] != world.guild_id:
        raise missing_access()
