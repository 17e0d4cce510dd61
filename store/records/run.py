"""A run: one session of one agent, made of segments between waits."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field, ValidationError

from store.kernel.canonical import JsonObject
from store.records.actor import Actor
from store.records.record import Record


class RunState(StrEnum):
    """Where a run stands. `waiting` costs nothing and holds no slot; the last five are final."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    NEEDS_ATTENTION = "needs_attention"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"

    @property
    def is_final(self) -> bool:
        """True when the run can make no further move."""
        return self in FINAL_RUN_STATES


FINAL_RUN_STATES = frozenset(
    {RunState.DONE, RunState.NEEDS_ATTENTION, RunState.FAILED, RunState.CANCELLED, RunState.TIMED_OUT}
)


class TriggerKind(StrEnum):
    """What made the run."""

    SCHEDULE = "schedule"
    COMMAND = "command"
    BUTTON = "button"
    WEBHOOK = "webhook"
    MANUAL = "manual"
    START = "start"
    MESSAGE = "message"
    FORM = "form"
    WATCH = "watch"
    HANDOFF = "handoff"


SUMMARY = "summary"
"""Under this name a run's result says in a sentence what came of it."""
REQUEST = "request"
"""Under this name a run's input holds what was asked for in words."""
UNDO_OF = "undo_of"
"""Under this name the input of a run that only takes a call back names the approval of that call."""


class QuotedMessage(Record):
    """A message that something is about. `author` and `text` are somebody's words, trusted by nobody.

    `url` opens the message; None when the surface has no address for it.
    """

    surface: str
    author: str
    text: str
    url: str | None = None


class GivenFile(Record):
    """A file that came with a request. Name and type are its giver's word; `sha256` names the content that was kept."""

    name: str
    sha256: str
    bytes: int
    type: str


class Request(Record):
    """What was asked for in words, the message it is about, and files. `previous_run` is the one it takes up again."""

    text: str
    quoted: QuotedMessage | None = None
    files: tuple[GivenFile, ...] = ()
    previous_run: str | None = None


class Trigger(Record):
    """What made the run, and with what input.

    `key` is unique per cause (a due time, an inbound event): two triggers with one key make one run.
    `initiator` is the person behind it, or the system for a schedule; authority questions ask about the initiator.
    `watch_id` names the watch (`agent.name`) whose messages started it, `contract` the contract and receiver
    (`NAME@VERSION.agent`) of the handoff that did.
    """

    kind: TriggerKind
    key: str
    initiator: Actor
    input: JsonObject = Field(default_factory=dict)
    schedule_id: str | None = None
    watch_id: str | None = None
    contract: str | None = None
    due_at: datetime | None = None

    @property
    def slot(self) -> str | None:
        """What this run shares its card with: others of its schedule, watch or contract; None: it has its own."""
        if self.contract is not None:
            return f"handoff:{self.contract}"
        return self.schedule_id or (f"watch:{self.watch_id}" if self.watch_id else None)

    @property
    def request(self) -> Request | None:
        """What was asked for in words; None for a run that nobody asked for in words."""
        try:
            return Request.model_validate(self.input.get(REQUEST))
        except ValidationError:
            return None


class RunLimits(Record):
    """The caps of one run, held outside the mind. Money in micro-dollars; wall time counts segments, not waits.

    `max_day_cost_micros` caps all runs of the agent within one day (UTC); None means no day cap.
    """

    max_steps: int
    max_cost_micros: int
    wall_seconds: int
    max_day_cost_micros: int | None = None
    retries: int = 0


class Run(Record):
    """One run. `segment` is the one queued, running or awaited, from 0; `attempt` counts retries, from 1.

    `deadline_at` bounds the segment now running, or is when a run whose approved call was put off tries again; else
    None. `reason` says why it ended or waits; `owner` is the person to ask when it needs attention.
    `stop_requested_by` is set once someone pressed Stop.
    """

    id: str
    agent_id: str
    trigger: Trigger
    state: RunState
    segment: int
    attempt: int
    limits: RunLimits
    tainted: bool
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    deadline_at: datetime | None = None
    stop_requested_by: str | None = None
    reason: str | None = None
    owner: str | None = None
    result: JsonObject | None = None
    workspace_digest: str
    held_micros: int = 0
    spent_micros: int = 0
    step_count: int = 0

    @property
    def said(self) -> str | None:
        """What came of it, in the mind's own sentence; None when it gave none."""
        summary = (self.result or {}).get(SUMMARY)
        return summary.strip() or None if isinstance(summary, str) else None
