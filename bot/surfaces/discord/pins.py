"""Cards that stay at hand in their channel, without a line in it for every pin."""

from collections.abc import Mapping

import structlog

from bot.surfaces.discord.failures import MISSING_PERMISSIONS, DiscordRefusal
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.canonical import Json
from store.kernel.errors import Retryable

log = structlog.get_logger(__name__)

OWED_PIN = "pin"
PINNED_NOTICE = 6
"""The type of the message by which Discord says that one was pinned:
https://docs.discord.com/developers/resources/message#message-object-message-types, checked 2026-11-21."""
_NOTICE_PAGE = 20


class Pins:
    """Pins our messages. Where we may not it is said once in the log, and not tried again until the next start."""

    def __init__(self, web: DiscordWeb, user_id: str) -> None:
        self._web = web
        self._user_id = user_id
        self._pinned: dict[str, str] = {}
        self._refused: set[str] = set()

    async def keep(self, channel_id: str, message_id: str, card_key: str) -> str | None:
        """Pins the message. What is owed: the pin, when it could not be made now and may be later; else None."""
        if self._pinned.get(card_key) == message_id or channel_id in self._refused:
            return None
        try:
            await self._pin(channel_id, message_id)
        except Retryable:
            return OWED_PIN
        except DiscordRefusal as refusal:
            log.warning("discord.not_pinned", channel=channel_id, reason=refusal.message)
            if refusal.code == MISSING_PERMISSIONS:
                self._refused.add(channel_id)
            return None
        self._pinned[card_key] = message_id
        await self._tidy(channel_id, message_id)
        return None

    async def _pin(self, channel_id: str, message_id: str) -> None:
        from discord.http import Route

        path = "/channels/{channel_id}/messages/pins/{message_id}"
        await self._web.call(Route("PUT", path, channel_id=channel_id, message_id=message_id))

    async def _tidy(self, channel_id: str, message_id: str) -> None:
        """Takes Discord's own line about the pin away; where that fails it stays, which harms nobody."""
        from discord.http import Route

        try:
            recent = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
            page = await self._web.call(recent, query={"limit": str(_NOTICE_PAGE)})
            for notice_id in self._notices(page, message_id):
                await delete_message(self._web, channel_id, notice_id)
        except (Retryable, DiscordRefusal) as error:
            log.info("discord.pin_notice_stays", channel=channel_id, reason=error.message)

    def _notices(self, page: Json, message_id: str) -> list[str]:
        """The ids of the lines that say that we have pinned this message."""
        messages = [each for each in page if isinstance(each, dict)] if isinstance(page, list) else []
        return [str(each["id"]) for each in messages if self._is_notice(each, message_id)]

    def _is_notice(self, message: Mapping[str, Json], message_id: str) -> bool:
        author, about = message.get("author"), message.get("message_reference")
        ours = isinstance(author, Mapping) and str(author.get("id")) == self._user_id
        names = isinstance(about, Mapping) and str(about.get("message_id")) == message_id
        return message.get("type") == PINNED_NOTICE and ours and names


async def delete_message(web: DiscordWeb, channel_id: str, message_id: str) -> None:
    """Deletes a message of ours. Repeating it is refused as Unknown Message, and changes nothing."""
    from discord.http import Route

    path = "/channels/{channel_id}/messages/{message_id}"
    await web.call(Route("DELETE", path, channel_id=channel_id, message_id=message_id))
