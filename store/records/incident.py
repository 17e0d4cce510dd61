"""An incident: one card per cause, however often it strikes."""

from datetime import datetime
from enum import StrEnum

from store.kernel.canonical import JsonObject
from store.records.record import Record


class IncidentState(StrEnum):
    """`open` until a person closes it or its cause is seen to have passed."""

    OPEN = "open"
    CLOSED = "closed"


class Incident(Record):
    """One cause of trouble. `cause` is unique among open incidents; a further strike raises `count` and `last_at`.

    `examples` are the latest strikes (at most 20), oldest first; `next_step` says what a person can do.
    """

    id: str
    cause: str
    kind: str
    agent_id: str | None
    run_id: str | None
    title: str
    detail: str
    next_step: str
    state: IncidentState
    count: int
    first_at: datetime
    last_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    examples: tuple[JsonObject, ...] = ()
