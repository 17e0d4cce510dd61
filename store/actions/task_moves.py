"""What every change of a task shares: its row, its card, and the tasks that wait for it."""

from collections.abc import Collection

import sqlalchemy as sa

from store import rows, schema
from store.actions.incidents import close_cause
from store.actions.locked import locked_task
from store.kernel.errors import NotFound, UserMistake
from store.queries.tasks import UNFINISHED
from store.records.actor import SYSTEM, Actor
from store.records.card import CardKind
from store.records.task import Task, TaskState
from store.rules.tasks import MAX_BLOCKERS, circle, settled_state, still_open
from store.transaction import Tx

RELEASED: dict[str, object] = {"held_by": None, "held_until": None, "lease_seconds": None, "pooled": False}
"""What a task is once no run holds it."""


def change_task(tx: Tx, task: Task, **changes: object) -> Task:
    """Writes the locked task's new values as its next revision and redraws its card."""
    changed = task.model_copy(update={**changes, "changed_at": tx.now, "revision": task.revision + 1})
    kept = {name: value for name, value in rows.values(changed).items() if name != "id"}
    tx.connection.execute(schema.tasks.update().where(schema.tasks.c.id == task.id).values(kept))
    if task.slot != changed.slot:
        show_task(tx, task)
    show_task(tx, changed)
    return changed


def show_task(tx: Tx, task: Task) -> None:
    """Redraws the card in its owner's channel; a task that was handed over leaves one in each channel it was in."""
    tx.show(CardKind.TASK, task.id, task.agent_id, slot=task.slot)


def open_again(tx: Tx, task: Task, actor: Actor, kind: str, reason: str) -> Task:
    """Ends the hold on a locked task, which is open again, or blocked where what it waits for was opened meanwhile.

    If it came from nobody, it is nobody's again.
    """
    owner = {"agent_id": None} if task.pooled else {}
    opened = change_task(tx, task, state=TaskState.OPEN, reason=reason, **owner, **RELEASED)
    tx.audit(kind, actor, ("task", task.id), reason=reason, run=task.held_by, agent=task.agent_id)
    return settle(tx, opened) if opened.blocked_by else opened


def linked(tx: Tx, task_id: str, blockers: Collection[str]) -> tuple[Task, ...]:
    """The tasks that are to be waited for. Raises UserMistake for a circle or too many, NotFound for none such.

    Nobody else may change any task until this transaction ends: two links made at once could close a circle that
    neither sees.
    """
    if len(blockers) > MAX_BLOCKERS:
        raise UserMistake(f"A task waits for at most {MAX_BLOCKERS} others.")
    found = blockers_of(tx, blockers)
    missing = set(blockers) - {task.id for task in found}
    if missing:
        raise NotFound(f"There is no task {min(missing)}.")
    closed = circle(_links_from(tx, blockers), task_id, blockers)
    if closed is not None:
        raise UserMistake(f"These tasks would wait for each other: {' → '.join(closed)}.")
    return found


def blockers_of(tx: Tx, blockers: Collection[str]) -> tuple[Task, ...]:
    """The tasks of these ids, as they stand now."""
    if not blockers:
        return ()
    table = schema.tasks
    query = sa.select(table).where(table.c.id.in_(sorted(blockers))).order_by(table.c.id)
    return tuple(rows.read(Task, row) for row in tx.connection.execute(query))


def settle(tx: Tx, task: Task) -> Task:
    """Blocks a locked task that waits for others, or opens one that no longer does; else returns it as it is.

    Called when what it waits for has changed, so that a reason somebody gave for another cause is not overruled.
    """
    waits_for = still_open(blockers_of(tx, task.blocked_by))
    state = settled_state(task, waits=bool(waits_for))
    if state is None:
        return task
    workable = None if state is TaskState.BLOCKED else "what it waited for is closed"
    moved = change_task(tx, task, state=state, reason=workable)
    kind = "task.blocked" if state is TaskState.BLOCKED else "task.workable"
    tx.audit(kind, SYSTEM, ("task", task.id), waits_for=tuple(one.id for one in waits_for) or None)
    return moved


def settle_waiting(tx: Tx, task: Task) -> None:
    """Settles every unfinished task that waits for this one, whose state has just changed."""
    table = schema.tasks
    query = sa.select(table.c.id, table.c.blocked_by).where(table.c.state.in_([state.value for state in UNFINISHED]))
    waiting = sorted(row.id for row in tx.connection.execute(query).all() if task.id in row.blocked_by)
    for task_id in waiting:
        show_task(tx, settle(tx, locked_task(tx, task_id)))  # its card names what it still waits for


def overdue_cause(task: Task) -> str:
    """The cause of the one incident about its owner's overdue tasks."""
    return f"tasks.overdue:{task.agent_id or task.person_id or 'nobody'}"


def close_overdue(tx: Tx, task: Task) -> None:
    """Closes the incident about this owner's overdue tasks when none of them is left; `task` counts as settled."""
    if task.escalated_at is None:
        return
    table = schema.tasks
    same_owner = (
        table.c.agent_id.is_not_distinct_from(task.agent_id),
        table.c.person_id.is_not_distinct_from(task.person_id),
    )
    left = sa.select(sa.func.count()).where(
        *same_owner,
        table.c.id != task.id,
        table.c.escalated_at.is_not(None),
        table.c.state.in_([state.value for state in UNFINISHED]),
    )
    if not tx.connection.execute(left).scalar_one():
        close_cause(tx, overdue_cause(task), closed_by=None)


def _links_from(tx: Tx, first: Collection[str]) -> dict[str, tuple[str, ...]]:
    """What is waited for, followed from these tasks to the end."""
    links: dict[str, tuple[str, ...]] = {}
    ahead = set(first)
    while ahead:
        found = blockers_of(tx, ahead)
        links |= {task.id: task.blocked_by for task in found}
        ahead = {onward for task in found for onward in task.blocked_by} - set(links)
    return links
