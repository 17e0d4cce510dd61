"""What a chat surface needs beside delivery: channels looked after, and refused cards offered again when it is back."""

import asyncio
from datetime import datetime, timedelta

import structlog

from agents.roster import Team
from bot.delivery.channels import Channels
from bot.delivery.losses import note_loss, place_of
from bot.surfaces.base import ChannelLost, Surface
from store.actions.channels import regain_channel
from store.actions.outbox import offer_again
from store.handle import Store
from store.kernel.errors import QuarterdeckError
from store.queries.channels import lost_channels
from store.records import Loss, LostChannel

log = structlog.get_logger()

LOOK_SECONDS = 5.0
RECHECK = timedelta(minutes=5)
"""How often a lost channel is looked at: a notice that was missed is made up for by then."""
OFFER_GAP = timedelta(minutes=10)
"""At least so long between two offers of what was refused: a connection that comes and goes asks for no more."""
OFFER_WINDOW = timedelta(days=1)


class SurfaceCare:
    """Looks after one surface: finds what changed while we were away, and what came back."""

    def __init__(self, store: Store, team: Team, channels: Channels, surface: Surface) -> None:
        self._store = store
        self._team = team
        self._channels = channels
        self._surface = surface
        self._unchecked: list[str | None] = [None, *team.agents]
        self._connected = False
        self._offered_at: datetime | None = None
        self._rechecked_at = store.clock.now()

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # the outermost loop of care: the next look comes all the same
                log.exception("surface_care_failed", surface=self._surface.name)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """One look. Not connected, there is nothing to see."""
        came_back = self._surface.health().connected and not self._connected
        self._connected = self._surface.health().connected
        if not self._connected:
            return
        if came_back:
            await self._offer_again()
        while self._unchecked and await self._settled(self._unchecked[0]):
            del self._unchecked[0]  # one that cannot be asked about now ends the look: the pace is used up for all
        if self._rechecked_at + RECHECK <= self._store.clock.now():
            self._rechecked_at = self._store.clock.now()
            await self._recheck()

    async def _offer_again(self) -> None:
        now = self._store.clock.now()
        if self._offered_at is not None and now < self._offered_at + OFFER_GAP:
            return
        self._offered_at = now
        offered = await asyncio.to_thread(offer_again, self._store, self._surface.name, now - OFFER_WINDOW)
        if offered:
            log.info("refused_cards_offered_again", surface=self._surface.name, cards=offered)

    async def _settled(self, agent_id: str | None, *, look_only: bool = False) -> bool:
        """True when it is known whether the channel can be used; a loss is on record then."""
        try:
            await self._channels.check(self._surface, agent_id, look_only=look_only)
        except ChannelLost as error:
            await asyncio.to_thread(note_loss, self._store, self._team, self._surface.name, error)
        except QuarterdeckError as error:
            log.warning("channel_not_checked", surface=self._surface.name, agent=agent_id, reason=error.message)
            return False
        return True

    async def _recheck(self) -> None:
        for lost in await asyncio.to_thread(lost_channels, self._store, self._surface.name):
            whose = await asyncio.to_thread(place_of, self._store, self._team, self._surface.name, lost.place)
            if not whose.owners:  # the workspace no longer names it
                await asyncio.to_thread(regain_channel, self._store, self._surface.name, lost.place)
            for agent_id in whose.owners[:1]:
                await self._settled(agent_id, look_only=_by_somebody(lost))


def _by_somebody(lost: LostChannel) -> bool:
    """True where somebody took the channel from us on purpose: it is not made or joined again unasked."""
    return lost.loss in (Loss.LEFT, Loss.GONE)
