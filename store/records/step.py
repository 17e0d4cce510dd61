"""A step: one recorded model call or tool call; together the steps are a run's memory."""

from datetime import datetime
from enum import StrEnum

from store.kernel.canonical import Json, JsonObject
from store.records.record import Record


class StepKind(StrEnum):
    """What was called."""

    MODEL = "model"
    TOOL = "tool"


class Access(StrEnum):
    """What a tool may do: look, change something here, or send something out."""

    READ = "read"
    WRITE = "write"
    EGRESS = "egress"


class StepState(StrEnum):
    """`waiting` for a decision, `started` once intent is on record; then one of four outcomes."""

    WAITING = "waiting"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """True when the step has an outcome."""
        return self not in (StepState.WAITING, StepState.STARTED)


_NOT_POLICY = ("gate.", "approval.", "lane.", "scope.", "messages.")
"""Rules of the gate itself: no policy can allow what these refuse."""


class Step(Record):
    """One call of one run, found again by its place (`key`); `request_hash` proves it is the same call.

    `attempts` counts executions that were started. `idempotency_key` is what the outside system is given.
    `result` is at most 256 kB of JSON; `error` is one sentence. Money in micro-dollars.
    """

    run_id: str
    key: str
    position: int
    segment: int
    kind: StepKind
    name: str
    access: Access
    irreversible: bool
    request: JsonObject
    request_hash: str
    idempotency_key: str
    state: StepState
    attempts: int
    rule_id: str | None = None
    approval_id: str | None = None
    result: Json = None
    error: str | None = None
    started_at: datetime
    finished_at: datetime | None = None
    held_micros: int = 0
    spent_micros: int = 0

    @property
    def refused_by_policy(self) -> bool:
        """True for a call that only the policy stands against: a rule could allow another like it."""
        rule = self.rule_id if self.state is StepState.REFUSED and self.kind is StepKind.TOOL else None
        return rule is not None and not rule.startswith(_NOT_POLICY)
