"""Command interactions as Discord sends them, in the parts that matter here."""

from typing import Any

SERVER, CHANNEL, ANA = "100000000000000001", "200000000000000002", "300000000000000003"
APPLICATION = "400000000000000004"


def interaction(kind: int, data: dict[str, Any], *, number: int = 1, **changes: Any) -> dict[str, Any]:
    """One interaction of Ana's, who is a member of the server."""
    whole = {
        "id": f"{500000000000000000 + number}",
        "application_id": APPLICATION,
        "type": kind,
        "token": f"token-{number}",
        "guild_id": SERVER,
        "channel_id": CHANNEL,
        "channel": {"id": CHANNEL, "type": 0},
        "member": {"user": {"id": ANA, "username": "ana"}, "roles": [], "pending": False},
        "data": data,
    }
    return {**whole, **changes}


def slash(command: str, *, kind: int = 2, focused: str = "", **options: str) -> dict[str, Any]:
    """`/deck COMMAND` with its options; `focused` is the one that is being typed."""
    given = [{"type": 3, "name": name, "value": value} for name, value in options.items()]
    typed = [{**one, "focused": True} if one["name"] == focused else one for one in given]
    subcommand = {"type": 1, "name": command, "options": typed}
    return interaction(kind, {"id": "1", "name": "deck", "type": 1, "options": [subcommand]})


def in_thread(body: dict[str, Any], thread: str) -> dict[str, Any]:
    """The same, said in a thread of the channel."""
    return {**body, "channel_id": thread, "channel": {"id": thread, "type": 11, "parent_id": CHANNEL}}


def on_message(menu: str, **message: Any) -> dict[str, Any]:
    """A press on a message's menu."""
    whole = {"id": "600000000000000006", "channel_id": CHANNEL, "author": {"id": "7", "username": "mallory"}, **message}
    data = {"id": "2", "name": menu, "type": 3, "target_id": "600000000000000006"}
    return interaction(2, {**data, "resolved": {"messages": {"600000000000000006": whole}}})
