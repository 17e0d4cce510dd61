"""Approvals and votes."""

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.records.approval import Approval, ApprovalState, Vote


def approval(store: Store, approval_id: str) -> Approval:
    """The approval. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.approvals).where(schema.approvals.c.id == approval_id)).first()
    if row is None:
        raise NotFound(f"There is no approval {approval_id}.")
    return rows.read(Approval, row)


def votes(store: Store, approval_id: str) -> list[Vote]:
    """The votes cast, oldest first."""
    table = schema.votes
    query = sa.select(table).where(table.c.approval_id == approval_id).order_by(table.c.at, table.c.person_id)
    with store.database.read() as connection:
        return [rows.read(Vote, row) for row in connection.execute(query)]


def votes_on_open(store: Store) -> list[Vote]:
    """Every vote on an approval that is still open, oldest first."""
    table, asked = schema.votes, schema.approvals
    joined = table.join(asked, asked.c.id == table.c.approval_id)
    query = sa.select(table).select_from(joined).where(asked.c.state == ApprovalState.OPEN.value)
    with store.database.read() as connection:
        return [rows.read(Vote, row) for row in connection.execute(query.order_by(table.c.at, table.c.person_id))]


def open_approvals(store: Store) -> list[Approval]:
    """Everything that waits for a decision, oldest first."""
    table = schema.approvals
    query = sa.select(table).where(table.c.state == ApprovalState.OPEN.value).order_by(table.c.created_at, table.c.id)
    with store.database.read() as connection:
        return [rows.read(Approval, row) for row in connection.execute(query)]


def recent_approvals(store: Store, limit: int = 50) -> list[Approval]:
    """Approvals no longer open, latest first."""
    table = schema.approvals
    query = sa.select(table).where(table.c.state != ApprovalState.OPEN.value)
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.decided_at.desc(), table.c.id).limit(limit))
        return [rows.read(Approval, row) for row in found]


def approvals_of_run(store: Store, run_id: str) -> list[Approval]:
    """All approvals a run asked for, oldest first."""
    table = schema.approvals
    query = sa.select(table).where(table.c.run_id == run_id).order_by(table.c.created_at, table.c.id)
    with store.database.read() as connection:
        return [rows.read(Approval, row) for row in connection.execute(query)]


def approval_for_step(store: Store, run_id: str, key: str) -> Approval | None:
    """The live approval of a step: the last successor when the call was edited; None when none was asked."""
    table = schema.approvals
    query = sa.select(table).where(table.c.run_id == run_id, table.c.step_key == key, table.c.superseded_by.is_(None))
    with store.database.read() as connection:
        row = connection.execute(query.order_by(table.c.created_at.desc())).first()
    return rows.read(Approval, row) if row else None


def open_for_call(store: Store, agent_id: str, call_hash: str) -> Approval | None:
    """An open approval that already asks for exactly this call, in whichever run; None when there is none."""
    table = schema.approvals
    query = sa.select(table).where(
        table.c.agent_id == agent_id, table.c.call_hash == call_hash, table.c.state == ApprovalState.OPEN.value
    )
    with store.database.read() as connection:
        row = connection.execute(query.order_by(table.c.created_at).limit(1)).first()
    return rows.read(Approval, row) if row else None
