"""The outbox: record → card → surface, each card visible once on each surface, however often anything fails."""

import asyncio
from datetime import datetime, timedelta

import structlog

from agents.roster import Team
from blocks.elements import Card
from bot.present import Presenter
from bot.surfaces.base import ChannelSpec, Surface
from store.actions import outbox as record
from store.handle import Store
from store.kernel.crash import outside
from store.kernel.errors import OutcomeUnknown, QuarterdeckError, Retryable
from store.queries import cards
from store.queries.cards import Due
from store.records import CardRow, Delivery, DeliveryState

log = structlog.get_logger()

POLL_SECONDS = 0.2
"""How soon a change is noticed; polling costs one indexed query that finds nothing when nothing is pending."""
BATCH = 50
LOOKUP_MISSES = 2
"""Looking for a post of unknown outcome: this many misses, a pause apart, before it is sent again."""
LOOKUP_PAUSE_SECONDS = 2.0
BACKOFF_SECONDS = (1.0, 5.0, 30.0, 120.0)
JOIN_WINDOW = timedelta(days=1)


class Channels:
    """Which channel of a surface an agent's cards go to; made at first use and remembered by id."""

    def __init__(self, store: Store, team: Team) -> None:
        self._store = store
        self._team = team
        self._ids: dict[tuple[str, str], str] = {}

    async def find(self, surface: Surface, agent_id: str | None) -> str:
        """The channel's id on this surface, made when there is none yet."""
        spec = self._spec(surface.name, agent_id)
        if (surface.name, spec.name) not in self._ids:
            self._ids[surface.name, spec.name] = await self._ensure(surface, spec)
        return self._ids[surface.name, spec.name]

    def _spec(self, surface: str, agent_id: str | None) -> ChannelSpec:
        place = next((spec for name, spec in self._team.surfaces.items() if name == surface), None)
        prefix = place.channel_prefix if place else ""
        agent = self._team.agents.get(agent_id) if agent_id else None
        name = agent.channel if agent else self._team.channel
        purpose = agent.purpose if agent else f"{self._team.name}: the whole team"
        return ChannelSpec(agent_id=agent.id if agent else None, name=f"{prefix}{name}", purpose=purpose)

    async def _ensure(self, surface: Surface, spec: ChannelSpec) -> str:
        known = await asyncio.to_thread(cards.known_channels, self._store, surface.name)
        spec = spec.model_copy(update={"known_id": known.get(spec.name)})
        with outside("surface.channel"):
            channel_id = await surface.ensure_channel(spec)
        await asyncio.to_thread(
            record.remember_channel, self._store, surface=surface.name, name=spec.name, channel_id=channel_id
        )
        return channel_id


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
        self._channels = Channels(store, team)
        self._takeover = timedelta(seconds=takeover_seconds)
        self._draw_lock = asyncio.Lock()

    async def run(self) -> None:
        """Delivers until cancelled."""
        for surface in self._surfaces:
            since = self._store.clock.now() - JOIN_WINDOW
            await asyncio.to_thread(record.join_surface, self._store, surface.name, since)
        await asyncio.gather(*(self._serve(surface) for surface in self._surfaces))

    async def deliver(self, surface: Surface) -> int:
        """One round for one surface: tries everything that is due now, and returns how many were tried."""
        now = self._store.clock.now()
        due = await asyncio.to_thread(cards.due_deliveries, self._store, surface.name, now, BATCH)
        for item in due:
            await self._deliver_one(surface, item)
        if due:
            names = tuple(each.name for each in self._surfaces)
            await asyncio.to_thread(record.settle_cards, self._store, names)
        return len(due)

    async def _serve(self, surface: Surface) -> None:
        while True:
            try:
                tried = await self.deliver(surface)
            except Exception:  # the outermost loop of delivery: one bad round must not end all others
                log.exception("outbox_round_failed", surface=surface.name)
                tried = 0
            await asyncio.sleep(POLL_SECONDS if tried == 0 else 0)

    async def _deliver_one(self, surface: Surface, due: Due) -> None:
        try:
            await self._advance(surface, due)
        except OutcomeUnknown as error:
            await self._postpone(surface, due, DeliveryState.UNKNOWN, LOOKUP_PAUSE_SECONDS, error)
        except Retryable as error:
            delay = max(error.delay_seconds, _backoff(due.delivery))
            await self._postpone(surface, due, _unposted(due.delivery), delay, error)
        except QuarterdeckError as error:
            await self._postpone(surface, due, DeliveryState.REFUSED, None, error)

    async def _advance(self, surface: Surface, due: Due) -> None:
        known = due.delivery
        if known is None or known.state is DeliveryState.PENDING:
            await self._post(surface, due.card)
        elif known.state is DeliveryState.POSTED:
            await self._edit(surface, due.card, known)
        elif known.state is DeliveryState.UNKNOWN or self._abandoned(known):
            await self._look(surface, due.card, known)

    async def _post(self, surface: Surface, row: CardRow) -> None:
        card = await self._draw(row)
        channel_id = await self._channels.find(surface, row.channel)
        mine = await asyncio.to_thread(
            record.begin_post, self._store, row.key, surface=surface.name, channel_id=channel_id
        )
        if not mine:
            return
        with outside("surface.post"):
            message_id = await surface.post(channel_id, card)
        await self._shown(surface, row, message_id)

    async def _edit(self, surface: Surface, row: CardRow, known: Delivery) -> None:
        card = await self._draw(row)
        if known.channel_id is None or known.message_id is None:
            raise OutcomeUnknown(f"the posting of {row.key} was never confirmed")
        with outside("surface.edit"):
            await surface.edit(known.channel_id, known.message_id, card)
        await self._shown(surface, row, known.message_id)

    async def _look(self, surface: Surface, row: CardRow, known: Delivery) -> None:
        since = (known.sending_since or row.created_at) - timedelta(minutes=1)
        with outside("surface.find"):
            message_id = await surface.find(known.channel_id or "", row.key, since)
        if message_id is not None:
            await asyncio.to_thread(
                record.mark_shown, self._store, row.key, surface=surface.name, message_id=message_id, revision=0
            )
            return
        missed_often = known.state is DeliveryState.UNKNOWN and known.attempts >= LOOKUP_MISSES
        state = DeliveryState.PENDING if missed_often else DeliveryState.UNKNOWN
        pause = 0 if missed_often else LOOKUP_PAUSE_SECONDS
        await self._postpone(surface, Due(card=row, delivery=known), state, pause, OutcomeUnknown("not seen yet"))

    def _abandoned(self, known: Delivery) -> bool:
        since = known.sending_since
        return since is None or since + self._takeover <= self._store.clock.now()

    async def _draw(self, row: CardRow) -> Card:
        # One drawing at a time: two surfaces usually want the same card, and each drawing holds a thread.
        async with self._draw_lock:
            return await asyncio.to_thread(self._presenter.draw_and_keep, row)

    async def _shown(self, surface: Surface, row: CardRow, message_id: str) -> None:
        await asyncio.to_thread(
            record.mark_shown, self._store, row.key, surface=surface.name, message_id=message_id, revision=row.revision
        )

    async def _postpone(
        self, surface: Surface, due: Due, state: DeliveryState, pause_seconds: float | None, error: QuarterdeckError
    ) -> None:
        log.warning(
            "card_not_delivered", surface=surface.name, card=due.card.key, state=state.value, error=error.message
        )
        not_before = None if pause_seconds is None else self._store.clock.now() + timedelta(seconds=pause_seconds)
        await asyncio.to_thread(self._put_off, surface.name, due.card.key, state, not_before, error.message)

    def _put_off(self, surface: str, key: str, state: DeliveryState, not_before: datetime | None, error: str) -> None:
        record.postpone(self._store, key, surface=surface, state=state, not_before=not_before, error=error)


def _unposted(known: Delivery | None) -> DeliveryState:
    posted = known is not None and known.message_id is not None
    return DeliveryState.POSTED if posted else DeliveryState.PENDING


def _backoff(known: Delivery | None) -> float:
    failures = known.attempts if known else 0
    return BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)]
