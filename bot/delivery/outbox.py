"""The outbox: record → card → surface, each card visible once on each surface, however often anything fails."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from agents.roster import Team
from blocks.elements import Card
from bot.delivery.attempt import Attempt
from bot.delivery.calls import called_by
from bot.delivery.channels import Channels
from bot.delivery.lanes import Lanes
from bot.delivery.losses import note_loss
from bot.delivery.present import Presenter
from bot.surfaces.base import ChannelLost, Paced, Persona, Placing, Shown, Surface
from store.actions import outbox as record
from store.handle import Store
from store.kernel.crash import outside
from store.kernel.errors import OutcomeUnknown, QuarterdeckError, Retryable
from store.queries import cards
from store.queries.cards import TEAM_LANE, Due
from store.queries.channels import lost_channels
from store.queries.restores import may_be_shown_since
from store.records import CardKind, CardRow, Delivery, DeliveryState

log = structlog.get_logger()

POLL_SECONDS = 0.2
"""How soon a change is noticed; polling costs one indexed query that finds nothing when nothing is pending."""
BATCH = 50
LOOKUP_PAUSE_SECONDS = 2.0
REFUSALS = 2
"""A surface that has refused a card this often and does so again is not asked any more."""
HELD_SECONDS = 300.0
"""A card whose channel cannot be used is looked at again then, or as soon as the channel is back."""
ROUND_SECONDS = 1.0
OWED_TRIES = 6
"""A card shown this often without what it owes stays without it: about five minutes in all."""
JOIN_WINDOW = timedelta(days=1)
PINNED = frozenset({CardKind.ROLE})
"""Kinds of card that stay at hand in their channel."""


class Outbox:
    """Delivers what is pending to every surface, each surface at its own pace.

    One sender per surface and database: what another sender has left in `sending` is taken over after
    `takeover_seconds` (0 where this is the only process), and looked up before anything is sent again.
    """

    def __init__(
        self, store: Store, team: Team, presenter: Presenter, surfaces: tuple[Surface, ...], takeover_seconds: float = 0
    ) -> None:
        self._store = store
        self._presenter = presenter
        self._surfaces = surfaces
        self._team = team
        self.channels = Channels(store, team)
        self._personas = {agent.id: Persona(name=agent.name, icon=agent.icon) for agent in team.agents.values()}
        self._takeover = timedelta(seconds=takeover_seconds)
        self._draw_lock = asyncio.Lock()
        self._rounds_at: dict[str, datetime] = {}

    def rounds_at(self) -> dict[str, datetime]:
        """When the latest round began, by surface: much older than a few minutes, it says that delivery has stopped."""
        return dict(self._rounds_at)

    async def run(self) -> None:
        """Delivers until cancelled."""
        for surface in self._surfaces:
            since = self._store.clock.now() - JOIN_WINDOW
            await asyncio.to_thread(record.join_surface, self._store, surface.name, since)
        await asyncio.gather(*(self._serve(surface) for surface in self._surfaces))

    async def deliver(self, surface: Surface) -> int:
        """One round for one surface: tries what is due now, and returns how many were tried.

        Cards follow one another here, whatever channel they belong in; `run` serves channels side by side.
        """
        due = await self._due(surface)
        return await self._deliver_some(surface, due) if due else 0

    async def _serve(self, surface: Surface) -> None:
        lanes = Lanes()

        async def work(some: list[Due]) -> None:
            await self._deliver_some(surface, some)

        try:
            while True:
                self._rounds_at[surface.name] = self._store.clock.now()
                try:
                    started = lanes.start(await self._due(surface, lanes.busy), lane_of, work, is_decision)
                    await lanes.wait(0 if started else POLL_SECONDS)
                except Exception:  # the outermost loop of delivery: one bad round must not end all others
                    log.exception("outbox_round_failed", surface=surface.name)
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            await lanes.stop()

    async def _due(self, surface: Surface, busy: frozenset[str] = frozenset()) -> list[Due]:
        now = self._store.clock.now()
        return await asyncio.to_thread(cards.due_deliveries, self._store, surface.name, now, BATCH, without=busy)

    async def _deliver_some(self, surface: Surface, due: list[Due]) -> int:
        """Tries them in order, and returns how many were tried.

        It ends early when it takes long, so that a decision that has come up meanwhile is next.
        """
        tried, began_at = 0, asyncio.get_running_loop().time()
        lost = {each.place for each in await asyncio.to_thread(lost_channels, self._store, surface.name)}
        for item in due:
            await self._deliver_one(surface, item, lost)
            tried += 1
            if asyncio.get_running_loop().time() - began_at > ROUND_SECONDS:
                break
        names = tuple(each.name for each in self._surfaces)
        await asyncio.to_thread(record.settle_cards, self._store, names)
        return tried

    async def _deliver_one(self, surface: Surface, due: Due, lost: set[str]) -> None:
        """One try; `lost` are the places that cannot be used, and grows when another is found."""
        attempt = Attempt(surface, due.card, due.delivery)
        if self._place(attempt) in lost and not self._is_sending(attempt.held):
            await self._put_off(
                attempt, attempt.unposted, HELD_SECONDS, "its channel cannot be used now", counted=False
            )
            return
        try:
            await self._advance(attempt)
        except Paced as error:
            await self._wait_for_turn(attempt, error)
        except ChannelLost as error:
            lost.add(error.place)
            await asyncio.to_thread(note_loss, self._store, self._team, surface.name, error)
            await self._postpone(attempt, attempt.unposted, HELD_SECONDS, error, counted=False)
        except OutcomeUnknown as error:
            await self._postpone(attempt, DeliveryState.UNKNOWN, LOOKUP_PAUSE_SECONDS, error)
        except Retryable as error:
            pause_seconds = max(error.delay_seconds, attempt.backoff)
            # A look-up that failed has not missed anything.
            await self._postpone(attempt, attempt.unposted, pause_seconds, error, counted=not attempt.in_doubt)
        except QuarterdeckError as error:
            final = attempt.failures >= REFUSALS
            await self._postpone(attempt, DeliveryState.REFUSED if final else attempt.unposted, attempt.backoff, error)

    def _place(self, attempt: Attempt) -> str:
        """The channel's id where it is known, else its name."""
        held = attempt.held
        posted_in = held.channel_id if held is not None and held.message_id else None
        return posted_in or self.channels.place(attempt.surface.name, attempt.row.channel)

    async def _advance(self, attempt: Attempt) -> None:
        held = attempt.held
        if held is None or held.state is DeliveryState.PENDING:
            await self._post(attempt)
        elif held.state is DeliveryState.POSTED:
            await self._edit(attempt, held)
        elif held.state is DeliveryState.UNKNOWN or self._abandoned(held):
            await self._look(attempt, held)

    async def _post(self, attempt: Attempt) -> None:
        surface, row = attempt.surface, attempt.row
        parent = await self._parent(surface, row)
        if row.thread_of is not None and (not surface.threads or _never_shown(parent)):
            await asyncio.to_thread(record.omit, self._store, row.key, surface=surface.name)
            return
        placing = self._placing(row, parent)
        card = await self._draw(row)
        calling = placing.model_copy(update={"calls": await asyncio.to_thread(called_by, self._store, row)})
        place = None if parent is None else parent.channel_id
        channel_id = place or await self.channels.find(surface, row.channel)
        never_begun = attempt.held is None or attempt.held.sending_since is None
        if never_begun and await self._doubted(attempt, channel_id):
            return
        begun = await asyncio.to_thread(
            record.begin_post, self._store, row.key, surface=surface.name, channel_id=channel_id
        )
        if begun is None:
            return
        attempt.held, attempt.posting = begun, True
        with outside("surface.post"):
            shown = await surface.post(channel_id, card, calling)
        await self._shown(attempt, shown, row.revision, live=card.live)

    async def _doubted(self, attempt: Attempt, channel_id: str) -> bool:
        """True when the card may be there from a time that a restored backup does not know: it is looked up next."""
        since = await asyncio.to_thread(may_be_shown_since, self._store, attempt.row)
        if since is None:
            return False
        doubt = partial(record.doubt_post, surface=attempt.surface.name, channel_id=channel_id, since=since)
        await asyncio.to_thread(doubt, self._store, attempt.row.key)
        return True

    async def _edit(self, attempt: Attempt, held: Delivery) -> None:
        card = await self._draw(attempt.row)
        if held.channel_id is None or held.message_id is None:
            raise OutcomeUnknown(f"the posting of {attempt.row.key} was never confirmed")
        placing = self._placing(attempt.row, await self._parent(attempt.surface, attempt.row))
        with outside("surface.edit"):
            shown = await attempt.surface.edit(held.channel_id, held.message_id, card, placing)
        await self._shown(attempt, shown, attempt.row.revision, live=card.live, instead_of=held.message_id)

    async def _look(self, attempt: Attempt, held: Delivery) -> None:
        since = (held.sending_since or attempt.row.created_at) - timedelta(minutes=1)
        thread_id = _thread_id(attempt.row, await self._parent(attempt.surface, attempt.row))
        with outside("surface.find"):
            message_id = await attempt.surface.find(held.channel_id or "", attempt.row.key, since, thread_id)
        if message_id is not None:
            # Which revision it shows is not known: the next round edits it.
            await self._shown(attempt, Shown(message_id=message_id), 0, live=False)
            return
        missed_often = held.state is DeliveryState.UNKNOWN and held.attempts >= record.SURE_AFTER_MISSES
        state = DeliveryState.PENDING if missed_often else DeliveryState.UNKNOWN
        await self._postpone(
            attempt, state, 0 if missed_often else LOOKUP_PAUSE_SECONDS, OutcomeUnknown("not seen yet")
        )

    def _is_sending(self, held: Delivery | None) -> bool:
        """True while another sender may be at it."""
        return held is not None and held.state is DeliveryState.SENDING and not self._abandoned(held)

    def _abandoned(self, known: Delivery) -> bool:
        since = known.sending_since
        return since is None or since + self._takeover <= self._store.clock.now()

    async def _draw(self, row: CardRow) -> Card:
        # One drawing at a time: two surfaces usually want the same card, and each drawing holds a thread.
        async with self._draw_lock:
            return await asyncio.to_thread(self._presenter.draw_and_keep, row)

    def _placing(self, row: CardRow, parent: Delivery | None) -> Placing:
        persona = self._personas.get(row.channel or "")
        return Placing(thread_id=_thread_id(row, parent), persona=persona, pinned=row.kind in PINNED)

    async def _parent(self, surface: Surface, row: CardRow) -> Delivery | None:
        """Where the surface stands with the card in whose thread this one belongs."""
        if row.thread_of is None:
            return None
        return await asyncio.to_thread(cards.delivery, self._store, row.thread_of, surface.name)

    async def _shown(
        self, attempt: Attempt, shown: Shown, revision: int, *, live: bool, instead_of: str | None = None
    ) -> None:
        surface, key = attempt.surface, attempt.row.key
        owes = self._still_owed(attempt, shown, revision)
        pause_seconds = max(attempt.backoff if owes else 0.0, surface.live_edit_seconds if live else 0.0)
        again_at = self._store.clock.now() + timedelta(seconds=pause_seconds) if pause_seconds else None
        mark = partial(
            record.mark_shown, message_id=shown.message_id, instead_of=instead_of, owes=owes, again_at=again_at
        )
        if not await asyncio.to_thread(partial(mark, self._store, key, surface=surface.name, revision=revision)):
            log.error("card_shown_twice", surface=surface.name, card=key, message=shown.message_id)

    def _still_owed(self, attempt: Attempt, shown: Shown, revision: int) -> str | None:
        held = attempt.held
        again = held is not None and held.owes is not None and held.revision == revision
        if shown.owes is None or not again or attempt.failures + 1 < OWED_TRIES:
            return shown.owes
        log.warning("card_stays_incomplete", surface=attempt.surface.name, card=attempt.row.key, owes=shown.owes)
        return None

    async def _wait_for_turn(self, attempt: Attempt, error: Paced) -> None:
        not_before = self._store.clock.now() + timedelta(seconds=error.delay_seconds)
        wait = partial(record.postpone, held=attempt.held, state=attempt.unposted, not_before=not_before, error=None)
        await asyncio.to_thread(wait, self._store, attempt.row.key, surface=attempt.surface.name)

    async def _postpone(
        self,
        attempt: Attempt,
        state: DeliveryState,
        pause_seconds: float,
        error: QuarterdeckError,
        *,
        counted: bool = True,
    ) -> None:
        surface, key = attempt.surface.name, attempt.row.key
        log.warning("card_not_delivered", surface=surface, card=key, state=state.value, error=error.message)
        await self._put_off(attempt, state, pause_seconds, error.message, counted=counted)

    async def _put_off(
        self, attempt: Attempt, state: DeliveryState, pause_seconds: float, why: str, *, counted: bool
    ) -> None:
        not_before = self._store.clock.now() + timedelta(seconds=pause_seconds)
        put_off = partial(record.postpone, state=state, not_before=not_before, error=why, counted=counted)
        await asyncio.to_thread(put_off, self._store, attempt.row.key, surface=attempt.surface.name, held=attempt.held)


def lane_of(due: Due) -> str:
    """The lane of a card: its channel, because Slack and Discord count and order what is posted by channel."""
    return due.card.channel or TEAM_LANE


def is_decision(due: Due) -> bool:
    """True for what a person must act on: it goes first everywhere, and waits for no channel but its own."""
    return due.card.priority == 0


def _never_shown(parent: Delivery | None) -> bool:
    return parent is not None and parent.state.is_closed


def _thread_id(row: CardRow, parent: Delivery | None) -> str | None:
    """The message whose thread the card belongs in; None for the channel. Raises Paced until that one is visible."""
    if row.thread_of is None:
        return None
    if parent is None or parent.message_id is None:
        raise Paced(f"The card {row.thread_of} is not visible yet.", POLL_SECONDS)
    return parent.message_id
