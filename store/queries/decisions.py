"""Decisions: what stands, and who has yet to take note of it."""

from collections.abc import Collection

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.records.decision import Acknowledgement, Decision, DecisionStanding
from store.rules.decisions import subject_key

STANDING = frozenset({DecisionStanding.STANDS, DecisionStanding.CONTESTED})


def decision(store: Store, decision_id: str) -> Decision:
    """The decision. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.decisions).where(schema.decisions.c.id == decision_id)).first()
    if row is None:
        raise NotFound(f"There is no decision {decision_id}.")
    return rows.read(Decision, row)


def decisions(
    store: Store,
    *,
    subject: str | None = None,
    standings: Collection[DecisionStanding] = STANDING,
    limit: int = 100,
) -> list[Decision]:
    """Decisions in these standings, of one subject where one is named, newest first."""
    table = schema.decisions
    query = sa.select(table).where(table.c.standing.in_(sorted(one.value for one in standings)))
    query = query.where(table.c.subject_key == subject_key(subject)) if subject else query
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.decided_at.desc(), table.c.id).limit(limit))
        return [rows.read(Decision, row) for row in found]


def acknowledged_by(store: Store, decision_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Decision → who has acknowledged it; a decision nobody has is there with nobody."""
    table = schema.acknowledgements
    query = sa.select(table).where(table.c.decision_id.in_(sorted(decision_ids)))
    with store.database.read() as connection:
        taken = [rows.read(Acknowledgement, row) for row in connection.execute(query)]
    return {one: frozenset(ack.who for ack in taken if ack.decision_id == one) for one in decision_ids}


def unacknowledged(store: Store, who: str | None = None) -> list[tuple[Decision, tuple[str, ...]]]:
    """Standing decisions with whoever has yet to acknowledge them, oldest first; those that ask `who`, if given."""
    found = [one for one in decisions(store, limit=500) if one.affects and (who is None or who in one.affects)]
    taken = acknowledged_by(store, [one.id for one in found])
    missing = [(one, tuple(name for name in one.affects if name not in taken[one.id])) for one in reversed(found)]
    return [(one, names) for one, names in missing if (who in names if who else names)]
