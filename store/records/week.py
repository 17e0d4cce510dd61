"""One week of a team: what ran, what people were asked, what they thought of it, what went wrong, what it cost."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from store.records.digest import Answers
from store.records.feedback import Feedback
from store.records.incident import Incident
from store.records.record import Record
from store.records.run import RunState


class AgentWeek(Record):
    """One agent's week. `runs` counts the runs begun in it by how they stand now; `spent_micros` is what those cost."""

    agent_id: str
    runs: Mapping[RunState, int] = Field(default_factory=dict)
    spent_micros: int = 0

    @property
    def total(self) -> int:
        """All runs begun in the week."""
        return sum(self.runs.values())


class ApprovalsWeek(Record):
    """What became of the approvals asked for in the week, as they stand now.

    `median_seconds` is from asking to the decision, over those that people approved or rejected; the lower of the two
    in the middle, None without a decision. Nine of ten were decided within `p90_seconds`. `edited` ones were asked
    again as another approval, which counts by itself.
    """

    asked: int = 0
    approved: int = 0
    rejected: int = 0
    expired: int = 0
    edited: int = 0
    withdrawn: int = 0
    still_open: int = 0
    median_seconds: int | None = None
    p90_seconds: int | None = None


class Asking(StrEnum):
    """What asked a person to act."""

    APPROVAL = "approval"
    STOPPED_RUN = "stopped_run"
    ALERT = "alert"
    TASK = "task"


class Interruption(Record):
    """One thing that asked one person to act. `card` is the key of its card, `text` what it was about."""

    person_id: str
    at: datetime
    asking: Asking
    text: str
    card: str


class TasksWeek(Record):
    """Tasks made and closed in the week, and those that were overdue and not closed at its end."""

    opened: int = 0
    closed: int = 0
    overdue: int = 0


class Asked(Record):
    """How often the week's cards asked one person to act.

    An approval asks everybody who is in its role now, its requester aside, whether they looked at it or not; a stopped
    run and an alert ask their owner, a task its present owner. Edits of a card ask nobody anew, and what is written in
    threads is not counted. `by_day` counts them for each day of the week, its first day first.
    """

    person_id: str
    approvals: int = 0
    stopped_runs: int = 0
    alerts: int = 0
    tasks: int = 0
    by_day: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """All of them."""
        return self.approvals + self.stopped_runs + self.alerts + self.tasks


class Week(Record):
    """Seven days, `window_until` exclusive. Agents, people and feedback have a fixed order: equal weeks are equal.

    `incidents` struck in the week, `late` due times began too late, `missed` ones had nobody to run them, and
    `began_at` is the first event on record when that falls into the week: before it there is nothing to tell. `answers`
    are of the alerts that asked in the week.
    """

    window_from: datetime
    window_until: datetime
    agents: tuple[AgentWeek, ...] = ()
    approvals: ApprovalsWeek = ApprovalsWeek()
    asked: tuple[Asked, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    incidents: tuple[Incident, ...] = ()
    late: int = 0
    missed: int = 0
    tasks: TasksWeek = TasksWeek()
    answers: Answers = Answers(answered=0, total=0)
    began_at: datetime | None = None
