"""Tasks: made once, moved only along their lifecycle, each change meant for the revision its author saw."""

from collections.abc import Mapping
from datetime import datetime

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import strike
from store.actions.insert import insert_once
from store.actions.locked import locked_task
from store.actions.task_moves import (
    RELEASED,
    change_task,
    close_overdue,
    linked,
    overdue_cause,
    settle,
    settle_waiting,
    show_task,
)
from store.kernel.errors import UserMistake
from store.records.actor import SYSTEM, Actor
from store.records.card import CardKind, card_key
from store.records.task import Evidence, Owner, Task, TaskState
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
    """Puts a task on record and on its owner's card; one of this id that is there already is returned as it is.

    One that waits for others begins blocked. Raises UserMistake for a circle and NotFound for a task that is not there.
    """
    if task.blocked_by:
        tx.keep_others_out(schema.tasks)
    made = task.model_copy(update={"created_at": tx.now, "changed_at": tx.now, "revision": 1})
    if not insert_once(tx, schema.tasks, rows.values(made)):
        return locked_task(tx, task.id)
    linked(tx, made.id, made.blocked_by)
    tx.audit(
        "task.created",
        task.created_by,
        ("task", task.id),
        agent=task.agent_id,
        person=task.person_id,
        state=None if task.state is TaskState.OPEN else task.state.value,
        blocked_by=made.blocked_by or None,
    )
    show_task(tx, made)
    return settle(tx, made) if made.blocked_by else made


@action("tasks.assign")
def assign_task(
    tx: Tx, task_id: str, actor: Actor, *, to: Owner, reason: str | None = None, revision: int | None = None
) -> Task:
    """Gives the task to somebody else, who gets a card of their own; the present owner's is returned as it is.

    A run that worked on it no longer does: the task is open for its new owner. `revision` is the one the actor saw,
    None for whichever it is. Raises NotFound, and UserMistake when the task has changed since, or is closed.
    """
    task = locked_task(tx, task_id)
    if task.owner == to:
        return task
    _require_seen(task, revision)
    if task.state.is_closed:
        raise UserMistake(f"The task is {_SAID[task.state]}.", "Open it again first.")
    state = TaskState.OPEN if task.held_by else task.state
    close_overdue(tx, task)
    owned = {"agent_id": to.agent_id, "person_id": to.person_id, "escalated_at": None}
    changed = change_task(tx, task, **owned, state=state, **RELEASED)
    tx.audit(
        "task.assigned",
        actor,
        ("task", task_id),
        agent=to.agent_id,
        person=to.person_id,
        reason=reason,
        run=task.held_by,
        state=state.value if state is not task.state else None,
    )
    return settle(tx, changed) if state is TaskState.OPEN and changed.blocked_by else changed


@action("tasks.move")
def move_task(
    tx: Tx,
    task_id: str,
    actor: Actor,
    *,
    to: TaskState,
    reason: str | None = None,
    evidence: tuple[Evidence, ...] = (),
    revision: int | None = None,
) -> Task:
    """Moves the task to another state, with the reason or evidence given; one that is there is returned as it is.

    Whatever held it lets go, and the tasks that wait for it are blocked or workable with it. `revision` is the one the
    actor saw, None for whichever it is. Raises NotFound, and UserMistake when the task has changed since or cannot make
    this move.
    """
    task = locked_task(tx, task_id)
    if task.state is to:
        return task
    _require_seen(task, revision)
    if not may_follow(TASK, task.state, to):
        raise UserMistake(f"A task that is {task.state.value.replace('_', ' ')} cannot be {_SAID[to]}.")
    if to.is_closed:
        close_overdue(tx, task)
    changed = change_task(tx, task, **_moved(tx, actor, to), state=to, reason=reason, evidence=evidence, **RELEASED)
    shown = tuple(f"{one.kind.value}: {one.value}" for one in evidence) or None
    tx.audit(f"task.{_SAID[to]}", actor, ("task", task_id), reason=reason, evidence=shown)
    if to.is_closed is not task.state.is_closed:
        settle_waiting(tx, changed)
    return settle(tx, changed) if to is TaskState.OPEN and changed.blocked_by else changed


@action("tasks.update")
def update_task(
    tx: Tx, task_id: str, actor: Actor, *, changes: Mapping[str, object], revision: int | None = None
) -> Task:
    """Changes `title`, `details`, `due_at` or `blocked_by`, and nothing else; what is the same already is left alone.

    `revision` is the one the actor saw, None for whichever it is. Raises NotFound, and UserMistake when the task has
    changed since, is closed, or would come to wait for itself.
    """
    unknown = set(changes) - _CHANGEABLE
    if unknown:
        raise ValueError(f"a task's {min(unknown)} is not changed like this")
    if "blocked_by" in changes:
        tx.keep_others_out(schema.tasks)
    task = locked_task(tx, task_id)
    wanted = {name: value for name, value in changes.items() if value != getattr(task, name)}
    if not wanted:
        return task
    _require_seen(task, revision)
    if task.state.is_closed:
        raise UserMistake(f"The task is {_SAID[task.state]}.", "Open it again first.")
    updated = _updated(tx, task, actor, wanted)
    return settle(tx, updated) if "blocked_by" in wanted else updated


@action("tasks.escalate")
def escalate_task(tx: Tx, task_id: str) -> bool:
    """Says once that a task is overdue: on its card, in its history, and on the one card about its owner.

    That card stands in the team's own channel, until none of the owner's tasks is overdue. False when this one is not,
    or it was said before.
    """
    task = locked_task(tx, task_id)
    if task.escalated_at is not None or not task.is_overdue(tx.now):
        return False
    tx.audit("task.overdue", SYSTEM, ("task", task_id), due_at=task.due_at)
    change_task(tx, task, escalated_at=tx.now)
    owner = task.agent_id or task.person_id or "nobody yet"
    strike(
        tx,
        cause=overdue_cause(task),
        kind="overdue",
        title="Tasks are overdue",
        detail=f"What {owner} was to do is not done in time.",
        next_step="Give it more time, give it to somebody else, or drop it: each task's card has the buttons.",
        agent_id=None,
        run_id=None,
        example={
            "task": task.title,
            "due_at": task.due_at.isoformat() if task.due_at else None,
            "card": card_key(CardKind.TASK, task.slot),
        },
    )
    return True


_CHANGEABLE = frozenset({"title", "details", "due_at", "blocked_by"})


def _updated(tx: Tx, task: Task, actor: Actor, wanted: dict[str, object]) -> Task:
    blockers = wanted.get("blocked_by")
    if isinstance(blockers, tuple):
        linked(tx, task.id, blockers)
    due = wanted.get("due_at")
    if "due_at" in wanted and (not isinstance(due, datetime) or due > tx.now):
        close_overdue(tx, task)
        wanted = {**wanted, "escalated_at": None}
    tx.audit("task.updated", actor, ("task", task.id), changed=tuple(sorted(wanted)), due_at=due, blocked_by=blockers)
    return change_task(tx, task, **wanted)


def _moved(tx: Tx, actor: Actor, to: TaskState) -> dict[str, object]:
    return {"closed_at": tx.now, "closed_by": actor} if to.is_closed else {"closed_at": None, "closed_by": None}


def _require_seen(task: Task, revision: int | None) -> None:
    if revision is not None and task.revision != revision:
        raise UserMistake("The task has changed since this card was drawn.", "Look at the card again, then press.")
