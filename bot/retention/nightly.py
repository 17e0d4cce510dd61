"""The sweep of every night, on the team's clock."""

import asyncio
import threading
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from agents.roster import Team
from bot.inbound.files import Shelf
from bot.retention.sweep import sweep
from store.handle import Store
from store.kernel.errors import QuarterdeckError
from store.queries.retention import last_swept_at

log = structlog.get_logger()

AT = time(3, 30)
"""In the team's zone: when nobody waits for anything."""
LOOK_SECONDS = 60.0


class Nightly:
    """Sweeps once a night; a night that nobody was running is made up for at the next start."""

    def __init__(self, store: Store, team: Team, shelf: Shelf) -> None:
        self._store = store
        self._team = team
        self._shelf = shelf
        self._stopping = threading.Event()

    async def run(self) -> None:
        """Sweeps until cancelled."""
        try:
            while True:
                try:
                    await asyncio.to_thread(self.sweep_if_due)
                except QuarterdeckError as trouble:
                    log.warning("retention_failed", reason=trouble.message)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._stopping.set()

    def sweep_if_due(self) -> bool:
        """Sweeps when the night's sweep has not been made yet; True when it did."""
        now = self._store.clock.now()
        if not is_due(now, last_swept_at(self._store), ZoneInfo(self._team.timezone)):
            return False
        swept = sweep(self._store, self._team.retention, self._shelf, self._stopping.is_set)
        log.info("retention_swept", **{what.replace(" ", "_"): number for what, number in swept.counts.items()})
        return True


def is_due(now: datetime, last_at: datetime | None, zone: ZoneInfo) -> bool:
    """True when the latest 03:30 of the zone has passed since the last sweep."""
    local = now.astimezone(zone)
    latest = datetime.combine(local.date(), AT, zone)
    if latest > local:
        latest -= timedelta(days=1)
    return last_at is None or last_at < latest
