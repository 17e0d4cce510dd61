"""Tasks, by owner and state."""

from collections.abc import Collection

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
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
