"""Who may do what in a channel: roles, then the channel's overwrites.

https://docs.discord.com/developers/topics/permissions, 2026-11-21.
"""

from collections.abc import Iterable, Mapping
from enum import IntFlag
from typing import Any


class Permission(IntFlag):
    MANAGE_CHANNELS = 1 << 4
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    PIN_MESSAGES = 1 << 51


ALL = Permission(sum(Permission))
MEMBERS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
)


def permissions_in(
    channel: Mapping[str, Any], base: Permission, everyone: str, roles: Iterable[str], member: str
) -> Permission:
    """What a member with `base` from their roles may do in the channel: everyone's overwrite, the roles', their own."""
    overwrites = {each["id"]: each for each in channel.get("permission_overwrites", [])}
    allowed = _overwritten(base, overwrites, [everyone])
    allowed = _overwritten(allowed, overwrites, roles)
    return _overwritten(allowed, overwrites, [member])


def _overwritten(allowed: Permission, overwrites: Mapping[str, Any], ids: Iterable[str]) -> Permission:
    found = [overwrites[each] for each in ids if each in overwrites]
    for each in found:
        allowed &= ~Permission(int(each["deny"]) & ALL)
    for each in found:
        allowed |= Permission(int(each["allow"]) & ALL)
    return allowed
