"""What is past its time."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from store import schema
from store.handle import Store
from store.records.approval import ApprovalState
from store.records.run import RunState

_BATCH = 500


def expired_approvals(store: Store, now: datetime) -> list[str]:
    """Ids of open approvals whose time has passed, oldest first, at most 500."""
    table = schema.approvals
    query = sa.select(table.c.id).where(table.c.state == ApprovalState.OPEN.value, table.c.expires_at <= now)
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.expires_at, table.c.id).limit(_BATCH)).scalars())


def overdue_runs(store: Store, now: datetime, grace_seconds: int) -> list[str]:
    """Ids of running runs more than the grace past their deadline, oldest first, at most 500."""
    table = schema.runs
    limit = now - timedelta(seconds=grace_seconds)
    query = sa.select(table.c.id).where(table.c.state == RunState.RUNNING.value, table.c.deadline_at <= limit)
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.deadline_at, table.c.id).limit(_BATCH)).scalars())


def next_deadline(store: Store) -> datetime | None:
    """The earliest moment at which an open approval expires; None when none is open."""
    table = schema.approvals
    query = sa.select(sa.func.min(table.c.expires_at, type_=schema.Moment())).where(
        table.c.state == ApprovalState.OPEN.value
    )
    with store.database.read() as connection:
        return connection.execute(query).scalar()
