"""The audit trail: events of one record, and whether the whole chain holds."""

from collections.abc import Iterator

import sqlalchemy as sa

from store import schema
from store.audit import Broken, Entry, Filed, Head, read_event, verify_chain
from store.handle import Store
from store.records.audit import AuditEvent

_PAGE = 5_000


def events_for(store: Store, subject_kind: str, subject_id: str, limit: int = 500) -> list[AuditEvent]:
    """The events about one record, oldest first."""
    table = schema.audit
    query = sa.select(table).where(table.c.subject_kind == subject_kind, table.c.subject_id == subject_id)
    with store.database.read() as connection:
        return [read_event(row.body, row.hash) for row in connection.execute(query.order_by(table.c.seq).limit(limit))]


def events_after(store: Store, seq: int, limit: int = 500) -> list[AuditEvent]:
    """Events with a number above `seq`, oldest first."""
    table = schema.audit
    query = sa.select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(limit)
    with store.database.read() as connection:
        return [read_event(row.body, row.hash) for row in connection.execute(query)]


def audit_head(store: Store) -> Head:
    """Where the chain ends now: write it down elsewhere to detect a rewritten or cut trail later."""
    with store.database.read() as connection:
        return _head(connection)


def verify_audit(store: Store) -> tuple[Head, Broken | None]:
    """The chain's head and the first place where it does not hold, None when it holds; all of one moment."""
    with store.database.snapshot() as connection:
        return verify_on(connection)


def verify_on(connection: sa.Connection) -> tuple[Head, Broken | None]:
    """The same within a transaction that is open already; of one moment if the transaction is."""
    head = _head(connection)
    return head, verify_chain(_entries(connection), head)


def _head(connection: sa.Connection) -> Head:
    row = connection.execute(sa.select(schema.audit_head.c.seq, schema.audit_head.c.hash)).one()
    return Head(row.seq, row.hash)


def _entries(connection: sa.Connection) -> Iterator[Entry]:
    table, last = schema.audit, 0
    while True:
        query = sa.select(table).where(table.c.seq > last).order_by(table.c.seq).limit(_PAGE)
        page = connection.execute(query).all()
        for row in page:
            filed = Filed(row.at, row.kind, row.subject_kind, row.subject_id, row.prev_hash)
            yield Entry(row.seq, row.body, row.hash, filed)
        if len(page) < _PAGE:
            return
        last = page[-1].seq
