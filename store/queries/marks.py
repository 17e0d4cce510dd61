"""What people say is wrong, seen from any output that used it."""

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.records.mark import Mark, OutputKind, Value
from store.tracing import is_within, roots


def mark(store: Store, mark_id: str) -> Mark:
    """The mark. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.marks).where(schema.marks.c.id == mark_id)).first()
    if row is None:
        raise NotFound(f"There is no mark {mark_id}.")
    return rows.read(Mark, row)


def marks_on(store: Store, kind: OutputKind, output_id: str, place: str = "") -> list[Mark]:
    """The marks, not withdrawn, on anything that this place of an output uses, oldest first."""
    marked, root = schema.marks, schema.mark_roots
    with store.database.read() as connection:
        here = Value(kind.value, output_id, place)
        used = roots(connection, here) | {here}
        sources = sorted({one.id for one in used})
        joined = sa.select(root).join(marked, marked.c.id == root.c.mark_id)
        live = joined.where(marked.c.withdrawn_at.is_(None), root.c.source_id.in_(sources))
        hits = {row.mark_id for row in connection.execute(live) if _touches(row, used)}
        query = sa.select(marked).where(marked.c.id.in_(sorted(hits))).order_by(marked.c.at, marked.c.id)
        return [rows.read(Mark, row) for row in connection.execute(query)]


def recent_marks(store: Store, limit: int = 50) -> list[Mark]:
    """The latest marks, withdrawn ones included, newest first."""
    table = schema.marks
    query = sa.select(table).order_by(table.c.at.desc(), table.c.id).limit(limit)
    with store.database.read() as connection:
        return [rows.read(Mark, row) for row in connection.execute(query)]


def _touches(row: sa.Row[tuple[object, ...]], used: frozenset[Value]) -> bool:
    """True when a marked value is one of those used, or part of one, or the other way round."""
    return any(
        one.kind == row.source_kind
        and one.id == row.source_id
        and (is_within(one.place, row.source_place) or is_within(row.source_place, one.place))
        for one in used
    )
