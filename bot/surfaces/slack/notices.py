"""What Slack says has become of a channel, told once however often it is said."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.surfaces.base import ChannelChange
from store.records import Record

CHANGES: Mapping[str, ChannelChange] = MappingProxyType(
    {
        "channel_rename": ChannelChange.RENAMED,
        "channel_archive": ChannelChange.ARCHIVED,
        "channel_unarchive": ChannelChange.UNARCHIVED,
        "channel_deleted": ChannelChange.DELETED,
        "channel_left": ChannelChange.LEFT,
        "group_rename": ChannelChange.RENAMED,
        "group_archive": ChannelChange.ARCHIVED,
        "group_unarchive": ChannelChange.UNARCHIVED,
        "group_deleted": ChannelChange.DELETED,
        "group_left": ChannelChange.LEFT,
        "member_left_channel": ChannelChange.LEFT,
        "member_joined_channel": ChannelChange.JOINED,
    }
)
"""By the type of the inner event. https://docs.slack.dev/reference/events, checked 2026-11-21."""

_OF_MEMBERS = ("member_left_channel", "member_joined_channel")


class ChannelEvent(Record):
    """One change of one channel. `by` is the account that made it, None when Slack does not say; `name` a new name."""

    channel_id: str
    change: ChannelChange
    by: str | None
    name: str | None


def read_notice(body: Mapping[str, object], inner: Mapping[str, object]) -> ChannelEvent | None:
    """The change an event tells of; None for other events, and for somebody else's coming and going."""
    kind = str(inner.get("type"))
    if kind not in CHANGES or (kind in _OF_MEMBERS and not _is_us(body, inner.get("user"))):
        return None
    channel = inner.get("channel")
    channel_id, name = (channel.get("id"), channel.get("name")) if isinstance(channel, Mapping) else (channel, None)
    if not isinstance(channel_id, str):
        return None
    by = inner.get("inviter") if kind in _OF_MEMBERS else inner.get("actor_id") or inner.get("user")
    return ChannelEvent(channel_id=channel_id, change=CHANGES[kind], by=_text(by), name=_text(name))


def _is_us(body: Mapping[str, object], account: object) -> bool:
    # An event says whose eyes it was seen with: https://docs.slack.dev/apis/events-api, checked 2026-11-21.
    seen_by = body.get("authorizations")
    ours = [each for each in seen_by if isinstance(each, Mapping)] if isinstance(seen_by, list) else []
    return any(each.get("is_bot") is True and each.get("user_id") == account for each in ours)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
