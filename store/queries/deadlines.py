"""What is past its time."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from store import schema
from store.handle import Store
from store.queries.tasks import UNFINISHED
from store.records.approval import ApprovalState
from store.records.run import RunState

_BATCH = 500


def expired_approvals(store: Store, now: datetime) -> list[str]:
    """Ids of open approvals whose time has passed, oldest first, at most 500."""
    table = schema.approvals
    query = sa.select(table.c.id).where(table.c.state == ApprovalState.OPEN.value, table.c.expires_at <= now)
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.expires_at, table.c.id).limit(_BATCH)).scalars())


def put_off_approvals(store: Store, now: datetime) -> list[str]:
    """Ids of approved calls whose runs wait to learn whether they may be made, and are to try again, at most 500."""
    table, run = schema.approvals, schema.runs
    waits = run.c.id == table.c.run_id, run.c.state == RunState.WAITING.value, run.c.reason == table.c.outcome
    due = table.c.state == ApprovalState.APPROVED.value, run.c.deadline_at <= now
    query = sa.select(table.c.id).join(run, sa.and_(*waits)).where(*due)
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.decided_at, table.c.id).limit(_BATCH)).scalars())


def overdue_runs(store: Store, now: datetime, grace_seconds: int) -> list[str]:
    """Ids of running runs more than the grace past their deadline, oldest first, at most 500."""
    table = schema.runs
    limit = now - timedelta(seconds=grace_seconds)
    query = sa.select(table.c.id).where(table.c.state == RunState.RUNNING.value, table.c.deadline_at <= limit)
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.deadline_at, table.c.id).limit(_BATCH)).scalars())


def lapsed_claims(store: Store, now: datetime) -> list[str]:
    """Ids of tasks whose lease has passed, oldest first, at most 500."""
    table = schema.tasks
    query = sa.select(table.c.id).where(table.c.held_until <= now)
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.held_until, table.c.id).limit(_BATCH)).scalars())


def untold_overdue_tasks(store: Store, now: datetime) -> list[str]:
    """Ids of unfinished tasks past their due time that nobody was told of yet, oldest first, at most 500."""
    table = schema.tasks
    query = sa.select(table.c.id).where(*_TELLING_TASKS, table.c.due_at <= now)
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.due_at, table.c.id).limit(_BATCH)).scalars())


def untold_overdue_notes(store: Store, now: datetime) -> list[str]:
    """Ids of notes nobody acknowledged in time that nobody was told of yet, oldest first, at most 500."""
    table = schema.notes
    query = sa.select(table.c.id).where(*_TELLING_NOTES, table.c.due_at <= now)
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.due_at, table.c.id).limit(_BATCH)).scalars())


def next_expiry(store: Store) -> datetime | None:
    """The earliest moment at which an open approval expires; None: none is open."""
    approvals = schema.approvals
    with store.database.read() as connection:
        query = _earliest(approvals.c.expires_at, approvals.c.state == ApprovalState.OPEN.value)
        found: datetime | None = connection.execute(query).scalar()
    return found


def next_deadline(store: Store) -> datetime | None:
    """The earliest moment at which something is past its time: an approval, a claim, a task, a note; None: nothing."""
    approvals, tasks, notes = schema.approvals, schema.tasks, schema.notes
    earliest = (
        _earliest(approvals.c.expires_at, approvals.c.state == ApprovalState.OPEN.value),
        _earliest(tasks.c.held_until),
        _earliest(tasks.c.due_at, *_TELLING_TASKS),
        _earliest(notes.c.due_at, *_TELLING_NOTES),
    )
    with store.database.read() as connection:
        found = [connection.execute(query).scalar() for query in earliest]
    return min((moment for moment in found if moment is not None), default=None)


_TELLING_TASKS = (
    schema.tasks.c.escalated_at.is_(None),
    schema.tasks.c.due_at.is_not(None),
    schema.tasks.c.state.in_(sorted(state.value for state in UNFINISHED)),
)
_TELLING_NOTES = (
    schema.notes.c.escalated_at.is_(None),
    schema.notes.c.acknowledged_at.is_(None),
    schema.notes.c.due_at.is_not(None),
)


def _earliest(column: sa.Column[datetime], *when: sa.ColumnElement[bool]) -> sa.Select[datetime | None]:
    return sa.select(sa.func.min(column, type_=schema.Moment())).where(*when)
