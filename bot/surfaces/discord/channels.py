"""A channel for each agent, under the team's category: made by us and known by our mark, or one we were told to use."""

import re
from collections.abc import Sequence

import structlog

from agents.roster import DISCORD_ID, names_existing
from blocks.text import clip, utf16_length
from bot.surfaces.base import ChannelLost, ChannelSpec
from bot.surfaces.discord.failures import MISSING_ACCESS, UNKNOWN_CHANNEL, DiscordRefusal
from bot.surfaces.discord.permissions import NEEDED, Standing, names
from bot.surfaces.discord.server import Channel, ChannelKind, channels_of, read_channel, standing
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.canonical import JsonObject
from store.kernel.errors import OutcomeUnknown, Retryable
from store.records import Loss

log = structlog.get_logger(__name__)

NAME_CHARS = 100
TOPIC_CHARS = 1024
"""https://docs.discord.com/developers/resources/channel, checked 2026-11-21."""
CHANNELS_OF_SERVER = 500
CHANNELS_OF_CATEGORY = 50
"""Categories count among the first. https://docs.discord.com/developers/topics/opcodes-and-status-codes (30013) and
…/resources/channel (parent_id), checked 2026-11-21."""
SET_UP = "Run `quarterdeck discord setup`: it says which permissions the bot needs, and makes what is missing."
LOOK_AGAIN_SECONDS = 5.0


class Channels:
    """Makes channels and keeps their topics.

    A topic ends in our mark, which names the bot and the channel: by it a channel is found again that was made and
    never recorded. Making one is not idempotent, so it is always looked for first, and where two were made at once
    the older one counts.
    """

    def __init__(self, web: DiscordWeb, server_id: str, bot_user_id: str, category: str) -> None:
        self._known: dict[str, Channel] = {}
        self._web = web
        self._server_id = server_id
        self._bot_user_id = bot_user_id
        self._category = category
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
        return await self._place(await channels_of(self._web, self._server_id))

    async def _look(self, wanted: ChannelSpec) -> Channel:
        channel_id = wanted.known_id or wanted.name
        channel = await self._info(channel_id) if names_existing(channel_id, "discord") else None
        if channel is None:
            raise ChannelLost(channel_id, Loss.GONE, f"Discord no longer shows the channel {channel_id}.")
        self._standing = None
        return await self._usable(channel)

    async def _have(self, wanted: ChannelSpec) -> Channel:
        channel = await self._existing(wanted) or await self._make(wanted)
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

    async def _make(self, wanted: ChannelSpec) -> Channel:
        name = channel_name(wanted.name)
        everything = await channels_of(self._web, self._server_id)
        ours = self._ours(everything, wanted.name)
        if ours is not None:
            return await self._usable(ours)
        parent_id = await self._place(everything)
        require_room(everything, parent_id, name)
        # Without overwrites of its own it takes its category's.
        made = await self._create(name, ChannelKind.TEXT, {"topic": self._topic(wanted), "parent_id": parent_id})
        ours = self._ours(await channels_of(self._web, self._server_id), wanted.name)
        if ours is None:
            raise _not_said(f"#{name}")
        if made is not None and made.id != ours.id:
            await self._take_back(made)
        return await self._usable(ours)

    def _ours(self, everything: Sequence[Channel], name: str) -> Channel | None:
        """The oldest channel that bears the mark of this name."""
        mark = mark_of(self._bot_user_id, name)
        return next((each for each in everything if each.takes_cards and mark in each.topic), None)

    async def _place(self, everything: Sequence[Channel]) -> str:
        found = self._standing_place(everything)
        if found is not None:
            return found
        if re.fullmatch(DISCORD_ID, self._category):
            message = f"The Discord server has no category {self._category}."
            raise ChannelLost(self._category, Loss.UNMADE, message, "Check the id in team.yaml, or put a name there.")
        require_room(everything, None, self._category)
        made = await self._create(self._category, ChannelKind.CATEGORY, {})
        found = self._standing_place(await channels_of(self._web, self._server_id))
        if found is None:
            raise _not_said(f"the category {self._category}")
        if made is not None and made.id != found:
            await self._take_back(made)
        return found

    def _standing_place(self, everything: Sequence[Channel]) -> str | None:
        """The category with our id or name, the oldest of them; where there is none, that in which our channels are."""
        categories = {each.id: each.name for each in everything if each.kind == ChannelKind.CATEGORY}
        wanted = (self._category, self._category.casefold())
        named = next(
            (one for one, name in categories.items() if one == wanted[0] or name.casefold() == wanted[1]), None
        )
        if named is not None or re.fullmatch(DISCORD_ID, self._category):
            return named
        ours = (each.parent_id for each in everything if mark_of(self._bot_user_id) in each.topic)
        return next((parent for parent in ours if parent in categories), None)

    async def _create(self, name: str, kind: ChannelKind, more: JsonObject) -> Channel | None:
        """Makes it; None when it is not known whether it was made."""
        from discord.http import Route

        route = Route("POST", "/guilds/{guild_id}/channels", guild_id=self._server_id)
        try:
            return read_channel(await self._web.call(route, body={"name": name, "type": int(kind), **more}))
        except OutcomeUnknown:
            return None
        except DiscordRefusal as refusal:
            raise ChannelLost(name, Loss.UNMADE, f"The bot may not make {name}. {refusal.message}", SET_UP) from refusal

    async def _take_back(self, made: Channel) -> None:
        """Removes what we have just made beside one that somebody else made at the same moment."""
        from discord.http import Route

        try:
            await self._web.call(Route("DELETE", "/channels/{channel_id}", channel_id=made.id))
        except (DiscordRefusal, Retryable) as error:
            log.warning("discord.double_stays", channel=made.id, reason=error.message)

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


def channel_name(name: str) -> str:
    """`name` as Discord spells a text channel: lower case, no spaces, at most 100 characters."""
    return re.sub(r"[^\w-]+", "-", name.lower()).strip("-")[:NAME_CHARS]


def mark_of(bot_user_id: str, name: str | None = None) -> str:
    """What the topic of a channel of ours ends in; without a name, what all of them have in common."""
    return f"[quarterdeck {bot_user_id}/" if name is None else f"[quarterdeck {bot_user_id}/{name}]"


def require_room(everything: Sequence[Channel], parent_id: str | None, name: str) -> None:
    """Raises ChannelLost when the server, or the category, holds as many channels as Discord lets it."""
    if len(everything) >= CHANNELS_OF_SERVER:
        message = f"The Discord server has {len(everything)} channels, and Discord allows {CHANNELS_OF_SERVER}."
        raise ChannelLost(name, Loss.UNMADE, message, "Delete some, or let agents share one: `channel` in team.yaml.")
    if parent_id is not None and sum(each.parent_id == parent_id for each in everything) >= CHANNELS_OF_CATEGORY:
        message = f"The category has {CHANNELS_OF_CATEGORY} channels, which is all that Discord allows."
        hint = "Name another `category` in team.yaml, or let agents share a `channel`."
        raise ChannelLost(name, Loss.UNMADE, message, hint)


def _not_said(what: str) -> Retryable:
    """Repeating is safe: it is looked for before anything is made."""
    return Retryable(f"Discord did not say whether it made {what}.", LOOK_AGAIN_SECONDS)
