"""The audit trail: an append-only chain of events, each bound to the one before."""

from datetime import datetime

from store.kernel.canonical import JsonObject
from store.records.actor import Actor
from store.records.record import Record


class AuditEvent(Record):
    """One event. `hash` is SHA-256 over the canonical body, which holds `prev_hash`; `seq` counts from 1 without gaps.

    `subject_kind` and `subject_id` name the record the event is about; `data` holds no floats and no secrets.
    """

    seq: int
    at: datetime
    kind: str
    actor: Actor
    subject_kind: str
    subject_id: str
    data: JsonObject
    prev_hash: str
    hash: str
