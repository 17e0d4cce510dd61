"""Cards as messages: posted once, found again by their marks, edited whole and in order."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

from blocks.elements import Card
from blocks.render.discord import MAX_ROLES
from bot.surfaces.base import STANDING, Placing, Shown
from bot.surfaces.discord.attachments import Attachments, Files
from bot.surfaces.discord.edits import EditQueues
from bot.surfaces.discord.failures import UNKNOWN_CHANNEL, DiscordRefusal
from bot.surfaces.discord.history import History, written_after
from bot.surfaces.discord.pins import Pins
from bot.surfaces.discord.sending import Sending
from bot.surfaces.discord.standing import STANDING_KINDS, Standing
from bot.surfaces.discord.threads import Threads
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.clock import Clock

NO_ROLES: Mapping[str, str] = MappingProxyType({})


class Poster:
    """Posts, edits and finds cards. `user_id` is our bot's: nobody else's message is ever taken for a card.

    `role_ids` are the server's roles that stand for roles of the team: a card that calls one of them mentions it.
    `simulated` says that the times we are given are not the world's, which `world` tells.
    """

    def __init__(
        self,
        web: DiscordWeb,
        user_id: str,
        attachments: Attachments,
        *,
        role_ids: Mapping[str, str] = NO_ROLES,
        world: Clock,
        simulated: bool,
    ) -> None:
        self._attachments = attachments
        self._history = History(web, user_id)
        self._pins = Pins(web, user_id)
        self._queues = EditQueues()
        self._role_ids = role_ids
        self._sending = Sending(web)
        self._simulated = simulated
        self._their_clock = web.their_clock
        self._standing = Standing(web, self._sending, self._history, world)
        self._threads = Threads(web)

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        """Posts the card once. A card of a thread stands in the one that begins at `placing.thread_id`.

        Within the few minutes for which Discord remembers the nonce a repeat gives the same message; later, and on any
        unknown outcome, `find` first. A chart that is not drawn in time, and a pin, are owed.
        Raises Retryable (nothing was posted), OutcomeUnknown, DiscordRefusal and ThreadRefused.
        """
        files = await self._attachments.of(card)
        called = [self._role_ids[role] for role in placing.calls if role in self._role_ids]
        create = partial(self._sending.create, card=card, files=files, role_ids=called[:MAX_ROLES])
        if placing.thread_id is None:
            message_id = await create(channel_id)
        else:
            message_id = await self._threads.begin(channel_id, placing.thread_id, _thread_name(card), create)
        return await self._kept(channel_id, message_id, card, files, placing)

    async def edit(self, channel_id: str, message_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        """Makes the message show this card; the id is another one when a standing card has moved to a new message.

        Edits of one message wait for one another, and a revision older than what it shows, or than what waits to be
        shown, is dropped. Raises Retryable (a repeat is harmless), DiscordRefusal and ThreadRefused.
        """
        send = partial(self._edit_now, channel_id, message_id, card, placing)
        shown = await self._queues.edit(message_id, card.revision, send)
        return shown or Shown(message_id=message_id)

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None = None) -> str | None:
        """The id of our oldest message that is this card, posted after `since`; None when there is none to be seen."""
        # Simulated time says nothing about when Discord made a message.
        after_id = 0 if self._simulated else written_after(self._their_clock.theirs(since))
        try:
            found = await self._history.sightings(thread_id or channel_id, card_key, after_id)
        except DiscordRefusal as refusal:
            if thread_id is None or refusal.code != UNKNOWN_CHANNEL:
                raise
            return None  # the thread was never started, so nothing stands in it
        return found[0] if found else None

    async def _edit_now(self, channel_id: str, message_id: str, card: Card, placing: Placing) -> Shown:
        files = await self._attachments.of(card)
        if placing.thread_id is not None:
            replace = partial(self._sending.replace, message_id=message_id, card=card, files=files)
            await self._threads.inside(placing.thread_id, replace)
        elif card.kind in STANDING_KINDS:
            message_id = await self._standing.show(channel_id, message_id, card, files)
        else:
            await self._sending.replace(channel_id, message_id, card, files)
        return await self._kept(channel_id, message_id, card, files, placing)

    async def _kept(self, channel_id: str, message_id: str, card: Card, files: Files, placing: Placing) -> Shown:
        """The message as shown, pinned where it is to stay at hand."""
        at_hand = placing.thread_id is None and (placing.pinned or card.kind in STANDING_KINDS)
        pin = await self._pins.keep(channel_id, message_id, card.key) if at_hand else None
        owed = [part for part in (files.owes, pin) if part]
        return Shown(message_id=message_id, owes=", ".join(owed) or None)


def _thread_name(card: Card) -> str:
    return f"{card.state} · {card.title}"
