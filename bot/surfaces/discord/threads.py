"""Threads of cards: each begins at a card's own message, whose id it shares, and can be found again by that."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from blocks.text import clip, one_line
from bot.surfaces.discord.failures import MISSING_PERMISSIONS, THREAD_ARCHIVED, UNKNOWN_CHANNEL, DiscordRefusal
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.canonical import JsonObject
from store.kernel.errors import OutcomeUnknown, Retryable, UserMistake

THREAD_EXISTS, TOO_MANY_THREADS, THREAD_LOCKED = 160004, 160006, 160005
"""Codes of Discord's: https://docs.discord.com/developers/topics/opcodes-and-status-codes, checked 2026-11-21."""
NAME_CHARS = 100
ARCHIVED_AFTER_MINUTES = 1440
"""A thread nobody writes in for a day leaves the list; a server has only so many open ones."""
TOO_MANY_DELAY_SECONDS = 600.0

Answer = TypeVar("Answer")


class ThreadRefused(UserMistake):
    """Discord lets no card stand in this thread, though its channel can be used."""

    def __init__(self, refusal: DiscordRefusal) -> None:
        hint = "Give the bot's role Create Public Threads and Send Messages in Threads, or unlock the thread."
        super().__init__(refusal.message, hint)


class Threads:
    """Starts threads, and opens those that have gone to the archive."""

    def __init__(self, web: DiscordWeb) -> None:
        self._web = web

    async def begin(
        self, channel_id: str, message_id: str, name: str, act: Callable[[str], Awaitable[Answer]]
    ) -> Answer:
        """What `act` returns, which is given the id of the thread that begins at this message: one is started first.

        Raises what `act` raises; Retryable; ThreadRefused; DiscordRefusal when the channel itself cannot be used.
        """
        await self._start(channel_id, message_id, name)
        return await self.inside(message_id, act)

    async def inside(self, thread_id: str, act: Callable[[str], Awaitable[Answer]]) -> Answer:
        """What `act` returns, in a thread that there is; an archived one is opened for it. Raises like `begin`."""
        try:
            return await self._acted(thread_id, act)
        except DiscordRefusal as refusal:
            raise _meant(refusal) from refusal

    async def _acted(self, thread_id: str, act: Callable[[str], Awaitable[Answer]]) -> Answer:
        try:
            return await act(thread_id)
        except DiscordRefusal as refusal:
            if refusal.code != THREAD_ARCHIVED:
                raise
        await self._open(thread_id)
        return await act(thread_id)

    async def _start(self, channel_id: str, message_id: str, name: str) -> None:
        from discord.http import Route

        path = "/channels/{channel_id}/messages/{message_id}/threads"
        route = Route("POST", path, channel_id=channel_id, message_id=message_id)
        body: JsonObject = {"name": clip(one_line(name), NAME_CHARS), "auto_archive_duration": ARCHIVED_AFTER_MINUTES}
        try:
            await self._web.call(route, body=body)
        except OutcomeUnknown as error:
            raise Retryable(error.message) from error  # a second start is refused, and that is as good
        except DiscordRefusal as refusal:
            if refusal.code == UNKNOWN_CHANNEL:
                raise
            if refusal.code != THREAD_EXISTS:
                raise _meant(refusal) from refusal

    async def _open(self, thread_id: str) -> None:
        from discord.http import Route

        await self._web.call(Route("PATCH", "/channels/{channel_id}", channel_id=thread_id), body={"archived": False})


def _meant(refusal: DiscordRefusal) -> Retryable | UserMistake:
    """A refusal in a thread, so that it is not taken for one of the whole channel."""
    if refusal.code == TOO_MANY_THREADS:
        return Retryable(refusal.message, TOO_MANY_DELAY_SECONDS)
    if refusal.code in (MISSING_PERMISSIONS, UNKNOWN_CHANNEL, THREAD_LOCKED):
        return ThreadRefused(refusal)
    return refusal
