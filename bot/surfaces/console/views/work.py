"""Shared work: tasks by owner, decisions with who has not acknowledged, topics with version and writer, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from blocks.cards.proposal import proposal_card
from blocks.cards.task import task_card
from blocks.cards.view import CardView
from blocks.elements import Card, Tone
from bot.surfaces.console.marks import Mark, decision_mark, task_mark
from bot.surfaces.console.views.bridge import Figure
from bot.surfaces.console.views.rail import channel_href
from bot.surfaces.console.views.run import EventLine, event_lines
from bot.surfaces.console.work_data import SharedWork, TaskRecords, TopicRecords
from store.records import AuditEvent, Decision, Note, Task, TaskState, TopicFacts, TopicVersion
from store.rules.tasks import still_open


@dataclass(frozen=True)
class Link:
    """A name that leads somewhere."""

    name: str
    href: str


@dataclass(frozen=True)
class TaskRow:
    """One task. `waits_for` are the unfinished tasks it waits for; `held_href` leads to the run that works on it."""

    task: Task
    mark: Mark
    href: str
    overdue: bool
    waits_for: tuple[Link, ...]
    held_href: str | None


@dataclass(frozen=True)
class OwnerGroup:
    """Everything of one owner, what is due first; `href` None for a person and for nobody."""

    name: str
    href: str | None
    rows: tuple[TaskRow, ...]


@dataclass(frozen=True)
class DecisionRow:
    """One decision that stands, with those who have yet to acknowledge it."""

    decision: Decision
    mark: Mark
    href: str
    by: str
    missing: str


@dataclass(frozen=True)
class TopicRow:
    """One topic; `version` None before anything was written. `waiting` counts the proposals to decide."""

    topic: TopicFacts
    href: str
    writer: Link
    version: TopicVersion | None
    by: str
    waiting: int


@dataclass(frozen=True)
class NoteRow:
    """One note nobody has acknowledged."""

    note: Note
    sender: str
    reader: Link
    late: bool


@dataclass(frozen=True)
class WorkPage:
    """The whole page."""

    figures: tuple[Figure, ...]
    groups: tuple[OwnerGroup, ...]
    closed: tuple[TaskRow, ...]
    decisions: tuple[DecisionRow, ...]
    topics: tuple[TopicRow, ...]
    notes: tuple[NoteRow, ...]


@dataclass(frozen=True)
class TaskPage:
    """One task: its card, its neighbours and everything that happened to it."""

    task: Task
    mark: Mark
    card: Card
    blockers: tuple[TaskRow, ...]
    waiting: tuple[TaskRow, ...]
    events: tuple[EventLine, ...]


@dataclass(frozen=True)
class TopicPage:
    """One topic: what it says, what it said, and what waits to be let in. `versions` pairs each with its author."""

    topic: TopicFacts
    writer: Link
    versions: tuple[tuple[TopicVersion, str], ...]
    proposals: tuple[Card, ...]


def work_page(found: SharedWork, view: CardView) -> WorkPage:
    """The page of all shared work."""
    decided = tuple(_decision(one, found, view) for one in found.decisions)
    told = tuple(_note(note, found.as_of, view) for note in found.notes)
    return WorkPage(
        figures=_figures(found, decided, told),
        groups=tuple(_groups(found, view)),
        closed=tuple(_row(task, found) for task in found.closed),
        decisions=decided,
        topics=tuple(_topic(topic, version, found, view) for topic, version in found.topics),
        notes=told,
    )


def task_page(found: TaskRecords, events: Sequence[AuditEvent], view: CardView, now: datetime) -> TaskPage:
    """The page of one task."""
    around = SharedWork(as_of=now)
    return TaskPage(
        task=found.task,
        mark=task_mark(found.task, now),
        card=task_card(found.task, view, waits_for=still_open(found.blockers)),
        blockers=tuple(_row(task, around) for task in found.blockers),
        waiting=tuple(_row(task, around) for task in found.waiting),
        events=event_lines(events, view),
    )


def topic_page(found: TopicRecords, view: CardView) -> TopicPage:
    """The page of one topic."""
    return TopicPage(
        topic=found.topic,
        writer=_agent(found.topic.writer, view),
        versions=tuple((version, view.actor(version.written_by)) for version in found.versions),
        proposals=tuple(proposal_card(one, view, whole=True) for one in found.proposals),
    )


def _figures(found: SharedWork, decided: Sequence[DecisionRow], told: Sequence[NoteRow]) -> tuple[Figure, ...]:
    states = [task.state for task in found.unfinished]
    overdue = sum(task.is_overdue(found.as_of) for task in found.unfinished)
    blocked, missing = states.count(TaskState.BLOCKED), sum(bool(row.missing) for row in decided)
    late = sum(row.late for row in told)
    return (
        Figure("Unfinished tasks", str(len(states)), "#tasks"),
        Figure("Blocked", str(blocked), "#tasks", Tone.WARNING if blocked else Tone.NEUTRAL),
        Figure("Overdue", str(overdue), "#tasks", Tone.BAD if overdue else Tone.NEUTRAL),
        Figure("Decisions to acknowledge", str(missing), "#decisions", Tone.WAITING if missing else Tone.NEUTRAL),
        Figure("Notes outstanding", str(len(told)), "#notes", Tone.BAD if late else Tone.NEUTRAL),
    )


def _groups(found: SharedWork, view: CardView) -> list[OwnerGroup]:
    """Nobody's first, for somebody must take them; then agents, then people, by name."""
    by_owner: dict[tuple[int, str, str | None], list[TaskRow]] = {}
    for task in found.unfinished:
        by_owner.setdefault(_owner_key(task, view), []).append(_row(task, found))
    return [OwnerGroup(name, href, tuple(rows)) for (_, name, href), rows in sorted(by_owner.items(), key=_first)]


