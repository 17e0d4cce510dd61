"""The inbox: what came in from a surface, stored before it is acknowledged."""

from datetime import datetime
from enum import StrEnum

from store.kernel.canonical import JsonObject
from store.records.record import Record


class InboxState(StrEnum):
    """`received` until acted on; `failed` keeps the payload and the reason, and is shown as an incident."""

    RECEIVED = "received"
    HANDLED = "handled"
    FAILED = "failed"


class InboxEvent(Record):
    """One inbound event; (surface, key) is unique, so a redelivery finds the first row.

    `payload` is neutral (an intake event as JSON), never the platform's raw body with its tokens.
    `answer` is what the person was told, kept so that a redelivery gets the same words.
    """

    surface: str
    key: str
    kind: str
    payload: JsonObject
    state: InboxState
    received_at: datetime
    handled_at: datetime | None = None
    answer: str | None = None
