"""The record behind an answer to "why?": from whatever is pointed at to the run that made it."""

from collections.abc import Callable
from typing import TypeVar

from store.handle import Store
from store.kernel.errors import NotFound
from store.queries import approvals, cards, findings, incidents, runs
from store.records.why import Why

Found = TypeVar("Found")

_HINT = "Give the id of a run, an approval, an alert, a digest or an incident, or the key of its card."


def why(store: Store, subject: str) -> Why:
    """What explains a record, named by its id or its card's key. Raises NotFound when no run stands behind it."""
    record_id = _record_id(store, subject)
    approval = _found(lambda: approvals.approval(store, record_id))
    run = runs.find_run(store, (approval.run_id if approval else _run_id(store, record_id)) or "")
    if run is None:
        raise NotFound(f"Nothing is known that explains {subject!r}.", _HINT)
    return Why(
        run=run,
        receipt=runs.receipt(store, run.id),
        steps=tuple(runs.steps(store, run.id)),
        approvals=tuple(approvals.approvals_of_run(store, run.id)),
        approval=approval,
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
    )
    return next((run_id for run_id in found if run_id), None)


def _found(look: Callable[[], Found]) -> Found | None:
    try:
        return look()
    except NotFound:
        return None
