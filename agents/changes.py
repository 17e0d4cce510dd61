"""What happened in the team, in words: noteworthy events of the audit trail, each said in one line."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from store.handle import Store
from store.queries import approvals, changes, runs
from store.records import AuditEvent

_SHOWN_CHARACTERS = 300


class Change(NamedTuple):
    """One thing that happened. `agent` is whose doing or concern it was; None when it is nobody's in particular."""

    seq: int
    at: datetime
    kind: str
    agent: str | None
    text: str


def changes_between(store: Store, since: datetime, limit: int) -> list[Change]:
    """The latest `limit` noteworthy changes after a moment, oldest first."""
    events = changes.changes_since(store, since, limit=limit, kinds=tuple(_TELLERS))
    return [_told(store, event) for event in events]


def _told(store: Store, event: AuditEvent) -> Change:
    agent, text = _TELLERS[event.kind](store, event)
    shown = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return Change(event.seq, event.at, event.kind, agent, shown)


_Told = tuple[str | None, str]


def _run(store: Store, event: AuditEvent) -> _Told:
    run = runs.find_run(store, event.subject_id)
    agent = run.agent_id if run else None
    reason = f": {event.data['reason']}" if event.data.get("reason") else ""
    return agent, f"A run of {agent or 'an agent'} ended as {event.kind.removeprefix('run.').replace('_', ' ')}{reason}"


def _approval(store: Store, event: AuditEvent) -> _Told:
    approval = approvals.approval(store, event.subject_id)
    by = f" by {', '.join(approval.decided_by)}" if event.kind in _BY_PEOPLE else ""
    return approval.agent_id, f"{event.kind.removeprefix('approval.').capitalize()}{by}: {approval.summary}"


_BY_PEOPLE = frozenset({"approval.approved", "approval.rejected"})


def _alert(_: Store, event: AuditEvent) -> _Told:
    value = f" at {event.data['value']}" if event.data.get("value") else ""
    return event.actor.id, f"Alert {event.kind.removeprefix('alert.')}: {event.data.get('metric')}{value}"


def _digest(_: Store, event: AuditEvent) -> _Told:
    return event.actor.id, f"{event.actor.id} published the digest {event.data.get('name')}"


def _incident(_: Store, event: AuditEvent) -> _Told:
    if event.kind == "incident.closed":
        return None, "An incident was closed"
    return None, f"Incident: {event.data.get('detail')}"


def _switched(_: Store, event: AuditEvent) -> _Told:
    subject = f"{event.subject_kind} {event.subject_id}"
    return None, f"{event.actor.id} set {subject} to {event.kind.rpartition('.')[2]}"


_TELLERS: dict[str, Callable[[Store, AuditEvent], _Told]] = {
    **dict.fromkeys(("run.done", "run.needs_attention", "run.failed", "run.cancelled", "run.timed_out"), _run),
    **dict.fromkeys(("approval.requested", "approval.approved", "approval.rejected", "approval.expired"), _approval),
    **dict.fromkeys(("alert.raised", "alert.cleared"), _alert),
    **dict.fromkeys(("incident.opened", "incident.closed"), _incident),
    **dict.fromkeys(("agent.paused", "agent.active", "schedule.paused", "schedule.resumed"), _switched),
    "digest.published": _digest,
}
"""Every noteworthy kind of event and how it is told; the rest of the trail is bookkeeping."""
