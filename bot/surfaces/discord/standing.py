"""Cards that stand all day: Discord counts edits of old messages apart, so an old one makes room for a new one.

Edits of messages older than an hour have a limit of their own (30046): a card that changes all day would use it up.
https://docs.discord.com/developers/topics/opcodes-and-status-codes, checked 2026-11-21.
"""

from datetime import timedelta

from blocks.elements import Card
from bot.surfaces.discord.attachments import Files
from bot.surfaces.discord.failures import UNKNOWN_MESSAGE, DiscordRefusal
from bot.surfaces.discord.history import History
from bot.surfaces.discord.pins import delete_message
from bot.surfaces.discord.sending import Sending
from bot.surfaces.discord.snowflakes import moment_of
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.clock import Clock
from store.kernel.crash import outside
from store.kernel.errors import OutcomeUnknown, Retryable
from store.records import CardKind

STANDING_KINDS = frozenset({CardKind.FLEET})
"""Kinds of card of which there is one for good, kept at hand and changed all day."""
OUTGROWN_AFTER = timedelta(hours=1)


class Standing:
    """Shows standing cards. `world` tells the world's time, by which Discord's messages age."""

    def __init__(self, web: DiscordWeb, sending: Sending, history: History, world: Clock) -> None:
        self._web = web
        self._sending = sending
        self._history = history
        self._world = world

    async def show(self, channel_id: str, message_id: str, card: Card, files: Files) -> str:
        """The id of the one message that shows the card now: this one, or the one that has taken its place.

        A message that is an hour old, or gone, is succeeded by a new one and then deleted. Cut off anywhere and asked
        for again with the same id, it ends with exactly one message. Raises Retryable and DiscordRefusal.
        """
        if self._web.their_clock.theirs(self._world.now()) - moment_of(message_id) < OUTGROWN_AFTER:
            try:
                await self._sending.replace(channel_id, message_id, card, files)
            except DiscordRefusal as refusal:
                if refusal.code != UNKNOWN_MESSAGE:
                    raise
            else:
                return message_id
        successor, others = await self._successor(channel_id, message_id, card, files)
        for outgrown in (message_id, *others):
            await self._delete(channel_id, outgrown)
        return successor

    async def _successor(
        self, channel_id: str, message_id: str, card: Card, files: Files
    ) -> tuple[str, tuple[str, ...]]:
        """The new message showing the card, found or else posted, and others that show it too."""
        later = await self._history.sightings(channel_id, card.key, int(message_id))
        if later:
            successor, *others = later
            await self._sending.replace(channel_id, successor, card, files)
            return successor, tuple(others)
        try:
            with outside("surface.renew"):
                return await self._sending.create(channel_id, card, files, purpose=f"after {message_id}"), ()
        except OutcomeUnknown as error:
            # The next try looks for it first.
            raise Retryable(error.message) from error

    async def _delete(self, channel_id: str, message_id: str) -> None:
        try:
            with outside("surface.clear"):
                await delete_message(self._web, channel_id, message_id)
        except DiscordRefusal as refusal:
            if refusal.code != UNKNOWN_MESSAGE:
                raise
