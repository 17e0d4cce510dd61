"""Notes: what an agent has not acknowledged yet, and what was sent."""

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.records.note import Note


def note(store: Store, note_id: str) -> Note:
    """The note. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.notes).where(schema.notes.c.id == note_id)).first()
    if row is None:
        raise NotFound(f"There is no note {note_id}.")
    return rows.read(Note, row)


def unread_notes(store: Store, to_agent: str | None = None, limit: int = 100) -> list[Note]:
    """Notes nobody has acknowledged yet, to one agent or to all, oldest first."""
    table = schema.notes
    query = sa.select(table).where(table.c.acknowledged_at.is_(None))
    query = query.where(table.c.to_agent == to_agent) if to_agent else query
    return _read(store, query.order_by(table.c.created_at, table.c.id).limit(limit))


def recent_notes(store: Store, agent_id: str | None = None, limit: int = 100) -> list[Note]:
    """The latest notes, acknowledged or not, newest first; of one reader where one is named."""
    table = schema.notes
    query = sa.select(table)
    query = query.where(table.c.to_agent == agent_id) if agent_id else query
    return _read(store, query.order_by(table.c.created_at.desc(), table.c.id).limit(limit))


def open_among(store: Store, note_ids: frozenset[str]) -> list[str]:
    """Which of these notes nobody has acknowledged, by id."""
    table = schema.notes
    query = sa.select(table.c.id).where(table.c.id.in_(sorted(note_ids)), table.c.acknowledged_at.is_(None))
    with store.database.read() as connection:
        return sorted(connection.execute(query).scalars()) if note_ids else []


def _read(store: Store, query: sa.Select[tuple[object, ...]]) -> list[Note]:
    with store.database.read() as connection:
        return [rows.read(Note, row) for row in connection.execute(query)]
