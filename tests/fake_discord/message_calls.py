"""Messages: posted once per nonce, edited, read, listed, deleted, pinned, and the threads that start from them."""

from typing import Any

from tests.fake_discord import shapes
from tests.fake_discord.calls import Call, operation
from tests.fake_discord.drafting import drafted, redraft
from tests.fake_discord.judging import IS_COMPONENTS_V2, check_message
from tests.fake_discord.permissions import Permission
from tests.fake_discord.refusals import DiscordError, invalid, missing_permissions, unknown_message
from tests.fake_discord.world import World

HAS_THREAD = 1 << 5
PIN_ADDED = 6
_MAX_PINS = 250
_MAX_PAGE = 100


@operation("messages.create", "POST", "/channels/{channel_id}/messages", schema="MessageCreateRequest")
def _create(world: World, call: Call) -> Any:
    channel_id = call.path["channel_id"]
    in_thread = channel_id in world.channels and world.is_thread(channel_id)
    channel = world.need(channel_id, Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES)
    if channel["type"] == shapes.GUILD_CATEGORY:
        raise DiscordError(400, 50008, "Cannot send messages in a non-text channel")
    if call.uploads:
        world.need(channel_id, Permission.ATTACH_FILES)
    if not (call.body.get("content") or call.body.get("components") or call.body.get("embeds") or call.uploads):
        raise DiscordError(400, 50006, "Cannot send an empty message")
    check_message(call.body, call.uploads)
    known = _posted_before(world, channel_id, call.body)
    return known if known is not None else _post(world, channel, call)


