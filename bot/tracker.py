"""The tracker anyone can parse: tasks as one versioned JSON document. docs/tracker.md has its JSON Schema.

A field is only ever added within a version; whatever is taken away, renamed or comes to mean something else makes the
next one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.delivery.present import Presenter
from store.handle import Store
from store.kernel.canonical import JsonObject
from store.queries.tasks import task_history, tasks_by_id
from store.records import Actor, AuditEvent, Evidence, QuotedMessage, Task, TaskState
from store.rules.tasks import still_open


class Entry(BaseModel):
    """Part of the document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Someone(Entry):
    """Who it is. `kind` nobody has neither id nor name; `system` is Quarterdeck itself."""

    kind: Literal["agent", "person", "system", "nobody"]
    id: str | None = None
    name: str | None = None


class Claim(Entry):
    """The run that works on it. `until` is None while that run itself waits."""

    run: str
    until: datetime | None


class Happening(Entry):
    """One event of the task's history, from the audit trail. `seq` is its number there."""

    seq: int
    at: datetime
    kind: str = Field(description="task.created, task.claimed, task.blocked, task.workable, task.done, …")
    by: Someone
    data: JsonObject


class TrackedTask(Entry):
    """One task. `waits_for` are those of `blocked_by` that are not closed; `history` is None unless asked for."""

    id: str
    revision: int
    title: str
    details: str
    state: TaskState
    owner: Someone
    created_at: datetime
    created_by: Someone
    changed_at: datetime
    due_at: datetime | None
    overdue: bool
    reason: str | None
    blocked_by: tuple[str, ...]
    waits_for: tuple[str, ...]
    claim: Claim | None
    evidence: tuple[Evidence, ...]
    closed_at: datetime | None
    closed_by: Someone | None
    source: QuotedMessage | None
    tainted: bool = Field(description="Its words may be a stranger's.")
    history: tuple[Happening, ...] | None = None


class Tracker(Entry):
    """The document. `as_of` is when it was written, on the team's clock; every moment carries its zone."""

    version: Literal[1] = 1
    team: str
    as_of: datetime
    simulated: bool
    tasks: tuple[TrackedTask, ...]


def tracker(store: Store, presenter: Presenter, found: Sequence[Task], *, with_history: bool = False) -> Tracker:
    """These tasks, in their order, as the document."""
    now = store.clock.now()
    blockers = tasks_by_id(store, {one for task in found for one in task.blocked_by})
    names = {**presenter.view.agent_names, **presenter.view.person_names}
    return Tracker(
        team=presenter.facts.name,
        as_of=now,
        simulated=presenter.view.simulated,
        tasks=tuple(_tracked(store, task, blockers, names, now, with_history=with_history) for task in found),
    )


def _tracked(
    store: Store, task: Task, blockers: dict[str, Task], names: dict[str, str], now: datetime, *, with_history: bool
) -> TrackedTask:
    waited_for = still_open(blockers[one] for one in task.blocked_by if one in blockers)
    told = {name: getattr(task, name) for name in _AS_THEY_ARE}
    return TrackedTask(
        **told,
        owner=_owner(task, names),
        created_by=_someone(task.created_by, names),
        overdue=task.is_overdue(now),
        waits_for=tuple(one.id for one in waited_for),
        claim=Claim(run=task.held_by, until=task.held_until) if task.held_by else None,
        closed_by=_someone(task.closed_by, names) if task.closed_by else None,
        tainted=task.is_guarded,
        history=tuple(_happening(one, names) for one in task_history(store, task.id)) if with_history else None,
    )


_AS_THEY_ARE = (
    "id",
    "revision",
    "title",
    "details",
    "state",
    "created_at",
    "changed_at",
    "due_at",
    "reason",
    "blocked_by",
    "evidence",
    "closed_at",
    "source",
)


def _owner(task: Task, names: dict[str, str]) -> Someone:
    if task.agent_id:
        return Someone(kind="agent", id=task.agent_id, name=names.get(task.agent_id, task.agent_id))
    if task.person_id:
        return Someone(kind="person", id=task.person_id, name=names.get(task.person_id, task.person_id))
    return Someone(kind="nobody")


def _someone(actor: Actor, names: dict[str, str]) -> Someone:
    return Someone(kind=actor.kind.value, id=actor.id, name=names.get(actor.id, actor.id))


def _happening(event: AuditEvent, names: dict[str, str]) -> Happening:
    return Happening(seq=event.seq, at=event.at, kind=event.kind, by=_someone(event.actor, names), data=event.data)
