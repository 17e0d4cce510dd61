"""Tasks: made once, moved only along their lifecycle, each change meant for the revision its author saw."""

from store import rows, schema
from store.actions.action import action
from store.actions.insert import insert_once
from store.actions.locked import locked_task
from store.kernel.errors import UserMistake
from store.records.actor import Actor
from store.records.card import CardKind
from store.records.task import Owner, Task, TaskState
from store.rules.lifecycles import TASK, may_follow
from store.transaction import Tx

_SAID = {
    TaskState.OPEN: "reopened",
    TaskState.IN_PROGRESS: "started",
    TaskState.BLOCKED: "blocked",
    TaskState.DONE: "done",
    TaskState.DROPPED: "dropped",
}


@action("tasks.create")
def create_task(tx: Tx, task: Task) -> Task:
    """Puts a task on record and on its owner's card; one of this id that is there already is returned as it is."""
    made = task.model_copy(update={"created_at": tx.now, "changed_at": tx.now, "revision": 1})
    if not insert_once(tx, schema.tasks, rows.values(made)):
        return locked_task(tx, task.id)
    tx.audit("task.created", task.created_by, ("task", task.id), agent=task.agent_id, person=task.person_id)
    _show(tx, made)
    return made


@action("tasks.assign")
def assign_task(tx: Tx, task_id: str, actor: Actor, *, to: Owner, revision: int | None = None) -> Task:
    """Gives the task to somebody else, who gets a card of their own; the present owner's is returned as it is.

    `revision` is the one the actor saw, None for whichever it is. Raises NotFound, and UserMistake when the task has
    changed since, or is closed.
    """
    task = locked_task(tx, task_id)
    if task.owner == to:
        return task
    _require_seen(task, revision)
    if task.state.is_closed:
        raise UserMistake(f"The task is {_SAID[task.state]}.", "Open it again first.")
    changed = _change(tx, task, agent_id=to.agent_id, person_id=to.person_id)
    tx.audit("task.assigned", actor, ("task", task_id), agent=to.agent_id, person=to.person_id)
    _show(tx, task)
    _show(tx, changed)
    return changed


@action("tasks.move")
def move_task(
    tx: Tx, task_id: str, actor: Actor, *, to: TaskState, reason: str | None = None, revision: int | None = None
) -> Task:
    """Moves the task to another state, with the reason or evidence given; one that is there is returned as it is.

    `revision` is the one the actor saw, None for whichever it is. Raises NotFound, and UserMistake when the task has
    changed since or cannot make this move.
    """
    task = locked_task(tx, task_id)
    if task.state is to:
        return task
    _require_seen(task, revision)
    if not may_follow(TASK, task.state, to):
        raise UserMistake(f"A task that is {task.state.value.replace('_', ' ')} cannot be {_SAID[to]}.")
    closed = {"closed_at": tx.now, "closed_by": actor} if to.is_closed else {"closed_at": None, "closed_by": None}
    changed = _change(tx, task, state=to, reason=reason, **closed)
    tx.audit(f"task.{_SAID[to]}", actor, ("task", task_id), reason=reason)
    _show(tx, changed)
    return changed


def _require_seen(task: Task, revision: int | None) -> None:
    if revision is not None and task.revision != revision:
        raise UserMistake("The task has changed since this card was drawn.", "Look at the card again, then press.")


def _change(tx: Tx, task: Task, **changes: object) -> Task:
    changed = task.model_copy(update={**changes, "changed_at": tx.now, "revision": task.revision + 1})
    kept = {name: value for name, value in rows.values(changed).items() if name != "id"}
    tx.connection.execute(schema.tasks.update().where(schema.tasks.c.id == task.id).values(kept))
    return changed


def _show(tx: Tx, task: Task) -> None:
    """Redraws the card in its owner's channel; a task that was handed over leaves one in each channel it was in."""
    tx.show(CardKind.TASK, task.id, task.agent_id, slot=task.slot)
