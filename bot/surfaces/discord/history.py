"""Looking for a card among what is written in a channel: the answer to whether a posting took effect."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.surfaces.discord.failures import UNKNOWN_MESSAGE, DiscordRefusal
from bot.surfaces.discord.marks import is_card
from bot.surfaces.discord.snowflakes import least_id
from bot.surfaces.discord.web import DiscordWeb

PAGE = 100
"""Discord's most: https://docs.discord.com/developers/resources/message#get-channel-messages, checked 2026-11-21."""
LOOK_BACK = timedelta(minutes=5)
"""How far before the given moment a look-up begins, for what is left of the difference between two clocks."""


class History:
    """Reads channels' histories for our own messages. `user_id` is our bot's."""

    def __init__(self, web: DiscordWeb, user_id: str) -> None:
        self._web = web
        self._user_id = user_id

    async def sightings(self, channel_id: str, card_key: str, after_id: int) -> list[str]:
        """The ids of our messages that show this card, those above `after_id` (0: all), oldest first.

        Costs one call a hundred messages written since. Raises Retryable, and DiscordRefusal also where we may not
        read the history: that there is nothing to be seen there says nothing.
        """
        found: list[str] = []
        before: str | None = None
        while True:
            page = await self._page(channel_id, before)
            if not page and before is None:
                await self._check_empty(channel_id)
            later = [message for message in page if int(str(message["id"])) > after_id]
            found += [str(each["id"]) for each in later if self._is_card(each, card_key)]
            if len(page) < PAGE or len(later) < len(page):
                return sorted(found, key=int)
            before = min((str(message["id"]) for message in page), key=int)

    async def _page(self, channel_id: str, before: str | None) -> list[Mapping[str, object]]:
        # Newest first, and backwards: what is written meanwhile moves no page.
        from discord.http import Route

        query = {"limit": str(PAGE), **({} if before is None else {"before": before})}
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
        answer = await self._web.call(route, query=query)
        return [message for message in answer if isinstance(message, dict)] if isinstance(answer, list) else []

    async def _check_empty(self, channel_id: str) -> None:
        """Raises DiscordRefusal when the history reads as empty because we may not read it: Discord does not say so.

        https://docs.discord.com/developers/resources/message#get-channel-messages, checked 2026-11-21.
        """
        from discord.http import Route

        channel = await self._web.call(Route("GET", "/channels/{channel_id}", channel_id=channel_id))
        last = channel.get("last_message_id") if isinstance(channel, dict) else None
        if last is None:
            return
        path = "/channels/{channel_id}/messages/{message_id}"
        try:
            await self._web.call(Route("GET", path, channel_id=channel_id, message_id=str(last)))
        except DiscordRefusal as refusal:
            if refusal.code != UNKNOWN_MESSAGE:
                raise

    def _is_card(self, message: Mapping[str, object], card_key: str) -> bool:
        author = message.get("author")
        ours = isinstance(author, Mapping) and str(author.get("id")) == self._user_id
        return ours and message.get("webhook_id") is None and is_card(message, card_key)


def written_after(since: datetime) -> int:
    """An id below that of every message posted after `since`, by Discord's clock."""
    return least_id(since - LOOK_BACK)
