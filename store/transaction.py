"""An open transaction as actions see it: rows, audit events and outbox rows that commit together or not at all."""

from datetime import datetime

import sqlalchemy as sa
from pydantic import JsonValue
from sqlalchemy.dialects import postgresql, sqlite

from store import schema
from store.audit import Head, PendingEvent, seal
from store.kernel.canonical import JsonObject
from store.kernel.ports import Enqueue, Segment
from store.kernel.storable import storable_text
from store.records.actor import Actor
from store.records.audit import AuditEvent
from store.records.card import CardKind, DeliveryState, card_key

PRIORITY = {
    CardKind.APPROVAL: 0,
    CardKind.INCIDENT: 1,
    CardKind.ALERT: 1,
    CardKind.DIGEST: 1,
    CardKind.TASK: 1,
    CardKind.DECISION: 1,
    CardKind.PROPOSAL: 1,
    CardKind.RUN: 2,
    CardKind.FLEET: 2,
    CardKind.LOG: 2,
    CardKind.ROLE: 2,
}
"""Order of delivery: decisions before deliverables and alarms, those before progress."""


class Tx:
    """What an action works with. `now` is one moment for the whole transaction."""

    def __init__(self, connection: sa.Connection, now: datetime, enqueue: Enqueue) -> None:
        self.connection = connection
        self.now = now
        self._enqueue = enqueue
        self._events: list[PendingEvent] = []

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, where the whole database is locked while this is open."""
        return self.connection.dialect.name == "sqlite"

    def keep_others_out(self, table: sa.Table) -> None:
        """Lets nobody else write or lock rows of this table until the end; called first, before any row is locked.

        For what no row can guard: a rule over all rows, some of which are not there yet.
        """
        if not self.is_sqlite:
            self.connection.execute(sa.text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))

    def audit(self, kind: str, actor: Actor, subject: tuple[str, str], **data: object) -> None:
        """Puts an event on the audit trail when the transaction commits; `subject` is (kind of record, id)."""
        self._events.append(PendingEvent(kind, actor, subject[0], subject[1], _json_data(data)))

    def enqueue(self, segment: Segment) -> None:
        """Makes the segment runnable if the transaction commits."""
        self._enqueue(self.connection, segment)

    def show(
        self,
        kind: CardKind,
        record_id: str,
        channel: str | None,
        slot: str | None = None,
        thread_of: str | None = None,
        *,
        progress: bool = False,
    ) -> None:
        """Says that the card of this record must be (re)drawn: its revision grows by one.

        Records that share a `slot` take turns on one card, so that what recurs is edited in place instead of posted
        anew; None gives the record a card of its own. `thread_of` is the key of the card in whose thread it belongs.
        Mere `progress` waits out the pause a surface keeps between edits; any other change is due at once.
        """
        key = card_key(kind, slot or record_id)
        dialect, table = (sqlite if self.is_sqlite else postgresql), schema.cards
        again = {"record_id": record_id, "revision": table.c.revision + 1, "changed_at": self.now, "pending": True}
        row = {**_new_card(key, kind, record_id, channel, self.now), "thread_of": thread_of}
        drawn = dialect.insert(table).values(row)
        self.connection.execute(drawn.on_conflict_do_update(index_elements=["key"], set_=again))
        if not progress:
            self._end_pauses(key)

    def redraw(self, kind: CardKind, record_id: str, *, progress: bool = False) -> None:
        """Says that the card of this record must be redrawn, if it has one; `progress` is as for `show`."""
        table, key = schema.cards, card_key(kind, record_id)
        again = {"revision": table.c.revision + 1, "changed_at": self.now, "pending": True}
        drawn = self.connection.execute(table.update().where(table.c.key == key).values(again))
        if drawn.rowcount and not progress:
            self._end_pauses(key)

    def _end_pauses(self, key: str) -> None:
        # What a surface asked for after a failure is kept: only pauses between edits that went well end here.
        table = schema.deliveries
        calm = (table.c.state == DeliveryState.POSTED.value, table.c.error.is_(None))
        self.connection.execute(table.update().where(table.c.card_key == key, *calm).values(not_before=None))

    def show_again(self, key: str) -> None:
        """Says that the card of this key must be redrawn; nothing where there is none."""
        table = schema.cards
        again = {"revision": table.c.revision + 1, "changed_at": self.now, "pending": True}
        self.connection.execute(table.update().where(table.c.key == key).values(again))

    def write_audit(self) -> None:
        """Appends the collected events. Called last, so the head row is the last lock taken: no deadlock through it."""
        if not self._events:
            return
        head = _lock_head(self.connection)
        for event in self._events:
            sealed, body = seal(event, head, self.now)
            self.connection.execute(schema.audit.insert().values(_audit_row(sealed, body)))
            head = Head(sealed.seq, sealed.hash)
        self.connection.execute(schema.audit_head.update().values(seq=head.seq, hash=head.hash))
        self._events.clear()


def _new_card(key: str, kind: CardKind, record_id: str, channel: str | None, now: datetime) -> dict[str, object]:
    return {
        "key": key,
        "kind": kind.value,
        "record_id": record_id,
        "channel": channel,
        "revision": 1,
        "priority": PRIORITY[kind],
        "created_at": now,
        "changed_at": now,
        "snapshot_revision": 0,
        "pending": True,
    }


def _lock_head(connection: sa.Connection) -> Head:
    row = connection.execute(sa.select(schema.audit_head.c.seq, schema.audit_head.c.hash).with_for_update()).one()
    return Head(row.seq, row.hash)


def _audit_row(event: AuditEvent, body: str) -> dict[str, object]:
    return {
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "subject_kind": event.subject_kind,
        "subject_id": event.subject_id,
        "body": body,
        "prev_hash": event.prev_hash,
        "hash": event.hash,
    }


def _json_data(data: dict[str, object]) -> JsonObject:
    return {key: _json_value(value) for key, value in data.items() if value is not None}


def _json_value(value: object) -> JsonValue:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_json_value(item) for item in value]
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, int):
        return value
    raise TypeError(f"an audit event cannot hold a {type(value).__name__}")
