"""A channel for each agent: made by us, or one we were told to use; never a stranger's that has the name by chance."""

import html
import re
from collections.abc import Sequence

import structlog

from agents.roster import names_existing
from blocks.text import clip
from bot.surfaces.base import ChannelLost, ChannelSpec
from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.posting import next_cursor
from bot.surfaces.slack.web import SlackWeb
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import QuarterdeckError
from store.records import Loss

log = structlog.get_logger(__name__)

NAME_CHARS = 80
TOPIC_CHARS = 250
"""https://docs.slack.dev/reference/methods/conversations.create and …/conversations.setTopic, checked 2026-11-21."""
PAGE = 999


class Channels:
    """Makes channels and keeps their topics. `people` are the Slack accounts invited into each channel it makes."""

    def __init__(self, web: SlackWeb, bot_user_id: str, people: Sequence[str]) -> None:
        self._web = web
        self._bot_user_id = bot_user_id
        self._people = tuple(people)

    async def ensure(self, wanted: ChannelSpec) -> str:
        """The id of a channel the bot can post in. Repeating it makes no second one and changes nothing more.

        A `name` that is a channel id ("C0123ABCDEF") is a channel somebody told us to use. Raises Retryable, and
        ChannelLost when the name belongs to somebody else's channel, or ours cannot be used.
        """
        if wanted.look_only:
            return await self._look(wanted)
        channel = await self._existing(wanted) or await self._make(wanted)
        await self._set_topic(channel, wanted.purpose)
        return str(channel["id"])

    async def _look(self, wanted: ChannelSpec) -> str:
        channel_id = wanted.known_id or wanted.name
        channel = await self._info(channel_id)
        if channel is None:
            raise ChannelLost(channel_id, Loss.GONE, f"Slack no longer shows the channel {channel_id}.")
        if channel.get("is_member") is False:
            raise ChannelLost(channel_id, Loss.LEFT, f"The app is not in the Slack channel #{channel.get('name')}.")
        return str((await self._usable(channel))["id"])

    async def _existing(self, wanted: ChannelSpec) -> JsonObject | None:
        told = wanted.name if names_existing(wanted.name, "slack") else None
        channel_id = told or wanted.known_id
        channel = None if channel_id is None else await self._info(channel_id)
        if channel is not None:
            return await self._usable(channel)
        if told is not None:
            raise ChannelLost(
                told,
                Loss.GONE,
                f"Slack shows no channel {told} to the app.",
                "Check the id in team.yaml, and invite the app when the channel is private.",
            )
        return None

    async def _info(self, channel_id: str) -> JsonObject | None:
        try:
            return _channel(await self._web.call("conversations.info", {"channel": channel_id}, repeatable=True))
        except SlackRefusal as refusal:
            if refusal.code != "channel_not_found":
                raise
            return None

    async def _usable(self, channel: JsonObject) -> JsonObject:
        if channel.get("is_archived"):
            raise ChannelLost(
                str(channel["id"]),
                Loss.ARCHIVED,
                f"The Slack channel #{channel.get('name')} is archived.",
                "Unarchive it in Slack, or give the agent another channel in team.yaml.",
            )
        if channel.get("is_member") is False:
            await self._web.call("conversations.join", {"channel": channel["id"]}, repeatable=True)
        return channel

    async def _make(self, wanted: ChannelSpec) -> JsonObject:
        name = channel_name(wanted.name)
        try:
            # Repeatable: a second attempt after a lost answer finds the name taken, by us.
            channel = _channel(await self._web.call("conversations.create", {"name": name}, repeatable=True))
        except SlackRefusal as refusal:
            if refusal.code != "name_taken":
                raise
            channel = await self._usable(await self._ours_named(name))
        await self._invite(str(channel["id"]))
        return channel

    async def _ours_named(self, name: str) -> JsonObject:
        cursor: Json = None
        while cursor != "":
            arguments: JsonObject = {"types": "public_channel", "limit": PAGE, "cursor": cursor}
            page = await self._web.call("conversations.list", arguments, repeatable=True)
            listed = page.get("channels")
            for channel in listed if isinstance(listed, list) else []:
                if isinstance(channel, dict) and self._is_ours(channel, name):
                    return channel
            cursor = next_cursor(page)
        raise ChannelLost(
            name,
            Loss.UNMADE,
            f"Slack already has a channel #{name} that Quarterdeck did not make.",
            "Set another channel or prefix in team.yaml, or put that channel's id (C…) there to use it.",
        )

    def _is_ours(self, channel: JsonObject, name: str) -> bool:
        return channel.get("name") == name and channel.get("creator") == self._bot_user_id

    async def _invite(self, channel_id: str) -> None:
        if not self._people:
            return
        try:
            arguments: JsonObject = {"channel": channel_id, "users": ",".join(self._people), "force": True}
            await self._web.call("conversations.invite", arguments, repeatable=True)
        except QuarterdeckError as error:
            # The channel is public and works without: who is missing can join.
            log.warning("slack.invite_failed", channel=channel_id, reason=str(error))

    async def _set_topic(self, channel: JsonObject, purpose: str) -> None:
        wanted, current = clip(purpose, TOPIC_CHARS), _topic_of(channel)
        if current == wanted or (current and channel.get("creator") != self._bot_user_id):
            return  # what people have written over a channel of theirs stays
        try:
            await self._web.call("conversations.setTopic", {"channel": channel["id"], "topic": wanted}, repeatable=True)
        except SlackRefusal as refusal:
            log.warning("slack.topic_not_set", channel=channel["id"], reason=str(refusal))


def channel_name(name: str) -> str:
    """`name` as Slack spells a channel: lower case, no spaces, at most 80 characters; a good name is left as it is."""
    return re.sub(r"[^\w-]+", "-", name.lower()).strip("-")[:NAME_CHARS]


def _topic_of(channel: JsonObject) -> str:
    topic = channel.get("topic")
    value = topic.get("value") if isinstance(topic, dict) else None
    return html.unescape(value) if isinstance(value, str) else ""


def _channel(answer: JsonObject) -> JsonObject:
    channel = answer.get("channel")
    if not isinstance(channel, dict):
        raise TypeError("Slack answered without the channel")
    return channel
