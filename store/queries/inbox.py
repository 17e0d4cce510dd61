"""Inbound events that nobody has acted on yet."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.inbox import InboxEvent, InboxState


def oldest_unhandled_at(store: Store) -> datetime | None:
    """When the oldest event that nobody has acted on yet came in; None when none waits."""
    table = schema.inbox
    oldest = sa.func.min(table.c.received_at, type_=schema.Moment())
    query = sa.select(oldest).where(table.c.state == InboxState.RECEIVED.value)
    with store.database.read() as connection:
        return connection.execute(query).scalar()


def unhandled_events(store: Store, received_before: datetime, limit: int = 200) -> list[InboxEvent]:
    """Events stored before a moment and not acted on yet, oldest first: what a crash or a full disk left behind."""
    table = schema.inbox
    waiting = sa.and_(table.c.state == InboxState.RECEIVED.value, table.c.received_at < received_before)
    query = sa.select(table).where(waiting).order_by(table.c.received_at, table.c.key)
    with store.database.read() as connection:
        return [rows.read(InboxEvent, row) for row in connection.execute(query.limit(limit))]


def inbox_event(store: Store, surface: str, key: str) -> InboxEvent | None:
    """One event as it was stored; None when there is none of this key, or none any more."""
    table = schema.inbox
    with store.database.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.surface == surface, table.c.key == key)).first()
    return rows.read(InboxEvent, row) if row else None
