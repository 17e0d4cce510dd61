"""Keeps the fleet card true without redrawing it at every step: looks now and then whether it reads differently."""

import asyncio

import structlog

from bot.delivery.present import Presenter
from store.actions.outbox import refresh_fleet
from store.handle import Store
from store.kernel.errors import Retryable
from store.queries.audit import audit_head

log = structlog.get_logger()

LOOK_SECONDS = 5.0


class FleetWatch:
    """Asks for a new drawing of the fleet card when what it says has changed."""

    def __init__(self, store: Store, presenter: Presenter) -> None:
        self._store = store
        self._presenter = presenter
        self._seen_head = ""
        self._seen_words = ""

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except Retryable:
                log.warning("fleet_not_readable")
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> bool:
        """Asks for a new drawing when the card would read differently; True when it did. Blocks: call in a thread."""
        head = audit_head(self._store).hash
        if head == self._seen_head:
            return False
        words = self._presenter.fleet_card().model_dump_json()
        changed = words != self._seen_words
        self._seen_head, self._seen_words = head, words
        if changed:
            refresh_fleet(self._store)
        return changed
