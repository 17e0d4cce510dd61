"""A task: a piece of work with one owner, from being asked for to being done or dropped."""

from datetime import datetime
from enum import StrEnum

from store.records.actor import Actor
from store.records.record import Record
from store.records.run import QuotedMessage


class TaskState(StrEnum):
    """Where a task stands. A done or dropped one may be opened again."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    DONE = "done"
    DROPPED = "dropped"

    @property
    def is_closed(self) -> bool:
        """True when nobody is expected to work on it any more."""
        return self in (TaskState.DONE, TaskState.DROPPED)


class EvidenceKind(StrEnum):
    """By what it can be seen that something is done. A file, a digest and a run are looked at; the rest is a word."""

    TEXT = "text"
    LINK = "link"
    FILE = "file"
    DIGEST = "digest"
    RUN = "run"


class Evidence(Record):
    """One piece of evidence. `value` is the words, the address, the path in the workspace, or the record's id.

    `sha256` is what the file's content was when it was looked at; None for anything but a file.
    """

    kind: EvidenceKind
    value: str
    sha256: str | None = None


class Owner(Record):
    """Who is to do it: an agent, a person, or nobody yet; never both."""

    agent_id: str | None = None
    person_id: str | None = None


class Task(Record):
    """One task. `details` are the words of whoever made it, beside `source`, the message it was made from.

    `reason` says why it is blocked, was dropped or is open again, or in words by what it is done; None otherwise. A
    blocked task without a reason waits for the tasks named in `blocked_by` alone. `evidence` is what was shown when it
    was done. `revision` grows by one with every change, so that a change meant for an older one is told apart.

    `held_by` is the run that works on it; the hold ends with that run, and at `held_until`, which is None while that
    run itself waits. `lease_seconds` is how long one hold lasts. `pooled` says that it belonged to nobody before it was
    taken up, and belongs to nobody again when the hold ends. `tainted` says that its words come from a session that
    had read what strangers wrote. `escalated_at` is when somebody was told that it is overdue.
    """

    id: str
    title: str
    details: str = ""
    state: TaskState = TaskState.OPEN
    agent_id: str | None = None
    person_id: str | None = None
    created_by: Actor
    created_at: datetime
    changed_at: datetime
    due_at: datetime | None = None
    source: QuotedMessage | None = None
    reason: str | None = None
    closed_at: datetime | None = None
    closed_by: Actor | None = None
    blocked_by: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    held_by: str | None = None
    held_until: datetime | None = None
    lease_seconds: int | None = None
    pooled: bool = False
    tainted: bool = False
    escalated_at: datetime | None = None
    revision: int = 1

    @property
    def owner(self) -> Owner:
        """Who is to do it."""
        return Owner(agent_id=self.agent_id, person_id=self.person_id)

    @property
    def slot(self) -> str:
        """Which of the task's cards is its present owner's; a person's task stands in the team's own channel."""
        return f"{self.id}.{self.agent_id or 'team'}"

    @property
    def is_guarded(self) -> bool:
        """True when its words may be a stranger's, so that reading them taints."""
        return self.tainted or self.source is not None

    def is_overdue(self, now: datetime) -> bool:
        """True when it should have been closed by `now`."""
        return self.due_at is not None and self.due_at <= now and not self.state.is_closed
