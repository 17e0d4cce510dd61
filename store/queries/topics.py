"""Topics: what each says now, what it said before, and what waits to be let in."""

from collections.abc import Collection

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.records.topic import Proposal, ProposalState, TopicVersion

WAITING = tuple(sorted(state.value for state in ProposalState if state.is_waiting))


def topic(store: Store, name: str, number: int | None = None) -> TopicVersion | None:
    """The topic as it stands, or as one version of it had it; None when nothing was written."""
    table = schema.topic_versions
    query = sa.select(table).where(table.c.topic == name)
    query = query.where(table.c.number == number) if number is not None else query
    with store.database.read() as connection:
        row = connection.execute(query.order_by(table.c.number.desc()).limit(1)).first()
    return rows.read(TopicVersion, row) if row else None


def topics(store: Store, names: Collection[str]) -> dict[str, TopicVersion]:
    """Each of these topics as it stands, by name; those without a version are left out."""
    table = schema.topic_versions
    latest = sa.select(table.c.topic, sa.func.max(table.c.number).label("number")).where(table.c.topic.in_(names))
    newest = latest.group_by(table.c.topic).subquery()
    query = sa.select(table).join(newest, sa.and_(table.c.topic == newest.c.topic, table.c.number == newest.c.number))
    with store.database.read() as connection:
        found = [rows.read(TopicVersion, row) for row in connection.execute(query)] if names else []
    return {one.topic: one for one in found}


def versions(store: Store, name: str, limit: int = 50) -> list[TopicVersion]:
    """What the topic said, newest first."""
    table = schema.topic_versions
    query = sa.select(table).where(table.c.topic == name).order_by(table.c.number.desc()).limit(limit)
    with store.database.read() as connection:
        return [rows.read(TopicVersion, row) for row in connection.execute(query)]


def proposal(store: Store, proposal_id: str) -> Proposal:
    """The proposal. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.proposals).where(schema.proposals.c.id == proposal_id)).first()
    if row is None:
        raise NotFound(f"There is no proposal {proposal_id}.")
    return rows.read(Proposal, row)


def waiting_proposals(store: Store, writer: str | None = None, limit: int = 100) -> list[Proposal]:
    """Proposals nobody has decided yet, of one writer's topics where one is named, oldest first."""
    table = schema.proposals
    query = sa.select(table).where(table.c.state.in_(WAITING))
    query = query.where(table.c.agent_id == writer) if writer else query
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.proposed_at, table.c.id).limit(limit))
        return [rows.read(Proposal, row) for row in found]
