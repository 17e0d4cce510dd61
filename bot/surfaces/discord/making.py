"""Making a channel, or the category it stands under, once: looked for first, and again when nobody knows what happened.

Discord lets channels have equal names, so a name says nothing. The topic of a channel of ours ends in a mark that names
the bot and the channel: by it one is found again that was made and never recorded. A category has no topic; it is known
by its name, or by our channels in it.
"""

import re
from collections.abc import Sequence

import structlog

from agents.roster import DISCORD_ID
from bot.surfaces.base import ChannelLost
from bot.surfaces.discord.failures import DiscordRefusal
from bot.surfaces.discord.server import Channel, ChannelKind, channels_of, read_channel
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.canonical import JsonObject
from store.kernel.errors import OutcomeUnknown, Retryable
from store.records import Loss

log = structlog.get_logger(__name__)

NAME_CHARS = 100
"""https://docs.discord.com/developers/resources/channel, checked 2026-11-21."""
CHANNELS_OF_SERVER = 500
CHANNELS_OF_CATEGORY = 50
"""Categories count among the first. https://docs.discord.com/developers/topics/opcodes-and-status-codes (30013) and
…/resources/channel (parent_id), checked 2026-11-21."""
SET_UP = "Run `quarterdeck discord setup`: it says which permissions the bot needs, and makes what is missing."
LOOK_AGAIN_SECONDS = 5.0


class Making:
    """Finds or makes. Where two were made at once the older one counts, and the newer one is taken back."""

    def __init__(self, web: DiscordWeb, server_id: str, bot_user_id: str, category: str) -> None:
        self._web = web
        self._server_id = server_id
        self._bot_user_id = bot_user_id
        self._category = category

    async def channel(self, wanted_name: str, topic: str) -> Channel:
        """The channel that bears the mark of this name, made with this topic when there is none.

        Raises ChannelLost when it may not be made or there is no room, Retryable when it is not known whether it was.
        """
        name, everything = channel_name(wanted_name), await self._everything()
        ours = self._ours(everything, wanted_name)
        if ours is not None:
            return ours
        parent_id = await self._category_among(everything)
        require_room(everything, parent_id, name)
        # Without overwrites of its own it takes its category's.
        made = await self._create(name, ChannelKind.TEXT, {"topic": topic, "parent_id": parent_id})
        ours = self._ours(await self._everything(), wanted_name)
        if ours is None:
            raise _not_said(f"#{name}")
        if made is not None and made.id != ours.id:
            await self._take_back(made)
        return ours

    async def category(self) -> str:
        """The id of the category that the team's channels stand under, made when there is none. Raises as `channel`."""
        return await self._category_among(await self._everything())

    async def _everything(self) -> Sequence[Channel]:
        return await channels_of(self._web, self._server_id)

    def _ours(self, everything: Sequence[Channel], name: str) -> Channel | None:
        """The oldest channel that bears the mark of this name."""
        mark = mark_of(self._bot_user_id, name)
        return next((each for each in everything if each.takes_cards and mark in each.topic), None)

    async def _category_among(self, everything: Sequence[Channel]) -> str:
        found = self._found(everything)
        if found is not None:
            return found
        if re.fullmatch(DISCORD_ID, self._category):
            message = f"The Discord server has no category {self._category}."
            raise ChannelLost(self._category, Loss.UNMADE, message, "Check the id in team.yaml, or put a name there.")
        require_room(everything, None, self._category)
        made = await self._create(self._category, ChannelKind.CATEGORY, {})
        found = self._found(await self._everything())
        if found is None:
            raise _not_said(f"the category {self._category}")
        if made is not None and made.id != found:
            await self._take_back(made)
        return found

    def _found(self, everything: Sequence[Channel]) -> str | None:
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
