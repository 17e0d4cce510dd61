"""One week of a team: what ran, what people were asked, what they thought of it, what went wrong, what it cost."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

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
    in the middle, None without a decision. `edited` ones were asked again as another approval, which counts by itself.
    """

    asked: int = 0
    approved: int = 0
    rejected: int = 0
    expired: int = 0
    edited: int = 0
    withdrawn: int = 0
    still_open: int = 0
    median_seconds: int | None = None


class Asked(Record):
    """How often the week's cards asked one person to act.

    An approval asks everybody who is in its role now, its requester aside, whether they looked at it or not; a stopped
    run and an alert ask their owner, a task its present owner. Edits of a card ask nobody anew, and what is written in
    threads is not counted.
    """

    person_id: str
    approvals: int = 0
    stopped_runs: int = 0
    alerts: int = 0
    tasks: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.approvals + self.stopped_runs + self.alerts + self.tasks


class Week(Record):
    """Seven days, `window_until` exclusive. Agents, people and feedback have a fixed order: equal weeks are equal.

    `incidents` struck in the week, `missed` due times had nobody to run them, and `began_at` is the first event on
    record when that falls into the week: before it there is nothing to tell.
    """

    window_from: datetime
    window_until: datetime
    agents: tuple[AgentWeek, ...] = ()
    approvals: ApprovalsWeek = ApprovalsWeek()
    asked: tuple[Asked, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    incidents: tuple[Incident, ...] = ()
    missed: int = 0
    began_at: datetime | None = None
