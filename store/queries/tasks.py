"""Tasks, by owner and state."""

from collections.abc import Collection

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.queries.audit import events_for
from store.records.audit import AuditEvent
from store.records.task import Task, TaskState

UNFINISHED = frozenset({TaskState.OPEN, TaskState.IN_PROGRESS, TaskState.BLOCKED})


def task(store: Store, task_id: str) -> Task:
    """The task. Raises NotFound."""
    with store.database.read() as connection:
        row = connection.execute(sa.select(schema.tasks).where(schema.tasks.c.id == task_id)).first()
    if row is None:
        raise NotFound(f"There is no task {task_id}.")
    return rows.read(Task, row)


def tasks(
    store: Store,
    *,
    states: Collection[TaskState] = UNFINISHED,
    agent_id: str | None = None,
    person_id: str | None = None,
    limit: int = 100,
) -> list[Task]:
    """Tasks in these states, of one owner where one is named: what is due first, then what has waited longest.

    Closed ones come last closed first.
    """
    table = schema.tasks
    query = sa.select(table).where(table.c.state.in_(sorted(state.value for state in states)))
    query = query.where(table.c.agent_id == agent_id) if agent_id else query
    query = query.where(table.c.person_id == person_id) if person_id else query
    undated = table.c.due_at.is_(None)
    order = (table.c.closed_at.desc(), undated, table.c.due_at, table.c.created_at, table.c.id)
    with store.database.read() as connection:
        return [rows.read(Task, row) for row in connection.execute(query.order_by(*order).limit(limit))]


def tasks_by_id(store: Store, task_ids: Collection[str]) -> dict[str, Task]:
    """These tasks by id; those that are not there are left out."""
    table = schema.tasks
    query = sa.select(table).where(table.c.id.in_(sorted(task_ids)))
    with store.database.read() as connection:
        found = [rows.read(Task, row) for row in connection.execute(query)] if task_ids else []
    return {one.id: one for one in found}


def held_tasks(store: Store, run_id: str) -> list[Task]:
    """What this run works on, by id."""
    table = schema.tasks
    query = sa.select(table).where(table.c.held_by == run_id).order_by(table.c.id)
    with store.database.read() as connection:
        return [rows.read(Task, row) for row in connection.execute(query)]


def unowned_tasks(store: Store, limit: int = 100) -> list[Task]:
    """Unfinished tasks that belong to nobody, oldest first."""
    table = schema.tasks
    query = sa.select(table).where(
        table.c.agent_id.is_(None),
        table.c.person_id.is_(None),
        table.c.state.in_(sorted(state.value for state in UNFINISHED)),
    )
    with store.database.read() as connection:
        return [
            rows.read(Task, row)
            for row in connection.execute(query.order_by(table.c.created_at, table.c.id).limit(limit))
        ]


def task_history(store: Store, task_id: str) -> list[AuditEvent]:
    """Everything that happened to a task, oldest first: who, when and what, from the audit trail."""
    return events_for(store, "task", task_id)