def _posted_before(world: World, channel_id: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """The message that has taken the nonce, while the nonce is remembered."""
    nonce = body.get("nonce")
    if nonce is None or not body.get("enforce_nonce"):
        return None
    message_id, at = world.nonces.get((channel_id, str(nonce)), ("", float("-inf")))
    if world.now() - at > world.nonce_window_seconds:
        return None
    if message_id not in world.messages[channel_id]:
        raise unknown_message()
    return world.messages[channel_id][message_id]


def _post(world: World, channel: dict[str, Any], call: Call) -> dict[str, Any]:
    message = drafted(world, channel["id"], world.bot_id, call.body, call.uploads)
    keep(world, message)
    if call.body.get("nonce") is not None:
        world.nonces[channel["id"], str(call.body["nonce"])] = (message["id"], world.now())
    if channel["type"] == shapes.PUBLIC_THREAD and channel["thread_metadata"]["archived"]:
        channel["thread_metadata"]["archived"] = False
        world.emit("THREAD_UPDATE", channel)
    return message


def keep(world: World, message: dict[str, Any]) -> None:
    """The message is in its channel and everybody who listens hears of it."""
    world.messages[message["channel_id"]][message["id"]] = message
    world.channels[message["channel_id"]]["last_message_id"] = message["id"]
    world.emit("MESSAGE_CREATE", {**message, "guild_id": world.guild_id})


def found(world: World, channel_id: str, message_id: str) -> dict[str, Any]:
    if message_id not in world.messages[channel_id]:
        raise unknown_message()
    return world.messages[channel_id][message_id]


@operation("messages.edit", "PATCH", "/channels/{channel_id}/messages/{message_id}", schema="MessageEditRequestPartial")
def _edit(world: World, call: Call) -> Any:
    channel = world.channel(call.path["channel_id"])
    message = found(world, channel["id"], call.path["message_id"])
    if message["author"]["id"] != world.bot_id:
        raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
    if channel["type"] == shapes.PUBLIC_THREAD and channel["thread_metadata"]["archived"]:
        raise DiscordError(400, 50083, "Thread is archived")
    edit(world, message, call)
    return unsigned(message)


def edit(world: World, message: dict[str, Any], call: Call) -> None:
    """Changes the message by the bot's edit or an interaction's answer."""
    check_message(call.body, call.uploads, was_v2=bool(message["flags"] & IS_COMPONENTS_V2))
    redraft(world, message, call.body, call.uploads)
    world.emit("MESSAGE_UPDATE", {**message, "guild_id": world.guild_id})


def unsigned(message: dict[str, Any]) -> dict[str, Any]:
    """A message as it is read later: the nonce is told only to who posted it."""
    return {name: value for name, value in message.items() if name != "nonce"}


@operation("messages.get", "GET", "/channels/{channel_id}/messages/{message_id}")
def _get(world: World, call: Call) -> Any:
    channel = world.channel(call.path["channel_id"])
    return unsigned(found(world, channel["id"], call.path["message_id"]))


@operation("messages.list", "GET", "/channels/{channel_id}/messages")
def _list(world: World, call: Call) -> Any:
    """Newest first; of a page `after` a message the oldest, and of every other the newest."""
    channel = world.channel(call.path["channel_id"])
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= _MAX_PAGE:
        raise invalid("limit: int value should be between 1 and 100.")
    if not world.may(channel["id"], Permission.READ_MESSAGE_HISTORY):
        return []
    before, after = int(call.query.get("before", 1 << 63)), int(call.query.get("after", 0))
    within = [each for number, each in world.messages[channel["id"]].items() if after < int(number) < before]
    page = within[:limit] if "after" in call.query else within[-limit:]
    return [unsigned(each) for each in reversed(page)]


@operation("messages.delete", "DELETE", "/channels/{channel_id}/messages/{message_id}")
def _delete(world: World, call: Call) -> Any:
    channel = world.channel(call.path["channel_id"])
    message = found(world, channel["id"], call.path["message_id"])
    if message["author"]["id"] != world.bot_id and not world.may(channel["id"], Permission.MANAGE_MESSAGES):
        raise missing_permissions()
    del world.messages[channel["id"]][message["id"]]
    world.pins[channel["id"]] = [each for each in world.pins[channel["id"]] if each != message["id"]]
    gone = {"id": message["id"], "channel_id": channel["id"], "guild_id": world.guild_id}
    world.emit("MESSAGE_DELETE", gone)


@operation("pins.add", "PUT", "/channels/{channel_id}/messages/pins/{message_id}")
@operation("pins.add.old", "PUT", "/channels/{channel_id}/pins/{message_id}")
def _pin(world: World, call: Call) -> Any:
    channel = world.need(call.path["channel_id"], Permission.PIN_MESSAGES)
    message = found(world, channel["id"], call.path["message_id"])
    if message["pinned"]:
        return
    if len(world.pins[channel["id"]]) >= _MAX_PINS:
        raise DiscordError(400, 30003, "Maximum number of pins reached (250)")
    message["pinned"] = True
    world.pins[channel["id"]].append(message["id"])
    said = drafted(world, channel["id"], world.bot_id, {}, ())
    reference = {"type": 0, "channel_id": channel["id"], "message_id": message["id"], "guild_id": world.guild_id}
    keep(world, {**said, "type": PIN_ADDED, "message_reference": reference})


@operation("pins.remove", "DELETE", "/channels/{channel_id}/messages/pins/{message_id}")
@operation("pins.remove.old", "DELETE", "/channels/{channel_id}/pins/{message_id}")
def _unpin(world: World, call: Call) -> Any:
    channel = world.need(call.path["channel_id"], Permission.PIN_MESSAGES)
    message = found(world, channel["id"], call.path["message_id"])
    message["pinned"] = False
    world.pins[channel["id"]] = [each for each in world.pins[channel["id"]] if each != message["id"]]


@operation("pins.list", "GET", "/channels/{channel_id}/messages/pins")
def _pins(world: World, call: Call) -> Any:
    channel = world.channel(call.path["channel_id"])
    pinned = [unsigned(found(world, channel["id"], each)) for each in reversed(world.pins[channel["id"]])]
    return {"items": [{"pinned_at": each["timestamp"], "message": each} for each in pinned], "has_more": False}


@operation("pins.list.old", "GET", "/channels/{channel_id}/pins")
def _pins_as_before(world: World, call: Call) -> Any:
    return [each["message"] for each in _pins(world, call)["items"]]


@operation(
    "threads.start",
    "POST",
    "/channels/{channel_id}/messages/{message_id}/threads",
    schema="CreateTextThreadWithMessageRequest",
)
def _start_thread(world: World, call: Call) -> Any:
    channel = world.need(call.path["channel_id"], Permission.CREATE_PUBLIC_THREADS)
    message = found(world, channel["id"], call.path["message_id"])
    if message["id"] in world.channels:
        raise DiscordError(400, 160004, "A thread has already been created for this message")
    thread = shapes.thread(message["id"], channel, call.body["name"], world.bot_id, world.now())
    thread["thread_metadata"]["auto_archive_duration"] = call.body.get("auto_archive_duration") or 1440
    world.channels[thread["id"]] = thread
    message["flags"] |= HAS_THREAD
    message["thread"] = thread
    world.emit("THREAD_CREATE", {**thread, "newly_created": True})
    starter = drafted(world, thread["id"], world.bot_id, {}, ())
    reference = {"type": 0, "channel_id": channel["id"], "message_id": message["id"], "guild_id": world.guild_id}
    keep(world, {**starter, "type": shapes.THREAD_STARTER, "message_reference": reference})
    return thread
