"""Handoffs: what waits for an agent, what became of what it sent, who was expected and is late."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.records.actor import Actor
from store.records.handoff import Absent, Breaker, Handoff, HandoffState

DELIVERED = frozenset({HandoffState.SENT, HandoffState.ACCEPTED, HandoffState.RETURNED})
"""The states of work that has reached its receiver."""


def handoff(store: Store, handoff_id: str) -> Handoff:
    """The handoff. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.handoffs).where(schema.handoffs.c.id == handoff_id)).first()
    if row is None:
        raise NotFound(f"There is no handoff {handoff_id}.")
    return rows.read_body(Handoff, row)


def handoffs(
    store: Store,
    *,
    receiver: str | None = None,
    sender: str | None = None,
    contract: str | None = None,
    states: Collection[HandoffState] | None = None,
    since: datetime | None = None,
    limit: int = 100,
) -> list[Handoff]:
    """Handoffs that match everything given, the latest `limit` of them, oldest first."""
    table = schema.handoffs
    query = sa.select(table)
    query = query.where(table.c.receiver == receiver) if receiver else query
    query = query.where(table.c.sender == sender) if sender else query
    query = query.where(table.c.contract == contract) if contract else query
    query = query.where(table.c.sent_at >= since) if since else query
    query = query.where(table.c.state.in_(sorted(one.value for one in states))) if states is not None else query
    latest = query.order_by(table.c.sent_at.desc(), table.c.id.desc()).limit(limit)
    with store.database.read() as connection:
        return [rows.read_body(Handoff, row) for row in reversed(connection.execute(latest).all())]


def absent(
    store: Store, expected: Sequence[str], *, receiver: str, contract: str | None, since: datetime, until: datetime
) -> list[Absent]:
    """Who of those expected delivered nothing to the receiver from `since` to before `until`, and when they last did.

    In the order of `expected`.
    """
    table = schema.handoffs
    delivered = table.c.state.in_(sorted(one.value for one in DELIVERED))
    last = sa.func.max(table.c.sent_at, type_=schema.Moment())
    query = sa.select(table.c.sender, last).where(table.c.receiver == receiver, delivered, table.c.sent_at < until)
    query = query.where(table.c.contract == contract) if contract else query
    with store.database.read() as connection:
        found = {row[0]: row[1] for row in connection.execute(query.group_by(table.c.sender))}
    late = [agent for agent in expected if agent not in found or found[agent] < since]
    return [Absent(agent_id=agent, last_at=found.get(agent)) for agent in late]


def wished_by(store: Store, run_id: str) -> Actor | None:
    """The person whose wish a run carries out because it accepted their work; None when it accepted nobody's."""
    table = schema.handoffs
    taken = sa.and_(table.c.closed_run == run_id, table.c.state == HandoffState.ACCEPTED.value)
    query = sa.select(table).where(taken).order_by(table.c.sent_at, table.c.id)
    with store.database.read() as connection:
        found = [rows.read_body(Handoff, row).initiator for row in connection.execute(query)]
    return next((one for one in found if one.is_person), None)


def unaccepted(store: Store, before: datetime, limit: int = 100) -> list[Handoff]:
    """Work delivered before a moment that its receiver has neither accepted nor returned, the oldest first."""
    table = schema.handoffs
    waiting = sa.and_(table.c.state == HandoffState.SENT.value, table.c.sent_at < before)
    query = sa.select(table).where(waiting).order_by(table.c.sent_at, table.c.id).limit(limit)
    with store.database.read() as connection:
        return [rows.read_body(Handoff, row) for row in connection.execute(query)]


def breaker(store: Store, route: str) -> Breaker:
    """The route's breaker; a route that nothing was sent on has a closed one."""
    table = schema.breakers
    with store.database.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.route == route)).first()
    return rows.read_body(Breaker, row) if row else Breaker(route=route)


def open_breakers(store: Store) -> list[Breaker]:
    """Every breaker that is open, by route."""
    with store.database.read() as connection:
        found = connection.execute(sa.select(schema.breakers).order_by(schema.breakers.c.route)).all()
    return [one for one in (rows.read_body(Breaker, row) for row in found) if one.is_open]
