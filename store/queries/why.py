"""The record behind an answer to "why?": from whatever is pointed at to the run that made it."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.queries import approvals, cards, decisions, findings, handoffs, incidents, runs, tasks
from store.queries.undos import undos
from store.records.step import Step
from store.records.task import Task
from store.records.why import Why

Found = TypeVar("Found")

_HINT = "Give the id of a run, approval, alert, digest, handoff, decision, task or incident, or the key of its card."
_MAKING = timedelta(minutes=10)
"""Within this time of being made, the step that made a task has ended."""


def why(store: Store, subject: str) -> Why:
    """What explains a record, named by its id or its card's key. Raises NotFound when no run stands behind it."""
    record_id = _record_id(store, subject)
    approval = _found(lambda: approvals.approval(store, record_id))
    run = runs.find_run(store, (approval.run_id if approval else _run_id(store, record_id)) or "")
    if run is None:
        raise NotFound(f"Nothing is known that explains {subject!r}.", _HINT)
    asked = approvals.approvals_of_run(store, run.id)
    return Why(
        run=run,
        receipt=runs.receipt(store, run.id),
        steps=tuple(runs.steps(store, run.id)),
        approvals=tuple(asked),
        approval=approval,
        undos=tuple(undos(store, asked).values()),
    )


def _record_id(store: Store, subject: str) -> str:
    """The record that a card's key stands for now; anything else stands for itself."""
    card = cards.card(store, subject) if ":" in subject else None
    return card.record_id if card else subject


def _run_id(store: Store, record_id: str) -> str | None:
    found = (
        _found(lambda: runs.run(store, record_id).id),
        _found(lambda: findings.digest(store, record_id).run_id),
        _found(lambda: findings.alert(store, record_id).run_id),
        _found(lambda: incidents.incident(store, record_id).run_id),
        _found(lambda: handoffs.handoff(store, record_id).run_id),
        _found(lambda: decisions.decision(store, record_id).run_id),
        _found(lambda: _maker(store, tasks.task(store, record_id))),
    )
    return next((run_id for run_id in found if run_id), None)


def _maker(store: Store, task: Task) -> str | None:
    """The run whose step made the task; None for one that a person made."""
    table = schema.steps
    around = table.c.finished_at.between(task.created_at, task.created_at + _MAKING)
    query = sa.select(table).where(table.c.name == _MAKES_TASKS, around)
    with store.database.read() as connection:
        steps = [rows.read(Step, row) for row in connection.execute(query)]
    return next(
        (one.run_id for one in steps if isinstance(one.result, dict) and one.result.get("task") == task.id), None
    )


_MAKES_TASKS = "task.create"


def _found(look: Callable[[], Found]) -> Found | None:
    try:
        return look()
    except NotFound:
        return None
