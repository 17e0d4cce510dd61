"""Follows values through the record: back to where they first stood, and forward to everything that used them."""

from collections.abc import Iterable

import sqlalchemy as sa

from store import schema
from store.records.mark import STEP, OutputKind, Value

DEPTH_MAX = 12
"""How many hands a value is followed through: twice what a handoff may pass."""


def roots(connection: sa.Connection, value: Value) -> frozenset[Value]:
    """Where the values at a place, or below it, first stood; a value nobody can trace is its own root."""
    found: set[Value] = set()
    current = {value}
    for _ in range(DEPTH_MAX):
        sources = {one: _sources(connection, one) for one in current}
        found |= {one for one, behind in sources.items() if not behind}
        current = {source for behind in sources.values() for source in behind}
        found |= {one for one in current if one.kind == STEP}
        current = {one for one in current if one.kind != STEP}
        if not current:
            break
    return frozenset(found)


def users(connection: sa.Connection, values: Iterable[Value]) -> frozenset[Value]:
    """Every place of every output that used one of these values, however many hands it passed through."""
    found: set[Value] = set()
    current = set(values)
    for _ in range(DEPTH_MAX):
        following = {user for one in current for user in _users(connection, one)} - found
        found |= following
        current = {one for one in following if one.kind == OutputKind.HANDOFF}
        if not current:
            break
    return frozenset(found)


def _sources(connection: sa.Connection, value: Value) -> set[Value]:
    table = schema.uses
    whole = sa.and_(table.c.output_kind == value.kind, table.c.output_id == value.id)
    rows = connection.execute(sa.select(table).where(whole)).all()
    below = [row for row in rows if is_within(row.place, value.place)]
    return {Value(row.source_kind, row.source_id, row.source_place) for row in below}


def _users(connection: sa.Connection, value: Value) -> set[Value]:
    table = schema.uses
    same = sa.and_(table.c.source_kind == value.kind, table.c.source_id == value.id)
    rows = connection.execute(sa.select(table).where(same)).all()
    return {
        Value(row.output_kind, row.output_id, row.place) for row in rows if is_within(row.source_place, value.place)
    }


def is_within(place: str, of: str) -> bool:
    """True for the place itself and for everything below it."""
    return place == of or place.startswith(f"{of}/")
