"""Reading a row in order to change it: locked until the transaction ends."""

import sqlalchemy as sa

from store import rows, schema
from store.kernel.errors import NotFound
from store.records.approval import Approval, Vote
from store.records.run import Run
from store.records.step import Step
from store.records.task import Task
from store.transaction import Tx


def locked_run(tx: Tx, run_id: str) -> Run:
    """The run, its row locked. Raises NotFound."""
    row = tx.connection.execute(sa.select(schema.runs).where(schema.runs.c.id == run_id).with_for_update()).first()
    if row is None:
        raise NotFound(f"There is no run {run_id}.")
    return rows.read(Run, row)


def locked_step(tx: Tx, run_id: str, key: str) -> Step | None:
    """The step, its row locked; None when the run has not reached it."""
    table = schema.steps
    query = sa.select(table).where(table.c.run_id == run_id, table.c.key == key).with_for_update()
    row = tx.connection.execute(query).first()
    return rows.read(Step, row) if row else None


def locked_approval(tx: Tx, approval_id: str) -> Approval:
    """The approval, its row locked. Raises NotFound."""
    table = schema.approvals
    row = tx.connection.execute(sa.select(table).where(table.c.id == approval_id).with_for_update()).first()
    if row is None:
        raise NotFound(f"There is no approval {approval_id}.")
    return rows.read(Approval, row)


def locked_task(tx: Tx, task_id: str) -> Task:
    """The task, its row locked. Raises NotFound."""
    row = tx.connection.execute(sa.select(schema.tasks).where(schema.tasks.c.id == task_id).with_for_update()).first()
    if row is None:
        raise NotFound(f"There is no task {task_id}.")
    return rows.read(Task, row)


def votes_on(tx: Tx, approval_id: str) -> list[Vote]:
    """The votes cast so far, oldest first."""
    table = schema.votes
    query = sa.select(table).where(table.c.approval_id == approval_id).order_by(table.c.at, table.c.person_id)
    return [rows.read(Vote, row) for row in tx.connection.execute(query)]
