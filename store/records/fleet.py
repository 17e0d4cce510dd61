"""The fleet at a glance: answers to "what needs me, is anything wrong, what got done?" in one read."""

from datetime import datetime

from store.records.agent import AgentState
from store.records.alert import Alert
from store.records.approval import Approval
from store.records.incident import Incident
from store.records.record import Record
from store.records.run import Run


class NeedsMe(Record):
    """Everything a person must act on, oldest first."""

    approvals: tuple[Approval, ...] = ()
    stopped: tuple[Run, ...] = ()
    incidents: tuple[Incident, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def count(self) -> int:
        """How many items wait for a person."""
        return len(self.approvals) + len(self.stopped) + len(self.incidents) + len(self.alerts)


class AgentView(Record):
    """One agent now. `current` is its queued, running or waiting run, None when idle; money in micro-dollars for today.

    `day_cap_micros` is None when the agent has no day cap; `next_due_at` is None when nothing is scheduled. `owns` and
    `never` are its lane in words.
    """

    agent_id: str
    name: str
    purpose: str
    state: AgentState
    current: Run | None = None
    doing: str | None = None
    last: Run | None = None
    next_due_at: datetime | None = None
    spent_today_micros: int = 0
    day_cap_micros: int | None = None
    owns: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


class AgentFacts(Record):
    """What the workspace says of an agent and the record does not. `day_cap_micros` None: no cap of its own."""

    agent_id: str
    name: str
    purpose: str
    day_cap_micros: int | None = None
    owns: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


class TopicFacts(Record):
    """What the workspace says of one topic: its one writer, and what belongs in it; None when it does not say."""

    name: str
    writer: str
    about: str | None = None


class TeamFacts(Record):
    """What the workspace says of the team; `agents` in the workspace's order. `made_up` says that its data were."""

    name: str
    timezone: str
    agents: tuple[AgentFacts, ...]
    made_up: str | None = None
    topics: tuple[TopicFacts, ...] = ()


class Fleet(Record):
    """The whole team at `as_of`. `finished_today` counts in the team's zone.

    `held` is True while simulated time waits for a decision.
    """

    team: str
    timezone: str
    as_of: datetime
    simulated: bool
    held: bool = False
    made_up: str | None = None
    needs_me: NeedsMe
    agents: tuple[AgentView, ...]
    finished_today: tuple[Run, ...] = ()
