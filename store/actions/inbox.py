"""The inbox: every inbound event stored once, before it is acknowledged, and closed once it was acted on."""

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.kernel.canonical import JsonObject
from store.records.actor import SYSTEM
from store.records.inbox import InboxEvent, InboxState
from store.records.record import Record
from store.transaction import Tx


class Received(Record):
    """A stored event; `fresh` is False when it had been stored before (a redelivery)."""

    event: InboxEvent
    fresh: bool


@action("inbox.receive")
def receive_event(tx: Tx, *, surface: str, key: str, kind: str, payload: JsonObject) -> Received:
    """Stores an inbound event, once per (surface, key); the answer to a redelivery is the row of the first."""
    event = InboxEvent(
        surface=surface, key=key, kind=kind, payload=payload, state=InboxState.RECEIVED, received_at=tx.now
    )
    if insert_once(tx, schema.inbox, rows.values(event)):
        return Received(event=event, fresh=True)
    table = schema.inbox
    known = tx.connection.execute(sa.select(table).where(table.c.surface == surface, table.c.key == key)).one()
    return Received(event=rows.read(InboxEvent, known), fresh=False)


@action("inbox.close")
def close_event(
    tx: Tx, *, surface: str, key: str, state: InboxState, answer: str | None, refused_by: str | None = None
) -> None:
    """Marks an event as acted on, with what the person was told; the first closing stands.

    `refused_by` names the rule that turned the event away, which is put on the audit trail; None: it was carried out.
    """
    table = schema.inbox
    closed = tx.connection.execute(
        table.update()
        .where(table.c.surface == surface, table.c.key == key, table.c.state == InboxState.RECEIVED.value)
        .values(state=state.value, handled_at=tx.now, answer=answer)
    )
    if closed.rowcount and refused_by is not None:
        tx.audit("inbound.refused", SYSTEM, ("event", f"{surface}:{key}"), rule=refused_by)
