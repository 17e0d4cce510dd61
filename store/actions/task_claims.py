"""Who works on a task: one run holds it at a time, for as long as that run lives and keeps its lease."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from store import schema
from store.actions.action import action
from store.actions.locked import locked_run, locked_task
from store.actions.task_moves import blockers_of, change_task, open_again
from store.audit import read_event
from store.kernel.errors import IllegalTransition, UserMistake
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.run import Run, RunState
from store.records.task import Task, TaskState
from store.rules.tasks import objection_to_claim, still_open
from store.transaction import Tx

LEASE_SECONDS = 3_600
"""How long a run may work on a task without a word, unless it asks for another time."""


@action("tasks.claim")
def claim_task(tx: Tx, task_id: str, run_id: str, *, lease_seconds: int = LEASE_SECONDS) -> Task:
    """Takes the task up for this run, which alone works on it now; one it holds already is returned as it is.

    The hold ends when the run ends, when the task moves on, and when the lease passes without `renew_task`; while the
    run waits for people the lease stands still, and a full one begins when it goes on. Raises UserMistake when somebody
    else works on it, it belongs to somebody else, or it waits for others; IllegalTransition when the run does not run.
    """
    run = _running(tx, run_id)
    task = locked_task(tx, task_id)
    if task.held_by == run_id:
        return task
    objection = objection_to_claim(task, run.agent_id, still_open(blockers_of(tx, task.blocked_by)))
    if objection is not None:
        raise UserMistake(objection)
    taken = change_task(
        tx,
        task,
        agent_id=run.agent_id,
        state=TaskState.IN_PROGRESS,
        reason=None,
        held_by=run_id,
        held_until=tx.now + timedelta(seconds=lease_seconds),
        lease_seconds=lease_seconds,
        pooled=task.agent_id is None,
    )
    tx.audit("task.claimed", _agent(run), ("task", task_id), run=run_id, until=taken.held_until)
    return taken


@action("tasks.renew")
def renew_task(tx: Tx, task_id: str, run_id: str) -> Task:
    """Begins a full lease anew. Raises UserMistake when this run does not hold the task (any more)."""
    run = _running(tx, run_id)
    task = _held(tx, task_id, run)
    until = tx.now + timedelta(seconds=task.lease_seconds or LEASE_SECONDS)
    if until == task.held_until:
        return task
    tx.audit("task.renewed", _agent(run), ("task", task_id), run=run_id, until=until)
    _set_until(tx, run_id, until, task_id)
    return task.model_copy(update={"held_until": until})


@action("tasks.release")
def release_task(tx: Tx, task_id: str, run_id: str, reason: str) -> Task:
    """Returns the task: it is open again; one that this run returned last is left as it is.

    Raises UserMistake when this run does not hold it (any more).
    """
    run = _running(tx, run_id)
    task = locked_task(tx, task_id)
    if task.held_by is None and _last_move(tx, task_id) == ("task.returned", run_id):
        return task
    return open_again(tx, _held(tx, task_id, run), _agent(run), "task.returned", reason)


@action("tasks.lapse")
def lapse_claim(tx: Tx, task_id: str) -> bool:
    """Ends a hold whose lease has passed; the task is open again. False when there is no such hold."""
    task = locked_task(tx, task_id)
    if task.held_until is None or task.held_until > tx.now:
        return False
    open_again(tx, task, SYSTEM, "task.lapsed", f"{task.agent_id} was not heard of in time")
    return True


def end_claims(tx: Tx, run: Run) -> None:
    """Opens whatever an ended run still held: it is locked and final."""
    table = schema.tasks
    held = sa.select(table.c.id).where(table.c.held_by == run.id).order_by(table.c.id)
    for task_id in tx.connection.execute(held).scalars().all():
        task = locked_task(tx, task_id)
        if task.held_by == run.id:
            open_again(tx, task, SYSTEM, "task.lapsed", f"the run of {run.agent_id} ended as {run.state.value}")


def rest_claims(tx: Tx, run_id: str) -> None:
    """Lets the leases of a run that does not run now stand still."""
    _set_until(tx, run_id, None)


def resume_claims(tx: Tx, run_id: str) -> None:
    """Begins the leases of a run that goes on anew."""
    table = schema.tasks
    held = sa.select(table.c.id, table.c.lease_seconds).where(table.c.held_by == run_id).order_by(table.c.id)
    for row in tx.connection.execute(held).all():
        _set_until(tx, run_id, tx.now + timedelta(seconds=row.lease_seconds), row.id)


def _set_until(tx: Tx, run_id: str, until: datetime | None, task_id: str | None = None) -> None:
    """No revision of its own: what a person may do with the task is the same as before."""
    table = schema.tasks
    change = table.update().where(table.c.held_by == run_id).values(held_until=until)
    tx.connection.execute(change.where(table.c.id == task_id) if task_id else change)


def _last_move(tx: Tx, task_id: str) -> tuple[str, object] | None:
    """The last event about the task, and the run it names."""
    table = schema.audit
    query = sa.select(table.c.body, table.c.hash).where(table.c.subject_kind == "task", table.c.subject_id == task_id)
    row = tx.connection.execute(query.order_by(table.c.seq.desc()).limit(1)).first()
    event = read_event(row.body, row.hash) if row else None
    return (event.kind, event.data.get("run")) if event else None


def _held(tx: Tx, task_id: str, run: Run) -> Task:
    task = locked_task(tx, task_id)
    if task.held_by != run.id:
        raise UserMistake(f"This run does not work on {task_id}.", "Its claim ended; claim it again.")
    return task


def _running(tx: Tx, run_id: str) -> Run:
    run = locked_run(tx, run_id)
    if run.state is not RunState.RUNNING:
        raise IllegalTransition(f"run {run_id} is {run.state.value}; it takes up no work")
    return run


def _agent(run: Run) -> Actor:
    return Actor(kind=ActorKind.AGENT, id=run.agent_id)
