"""What the pages of shared work read, gathered once for each page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from store.handle import Store
from store.kernel.errors import NotFound
from store.queries import decisions as decision_queries
from store.queries import tasks as task_queries
from store.queries.notes import unread_notes
from store.queries.topics import topics, versions, waiting_proposals
from store.records import Decision, Note, Proposal, Task, TaskState, TeamFacts, TopicFacts, TopicVersion

CLOSED = (TaskState.DONE, TaskState.DROPPED)
MOST_TASKS, MOST_CLOSED, MOST_DECISIONS = 500, 20, 100


@dataclass(frozen=True)
class SharedWork:
    """Everything at `as_of`: unfinished tasks what is due first, closed ones the last closed first.

    `waited_for` holds every task another waits for, by id; `taken` who has acknowledged each decision; `topics` pairs
    each with its latest version, None before the first.
    """

    as_of: datetime
    unfinished: tuple[Task, ...] = ()
    closed: tuple[Task, ...] = ()
    waited_for: Mapping[str, Task] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    taken: Mapping[str, frozenset[str]] = field(default_factory=dict)
    topics: tuple[tuple[TopicFacts, TopicVersion | None], ...] = ()
    proposals: tuple[Proposal, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class TaskRecords:
    """One task, what it waits for (closed ones too) and what waits for it."""

    task: Task
    blockers: tuple[Task, ...]
    waiting: tuple[Task, ...]


@dataclass(frozen=True)
class TopicRecords:
    """One topic: its versions, newest first, and the proposals that wait, oldest first."""

    topic: TopicFacts
    versions: tuple[TopicVersion, ...]
    proposals: tuple[Proposal, ...]


def shared_work(store: Store, team: TeamFacts) -> SharedWork:
    """Tasks, decisions, topics and notes as they stand."""
    unfinished = task_queries.tasks(store, limit=MOST_TASKS)
    decided = decision_queries.decisions(store, limit=MOST_DECISIONS)
    latest = topics(store, [topic.name for topic in team.topics])
    return SharedWork(
        as_of=store.clock.now(),
        unfinished=tuple(unfinished),
        closed=tuple(task_queries.tasks(store, states=CLOSED, limit=MOST_CLOSED)),
        waited_for=task_queries.tasks_by_id(store, {one for task in unfinished for one in task.blocked_by}),
        decisions=tuple(decided),
        taken=decision_queries.acknowledged_by(store, [one.id for one in decided]),
        topics=tuple((topic, latest.get(topic.name)) for topic in team.topics),
        proposals=tuple(waiting_proposals(store)),
        notes=tuple(unread_notes(store)),
    )


def task_records(store: Store, task_id: str) -> TaskRecords:
    """One task with its neighbours. Raises NotFound."""
    task = task_queries.task(store, task_id)
    blockers = task_queries.tasks_by_id(store, task.blocked_by)
    waiting = [one for one in task_queries.tasks(store, limit=MOST_TASKS) if task_id in one.blocked_by]
    return TaskRecords(task, tuple(blockers[one] for one in task.blocked_by if one in blockers), tuple(waiting))


def topic_records(store: Store, team: TeamFacts, name: str) -> TopicRecords:
    """One topic with its versions. Raises NotFound for one the workspace does not declare."""
    facts = next((topic for topic in team.topics if topic.name == name), None)
    if facts is None:
        raise NotFound(f"There is no topic {name}.", "The Work page lists the team's topics.")
    waiting = [one for one in waiting_proposals(store) if one.topic == name]
    return TopicRecords(facts, tuple(versions(store, name)), tuple(waiting))
