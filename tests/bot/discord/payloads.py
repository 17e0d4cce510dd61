"""Interactions as Discord sends them: https://docs.discord.com/developers/interactions/receiving-and-responding."""

from typing import Any

SERVER, APPLICATION = "700000000000000001", "700000000000000009"
ANA, BEN, KIM = "700000000000000101", "700000000000000102", "700000000000000177"
CHANNEL, MESSAGE, ROLE = "700000000000000201", "700000000000000301", "700000000000000401"


def member(account: str = ANA, **changes: Any) -> dict[str, Any]:
    user = {"id": account, "username": "ana", "discriminator": "0", "bot": False}
    return {"user": user, "roles": [ROLE], "pending": False, **changes}


def interaction(kind: int, data: dict[str, Any], number: int = 1, **changes: Any) -> dict[str, Any]:
    """One interaction of a member of the server, on a message of ours unless it is a command."""
    body = {
        "id": str(1_300_000_000_000_000_000 + number),
        "application_id": APPLICATION,
        "type": kind,
        "token": f"token-{number}",
        "version": 1,
        "guild_id": SERVER,
        "channel_id": CHANNEL,
        "member": member(),
        "data": data,
    }
    message = {} if kind == 2 else {"message": {"id": MESSAGE, "channel_id": CHANNEL, "flags": 1 << 15}}
    return {**body, **message, **changes}


def pressed(custom_id: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    return interaction(3, {"custom_id": custom_id, "component_type": 2}, number, **changes)


def confirmed(custom_id: str, number: int = 1) -> dict[str, Any]:
    """A press on a message that its reader alone sees, as a question is."""
    message = {"id": MESSAGE, "channel_id": CHANNEL, "flags": 1 << 15 | 1 << 6}
    return pressed(custom_id, number, message=message)


def picked(custom_id: str, value: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    return interaction(3, {"custom_id": custom_id, "component_type": 3, "values": [value]}, number, **changes)


def submitted(custom_id: str, *components: dict[str, Any], **changes: Any) -> dict[str, Any]:
    labels = [{"type": 18, "id": number, "component": one} for number, one in enumerate(components)]
    return interaction(5, {"custom_id": custom_id, "components": labels}, **changes)


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}
