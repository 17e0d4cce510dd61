"""The dead-man ping of a running team."""

import asyncio

from bot.delivery.outbox import Outbox
from bot.monitor.pinging import DeadMan
from bot.monitor.vitals import Vitals, ailment
from bot.settings import Settings
from scheduler.clock import AlarmClock
from store.actions.workers import beat
from store.handle import Store
from store.kernel.errors import QuarterdeckError
from store.queries.inbox import oldest_unhandled_at

PROBE = "monitor"
"""Beats under a name of its own: an executor's own beat stays the keeper's to give."""


def make_deadman(settings: Settings, store: Store, alarm: AlarmClock, outbox: Outbox) -> DeadMan | None:
    """The ping that the settings ask for; None when they ask for none."""
    if settings.deadman_url is None:
        return None
    started_at = store.clock.now()

    def look() -> str | None:
        trouble, oldest = None, None
        try:
            beat(store, PROBE, store.clock.now())  # proves that the record can be written
            oldest = oldest_unhandled_at(store)
        except QuarterdeckError as error:
            trouble = error.message
        vitals = Vitals(
            started_at, alarm.health().swept_at, settings.sweep_seconds, outbox.rounds_at(), oldest, trouble
        )
        return ailment(vitals, store.clock.now())

    async def ailing() -> str | None:
        return await asyncio.to_thread(look)

    return DeadMan(settings.deadman_url.get_secret_value(), settings.deadman_seconds, ailing)
