"""Shared work as a whole: what waits for somebody as of a moment, and how many tasks stood where."""

from collections import Counter
from datetime import datetime, timedelta

import sqlalchemy as sa

from store import schema
from store.audit import read_event
from store.handle import Store
from store.queries.decisions import decisions, unacknowledged
from store.queries.notes import unread_notes
from store.queries.tasks import tasks
from store.queries.topics import waiting_proposals
from store.records.audit import AuditEvent
from store.records.decision import DecisionStanding
from store.records.task import TaskState
from store.records.work import Outstanding, TaskCounts, Unacknowledged

STUCK_AFTER = timedelta(days=1)
"""A task blocked for longer than this is stuck, unless asked otherwise."""
_MOST = 500

_LEADS_TO = {
    "task.created": TaskState.OPEN,
    "task.claimed": TaskState.IN_PROGRESS,
    "task.started": TaskState.IN_PROGRESS,
    "task.blocked": TaskState.BLOCKED,
    "task.workable": TaskState.OPEN,
    "task.returned": TaskState.OPEN,
    "task.lapsed": TaskState.OPEN,
    "task.reopened": TaskState.OPEN,
    "task.done": TaskState.DONE,
    "task.dropped": TaskState.DROPPED,
    "task.assigned": None,
}
"""Event → the state it leaves a task in, unless it names another; None: the same as before."""


def outstanding(store: Store, as_of: datetime, *, stuck_after: timedelta = STUCK_AFTER) -> Outstanding:
    """What nobody has seen to as of this moment, from the record as it is now: for a moment just gone, never long past.

    At most 500 of each.
    """
    unfinished = [task for task in tasks(store, limit=_MOST) if task.created_at <= as_of]
    oldest_first = sorted(unfinished, key=lambda task: (task.changed_at, task.id))
    return Outstanding(
        as_of=as_of,
        overdue=tuple(task for task in unfinished if task.is_overdue(as_of)),
        stuck=tuple(
            task for task in oldest_first if task.state is TaskState.BLOCKED and as_of - task.changed_at >= stuck_after
        ),
        unowned=tuple(task for task in oldest_first if task.agent_id is None and task.person_id is None),
        notes=tuple(note for note in unread_notes(store, limit=_MOST) if note.due_at and note.due_at <= as_of),
        decisions=tuple(
            Unacknowledged(decision=one, missing=missing)
            for one, missing in unacknowledged(store)
            if one.decided_at <= as_of
        ),
        contested=tuple(decisions(store, standings=(DecisionStanding.CONTESTED,), limit=_MOST)),
        proposals=tuple(one for one in waiting_proposals(store, limit=_MOST) if one.proposed_at <= as_of),
    )


def task_counts(store: Store, *, since: datetime, as_of: datetime) -> TaskCounts:
    """How many tasks stood where at `as_of`, told from the audit trail alone, so of any moment there was.

    Reads every event about tasks up to then.
    """
    stands: dict[str, tuple[TaskState, datetime]] = {}
    for event in _moves_until(store, as_of):
        state = _state_after(event, stands.get(event.subject_id))
        stands[event.subject_id] = (state, event.at)
    closed = Counter(state for state, at in stands.values() if state.is_closed and at > since)
    standing = Counter(state for state, _ in stands.values())
    return TaskCounts(
        since=since,
        as_of=as_of,
        open=standing[TaskState.OPEN],
        in_progress=standing[TaskState.IN_PROGRESS],
        blocked=standing[TaskState.BLOCKED],
        finished=closed[TaskState.DONE],
        dropped=closed[TaskState.DROPPED],
    )


def _state_after(event: AuditEvent, before: tuple[TaskState, datetime] | None) -> TaskState:
    named = event.data.get("state")
    if isinstance(named, str):
        return TaskState(named)
    return _LEADS_TO[event.kind] or (before[0] if before else TaskState.OPEN)


def _moves_until(store: Store, as_of: datetime) -> list[AuditEvent]:
    table = schema.audit
    query = sa.select(table).where(
        table.c.subject_kind == "task", table.c.kind.in_(sorted(_LEADS_TO)), table.c.at <= as_of
    )
    with store.database.read() as connection:
        return [read_event(row.body, row.hash) for row in connection.execute(query.order_by(table.c.seq))]
