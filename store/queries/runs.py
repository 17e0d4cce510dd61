"""What runs there are, what they did, and what they knew."""

from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.kernel.ports import Segment
from store.records.receipt import Receipt
from store.records.run import FINAL_RUN_STATES, Run, RunState
from store.records.step import Step


def find_run(store: Store, run_id: str) -> Run | None:
    """The run, or None when there is none of this id."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.runs).where(schema.runs.c.id == run_id)).first()
    return rows.read(Run, row) if row else None


def run(store: Store, run_id: str) -> Run:
    """The run. Raises NotFound."""
    found = find_run(store, run_id)
    if found is None:
        raise NotFound(f"There is no run {run_id}.")
    return found


def steps(store: Store, run_id: str) -> list[Step]:
    """The run's steps in the order they were first made."""
    table = schema.steps
    with store.database.read() as connection:
        query = sa.select(table).where(table.c.run_id == run_id).order_by(table.c.position, table.c.key)
        return [rows.read(Step, row) for row in connection.execute(query)]


def receipt(store: Store, run_id: str) -> Receipt | None:
    """What the session knew when it began; None before it booted."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.receipts).where(schema.receipts.c.run_id == run_id)).first()
    return rows.read(Receipt, row) if row else None


def recent_runs(
    store: Store,
    agent_id: str | None = None,
    limit: int = 50,
    state: RunState | None = None,
    before: datetime | None = None,
) -> list[Run]:
    """Runs, newest first; of one agent, in one state or made before a moment where given."""
    table = schema.runs
    query = sa.select(table).order_by(table.c.created_at.desc(), table.c.id).limit(limit)
    query = query.where(table.c.agent_id == agent_id) if agent_id else query
    query = query.where(table.c.state == state.value) if state else query
    query = query.where(table.c.created_at < before) if before else query
    with store.database.read() as connection:
        return [rows.read(Run, row) for row in connection.execute(query)]


def last_finished_run(store: Store, agent_id: str, before: datetime) -> Run | None:
    """The agent's latest run that ended before a moment; None when there is none."""
    table = schema.runs
    final = [state.value for state in FINAL_RUN_STATES]
    query = (
        sa.select(table)
        .where(table.c.agent_id == agent_id, table.c.state.in_(final), table.c.finished_at < before)
        .order_by(table.c.finished_at.desc(), table.c.id)
        .limit(1)
    )
    with store.database.read() as connection:
        row = connection.execute(query).first()
    return rows.read(Run, row) if row else None


def unfinished_runs(store: Store, agent_id: str) -> list[Run]:
    """The agent's runs that have not ended, newest first."""
    table = schema.runs
    final = [state.value for state in FINAL_RUN_STATES]
    query = sa.select(table).where(table.c.agent_id == agent_id, table.c.state.not_in(final))
    with store.database.read() as connection:
        found = connection.execute(query.order_by(table.c.created_at.desc(), table.c.id))
        return [rows.read(Run, row) for row in found]


def runnable_segments(store: Store) -> list[Segment]:
    """The segments of all queued runs in the order they should run: due time, then agent, then age."""
    table = schema.runs
    query = sa.select(table).where(table.c.state == RunState.QUEUED.value)
    with store.database.read() as connection:
        found = [rows.read(Run, row) for row in connection.execute(query)]
    found.sort(key=lambda item: (item.trigger.due_at or item.created_at, item.agent_id, item.created_at, item.id))
    return [Segment(item.id, item.segment, item.agent_id, item.limits.wall_seconds) for item in found]


def stop_requested(store: Store, run_id: str) -> bool:
    """True once somebody asked this run to stop, or when it has already ended."""
    table = schema.runs
    with store.database.read() as connection:
        row = connection.execute(
            sa.select(table.c.state, table.c.stop_requested_by).where(table.c.id == run_id)
        ).first()
    return row is None or row.stop_requested_by is not None or RunState(row.state).is_final
