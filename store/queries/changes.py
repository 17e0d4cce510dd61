"""What changed in the record since a moment."""

from datetime import datetime

import sqlalchemy as sa

from store import schema
from store.audit import read_event
from store.handle import Store
from store.records.audit import AuditEvent


def changes_since(store: Store, at: datetime, limit: int = 200, kinds: tuple[str, ...] = ()) -> list[AuditEvent]:
    """Audit events after a moment, oldest first; the latest `limit`, of the named kinds where any are named."""
    table = schema.audit
    query = sa.select(table).where(table.c.at > at)
    query = query.where(table.c.kind.in_(kinds)) if kinds else query
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.seq.desc()).limit(limit)).all()
    return [read_event(row.body, row.hash) for row in reversed(found)]
