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


class Owner(Record):
    """Who is to do it: an agent, a person, or nobody yet; never both."""

    agent_id: str | None = None
    person_id: str | None = None


class Task(Record):
    """One task. `details` are the words of whoever made it, beside `source`, the message it was made from.

    `reason` says why it is blocked or was dropped, or by what evidence it is done; None otherwise. `revision` grows by
    one with every change, so that a change meant for an older one is told apart.
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
    revision: int = 1

    @property
    def owner(self) -> Owner:
        """Who is to do it."""
        return Owner(agent_id=self.agent_id, person_id=self.person_id)

    @property
    def slot(self) -> str:
        """Which of the task's cards is its present owner's; a person's task stands in the team's own channel."""
        return f"{self.id}.{self.agent_id or 'team'}"
