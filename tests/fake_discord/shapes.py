"""Discord's objects as it sends them: https://docs.discord.com/developers/resources, 2026-11-21."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

GUILD_TEXT, GUILD_CATEGORY, PUBLIC_THREAD = 0, 4, 11
ROLE_OVERWRITE, MEMBER_OVERWRITE = 0, 1
DEFAULT, THREAD_STARTER = 0, 21


def at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def user(user_id: str, name: str, *, bot: bool = False) -> dict[str, Any]:
    shown = {"id": user_id, "username": name, "global_name": None if bot else name.title(), "discriminator": "0"}
    return {**shown, "avatar": None, "bot": bot, "flags": 0, "public_flags": 0}


def member(who: Mapping[str, Any], roles: Iterable[str], joined_at: float) -> dict[str, Any]:
    joined = {"joined_at": at(joined_at), "premium_since": None, "pending": False}
    state = {"deaf": False, "mute": False, "flags": 0, "avatar": None, "nick": None}
    return {"user": dict(who), "roles": list(roles), **joined, **state, "communication_disabled_until": None}


def role(role_id: str, name: str, permissions: int, position: int) -> dict[str, Any]:
    looks = {"color": 0, "hoist": False, "icon": None, "unicode_emoji": None, "mentionable": False, "flags": 0}
    colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    named = {"id": role_id, "name": name, "permissions": str(permissions), "position": position}
    return {**named, **looks, "colors": colors, "managed": False}


def channel(channel_id: str, guild_id: str, given: Mapping[str, Any], position: int) -> dict[str, Any]:
    kind = given.get("type") or GUILD_TEXT
    shown = {"id": channel_id, "guild_id": guild_id, "type": kind, "name": given["name"], "position": position}
    place = {"parent_id": given.get("parent_id"), "permission_overwrites": given.get("permission_overwrites") or []}
    text = {} if kind == GUILD_CATEGORY else {"topic": given.get("topic"), "rate_limit_per_user": 0}
    return {**shown, **place, **text, "nsfw": False, "flags": 0, "last_message_id": None}


def thread(thread_id: str, parent: Mapping[str, Any], name: str, owner: str, made_at: float) -> dict[str, Any]:
    shown = {"id": thread_id, "guild_id": parent["guild_id"], "parent_id": parent["id"], "type": PUBLIC_THREAD}
    state = {"archived": False, "locked": False, "auto_archive_duration": 1440}
    times = {"archive_timestamp": at(made_at), "create_timestamp": at(made_at)}
    counts = {"message_count": 0, "member_count": 1, "total_message_sent": 0, "rate_limit_per_user": 0}
    about = {"name": name, "owner_id": owner, "last_message_id": None, "flags": 0}
    return {**shown, **about, **counts, "thread_metadata": {**state, **times}}


def message(
    message_id: str, channel_id: str, author: Mapping[str, Any], body: Mapping[str, Any], made_at: float
) -> dict[str, Any]:
    """A message as it stands; `body` is what its maker sent. Numbers that Discord gives its components are left out."""
    said = {"content": body.get("content") or "", "embeds": body.get("embeds") or [], "flags": body.get("flags") or 0}
    pings = {"mentions": [], "mention_roles": [], "mention_everyone": False, "tts": False, "pinned": False}
    times = {"timestamp": at(made_at), "edited_timestamp": None}
    made = {"id": message_id, "channel_id": channel_id, "author": dict(author), "type": DEFAULT}
    parts = {"components": body.get("components") or [], "attachments": []}
    return {**made, **said, **pings, **times, **parts, **({"nonce": body["nonce"]} if body.get("nonce") else {})}


def guild(
    *,
    guild_id: str,
    name: str,
    owner: str,
    roles: Sequence[Mapping[str, Any]],
    members: Sequence[Mapping[str, Any]],
    channels: Sequence[Mapping[str, Any]],
    threads: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    about: dict[str, Any] = {
        "id": guild_id,
        "name": name,
        "owner_id": owner,
        "icon": None,
        "splash": None,
        "features": [],
    }
    levels = {"verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0}
    more = {"mfa_level": 0, "nsfw_level": 0, "premium_tier": 0, "afk_timeout": 300, "system_channel_flags": 0}
    lists: dict[str, Any] = {"emojis": [], "stickers": [], "voice_states": [], "presences": [], "stage_instances": []}
    there = {"roles": list(roles), "members": list(members), "channels": list(channels), "threads": list(threads)}
    counts = {"member_count": len(members), "large": False, "unavailable": False, "preferred_locale": "en-US"}
    return {**about, **levels, **more, **lists, **there, **counts, "guild_scheduled_events": []}


def application(application_id: str, owner: Mapping[str, Any]) -> dict[str, Any]:
    about = {"id": application_id, "name": "Quarterdeck", "description": "", "icon": None, "summary": ""}
    install = {"bot_public": False, "bot_require_code_grant": False, "integration_types_config": {}}
    return {**about, **install, "verify_key": "00" * 32, "owner": dict(owner), "flags": 0, "team": None}
