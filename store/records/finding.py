"""What agents deliver: readings, alerts and digests. Numbers live here; prose never carries one of its own."""

from datetime import datetime
from enum import StrEnum

from store.records.record import Record


class Reading(Record):
    """One measured value at one moment. `value` is exact in `unit` as a decimal string ("71.4" of "%")."""

    metric: str
    agent_id: str
    at: datetime
    value: str
    unit: str


class AlertState(StrEnum):
    """One open alert per metric; `acknowledged` is still open but no longer asks."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class Alert(Record):
    """A threshold broken, since when, and the readings that show it.

    `expected` says the allowed range in words ("at most 90 %"); `upper`/`lower` are its bounds as decimal strings.
    `series` is oldest first and holds what the chart draws.
    """

    id: str
    agent_id: str
    run_id: str
    metric: str
    title: str
    value: str
    unit: str
    expected: str
    lower: str | None = None
    upper: str | None = None
    since: datetime
    last_at: datetime
    state: AlertState
    owner: str | None = None
    next_step: str
    series: tuple[Reading, ...] = ()
    acknowledged_by: str | None = None
    cleared_at: datetime | None = None