def _first(group: tuple[tuple[int, str, str | None], list[TaskRow]]) -> tuple[int, str]:
    return group[0][:2]


def _owner_key(task: Task, view: CardView) -> tuple[int, str, str | None]:
    if task.agent_id:
        return 1, view.agent(task.agent_id), channel_href(task.agent_id)
    return (2, view.person(task.person_id), None) if task.person_id else (0, "Nobody yet", None)


def _row(task: Task, found: SharedWork) -> TaskRow:
    waited_for = still_open(found.waited_for[one] for one in task.blocked_by if one in found.waited_for)
    return TaskRow(
        task=task,
        mark=task_mark(task, found.as_of),
        href=_task_href(task),
        overdue=task.is_overdue(found.as_of),
        waits_for=tuple(Link(one.title, _task_href(one)) for one in waited_for),
        held_href=f"/runs/{task.held_by}" if task.held_by else None,
    )


def _task_href(task: Task) -> str:
    return f"/tasks/{quote(task.id, safe='')}"


def _decision(one: Decision, found: SharedWork, view: CardView) -> DecisionRow:
    missing = [who for who in one.affects if who not in found.taken.get(one.id, frozenset())]
    return DecisionRow(
        decision=one,
        mark=decision_mark(one.standing),
        href=f"/cards/decision:{one.id}",
        by=view.actor(one.decided_by),
        missing=", ".join(view.agent_names.get(who) or view.person(who) for who in missing),
    )


def _topic(topic: TopicFacts, version: TopicVersion | None, found: SharedWork, view: CardView) -> TopicRow:
    return TopicRow(
        topic=topic,
        href=f"/topics/{topic.name}",
        writer=_agent(topic.writer, view),
        version=version,
        by=view.actor(version.written_by) if version else "",
        waiting=sum(one.topic == topic.name for one in found.proposals),
    )


def _note(note: Note, now: datetime, view: CardView) -> NoteRow:
    late = note.due_at is not None and note.due_at <= now
    return NoteRow(note, view.actor(note.sender), _agent(note.to_agent, view), late)


def _agent(agent_id: str, view: CardView) -> Link:
    return Link(view.agent(agent_id), channel_href(agent_id))
