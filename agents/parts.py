"""What a session is made of, given to it once; nothing in this room reaches for anything else."""

from dataclasses import dataclass, field

from agents.given import GivenContents
from agents.memo import Memo
from agents.models.port import ModelPort
from agents.readings.port import Readings
from agents.roster import AgentSpec, Team
from agents.sources.port import NoSources, Sources
from agents.standing import Memberships, NoMemberships
from agents.tools.registry import Registry
from store.handle import Store
from store.records import Receipt, Run


@dataclass(frozen=True, slots=True)
class SessionParts:
    """The parts all sessions of a team share. `model` None: no model can be reached, whatever the team names.

    `given` holds the files that came with requests; None: none are kept.

    `readings` is where the machine and its repository are read, live or from a recording; `sources` reads the team's
    exports and logs; `memberships` knows who holds which of a surface's own roles.

    `retry_delays_seconds` are the pauses before a tool or model call is tried again; their number is the number of
    retries. `watch_seconds` is how often a running session looks whether it was asked to stop.
    """

    store: Store
    team: Team
    tools: Registry
    readings: Readings
    sources: Sources = field(default_factory=NoSources)
    model: ModelPort | None = None
    given: GivenContents | None = None
    memberships: Memberships = field(default_factory=NoMemberships)
    retry_delays_seconds: tuple[float, ...] = (0.5, 2.0)
    watch_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class Session:
    """One segment of one run, with what it knew when the run began and what the run has done so far.

    `agent` thinks as it did when the run began; its tools, settings of tools and limits are today's. `began_in` is the
    digest of the workspace then, `routine_source` the code of its routine then; None: as it stands in the workspace.
    """

    parts: SessionParts
    run: Run
    agent: AgentSpec
    receipt: Receipt
    memo: Memo
    began_in: str = ""
    routine_source: bytes | None = None

    @property
    def store(self) -> Store:
        """Where everything is put on record."""
        return self.parts.store

    @property
    def team(self) -> Team:
        """The team as loaded now."""
        return self.parts.team

    def owner(self) -> str | None:
        """Whom to ask about this run: the person who started it, else the first who may approve; None: nobody."""
        if self.run.trigger.initiator.is_person:
            return self.run.trigger.initiator.id
        return next((person.id for person in self.team.people_in(self.team.approvals.role)), None)
