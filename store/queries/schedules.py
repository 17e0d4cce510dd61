"""Schedules and what became of their due times."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.agent import AgentState
from store.records.run import RunState
from store.records.schedule import Occurrence, Schedule

_ACTIVE = (RunState.QUEUED.value, RunState.RUNNING.value)


def live_schedules(store: Store) -> list[Schedule]:
    """The workspace's schedules, by id; paused ones included."""
    table = schema.schedules
    with store.database.read() as connection:
        found = connection.execute(sa.select(table).where(table.c.retired.is_(False)).order_by(table.c.id))
        return [rows.read(Schedule, row) for row in found]


def schedule(store: Store, schedule_id: str) -> Schedule | None:
    """One schedule; None when there is none, or the workspace no longer has it."""
    table = schema.schedules
    query = sa.select(table).where(table.c.id == schedule_id, table.c.retired.is_(False))
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return rows.read(Schedule, row) if row else None


def due_schedules(store: Store, now: datetime, limit: int = 500) -> list[Schedule]:
    """Schedules with a due time at or before `now`, the longest due first; paused ones too, whose times are skipped."""
    table = schema.schedules
    query = sa.select(table).where(table.c.retired.is_(False), table.c.next_fire_at <= now)
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.next_fire_at, table.c.agent_id, table.c.id).limit(limit))
        return [rows.read(Schedule, row) for row in found]


def next_due_at(store: Store) -> datetime | None:
    """The earliest due time of all schedules; None when nothing will ever be due."""
    table = schema.schedules
    query = sa.select(sa.func.min(table.c.next_fire_at, type_=schema.Moment())).where(table.c.retired.is_(False))
    with store.database.read() as connection:
        return connection.execute(query).scalar()


def active_run_ids(store: Store, schedule_id: str) -> list[str]:
    """Runs of a schedule that are queued or running, oldest first; a run that waits for people does not count."""
    table = schema.runs
    query = sa.select(table.c.id).where(table.c.schedule_id == schedule_id, table.c.state.in_(_ACTIVE))
    with store.database.read() as connection:
        return list(connection.execute(query.order_by(table.c.created_at, table.c.id)).scalars())


def agent_paused(store: Store, agent_id: str) -> bool:
    """True while a person has paused the agent."""
    query = sa.select(schema.agents.c.state).where(schema.agents.c.agent_id == agent_id)
    with store.database.read() as connection:
        return connection.execute(query).scalar() == AgentState.PAUSED.value


def occurrences(store: Store, schedule_id: str | None = None, limit: int = 50) -> list[Occurrence]:
    """Due times and how they ended, latest first, each with the alarm clock's evidence."""
    table = schema.occurrences
    query = sa.select(table).order_by(table.c.due_at.desc(), table.c.schedule_id).limit(limit)
    query = query.where(table.c.schedule_id == schedule_id) if schedule_id else query
    with store.database.read() as connection:
        found = connection.execute(query).all()
        return [_with_evidence(connection, row) for row in found]


def _with_evidence(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> Occurrence:
    table = schema.evidence
    query = sa.select(table.c.data).where(table.c.schedule_id == row.schedule_id, table.c.due_at == row.due_at)
    said = connection.execute(query.order_by(table.c.position)).scalars().all()
    return Occurrence.model_validate({**rows.columns(row), "evidence": tuple(said)})
