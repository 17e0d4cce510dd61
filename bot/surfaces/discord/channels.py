"""A channel for each agent, under the team's category: made by us and known by our mark, or one we were told to use."""

import structlog

from agents.roster import names_existing
from blocks.text import clip, utf16_length
from bot.surfaces.base import ChannelLost, ChannelSpec
from bot.surfaces.discord.failures import MISSING_ACCESS, UNKNOWN_CHANNEL, DiscordRefusal
from bot.surfaces.discord.making import SET_UP, Making, mark_of
from bot.surfaces.discord.permissions import NEEDED, Standing, names
from bot.surfaces.discord.server import Channel, read_channel, standing
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.errors import Retryable
from store.records import Loss

log = structlog.get_logger(__name__)

TOPIC_CHARS = 1024
"""https://docs.discord.com/developers/resources/channel, checked 2026-11-21."""


class Channels:
    """Has channels made where there are none, asks whether the bot may use them, and keeps their topics."""

    def __init__(self, web: DiscordWeb, server_id: str, bot_user_id: str, category: str) -> None:
        self._known: dict[str, Channel] = {}
        self._web = web
        self._server_id = server_id
        self._bot_user_id = bot_user_id
        self._making = Making(web, server_id, bot_user_id, category)
        self._standing: Standing | None = None

    async def ensure(self, wanted: ChannelSpec) -> str:
        """The id of a channel the bot can post in. Repeating it makes no second one and changes nothing more.

        A `name` that is an id of Discord's is a channel somebody told us to use. Raises Retryable, and ChannelLost
        when there is none and the bot may make none, or when it may not post there.
        """
        channel = await (self._look(wanted) if wanted.look_only else self._have(wanted))
        self._known[wanted.name] = channel
        return channel.id

    def known(self) -> dict[str, str]:
        """The channels it has answered for, each as it then was: id → name."""
        return {channel.id: channel.name for channel in self._known.values()}

    async def place(self) -> str:
        """The id of the category that the team's channels stand under, made when there is none."""
        return await self._making.category()

    async def _look(self, wanted: ChannelSpec) -> Channel:
        channel_id = wanted.known_id or wanted.name
        channel = await self._info(channel_id) if names_existing(channel_id, "discord") else None
        if channel is None:
            raise ChannelLost(channel_id, Loss.GONE, f"Discord no longer shows the channel {channel_id}.")
        self._standing = None
        return await self._usable(channel)

    async def _have(self, wanted: ChannelSpec) -> Channel:
        channel = await self._existing(wanted)
        if channel is None:
            channel = await self._usable(await self._making.channel(wanted.name, self._topic(wanted)))
        await self._keep_topic(channel, wanted)
        return channel

    async def _existing(self, wanted: ChannelSpec) -> Channel | None:
        told = wanted.name if names_existing(wanted.name, "discord") else None
        channel_id = told or wanted.known_id
        channel = None if channel_id is None else await self._info(channel_id)
        if channel is not None:
            return await self._usable(channel)
        if told is not None:
            message = f"Discord shows no channel {told} to the bot."
            raise ChannelLost(
                told, Loss.GONE, message, "Check the id in team.yaml, and that the bot may see the channel."
            )
        return None

    async def _info(self, channel_id: str) -> Channel | None:
        from discord.http import Route

        try:
            answer = await self._web.call(Route("GET", "/channels/{channel_id}", channel_id=channel_id))
        except DiscordRefusal as refusal:
            if refusal.code == MISSING_ACCESS:
                message = f"The bot does not see the Discord channel {channel_id}."
                raise ChannelLost(channel_id, Loss.LEFT, message, SET_UP) from refusal
            if refusal.code != UNKNOWN_CHANNEL:
                raise
            return None
        return read_channel(answer)

    async def _usable(self, channel: Channel) -> Channel:
        if channel.server_id != self._server_id:
            message = f"The Discord channel {channel.id} is not in the server {self._server_id}."
            raise ChannelLost(channel.id, Loss.UNMADE, message, "Check both ids in team.yaml.")
        if not channel.takes_cards:
            message = f"The Discord channel {channel.name} is no text channel."
            raise ChannelLost(channel.id, Loss.UNMADE, message, "Put a text channel's id in team.yaml.")
        lacking = NEEDED & ~(await self._here()).among(channel.overwrites)
        if lacking:  # what we knew of ourselves may be old
            self._standing = None
            lacking = NEEDED & ~(await self._here()).among(channel.overwrites)
        if lacking:
            message = f"The bot may not use the Discord channel #{channel.name}. It lacks {names(lacking)}."
            raise ChannelLost(channel.id, Loss.LEFT, message, SET_UP)
        return channel

    async def _here(self) -> Standing:
        if self._standing is None:
            self._standing = await standing(self._web, self._server_id, self._bot_user_id)
        return self._standing

    async def _keep_topic(self, channel: Channel, wanted: ChannelSpec) -> None:
        """Says over the channel what it is for. Discord takes two such changes in ten minutes: only when it differs."""
        from discord.http import Route

        theirs = names_existing(wanted.name, "discord")
        topic = clip(wanted.purpose, TOPIC_CHARS, utf16_length) if theirs else self._topic(wanted)
        if channel.topic.strip() == topic.strip() or (theirs and channel.topic):
            return  # what people have written over a channel of theirs stays
        try:
            route = Route("PATCH", "/channels/{channel_id}", channel_id=channel.id)
            await self._web.call(route, body={"topic": topic})
        except (DiscordRefusal, Retryable) as error:
            log.warning("discord.topic_not_set", channel=channel.id, reason=error.message)

    def _topic(self, wanted: ChannelSpec) -> str:
        mark = mark_of(self._bot_user_id, wanted.name)
        return f"{clip(wanted.purpose, TOPIC_CHARS - len(mark) - 1, utf16_length)}\n{mark}"
