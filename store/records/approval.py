"""An approval: a durable question bound to one exact call."""

from datetime import datetime
from enum import StrEnum

from store.kernel.canonical import JsonObject
from store.records.actor import Actor
from store.records.record import Record


class ApprovalState(StrEnum):
    """`open` until decided; a timeout is its own outcome. An approved call is executed once, or not at all.

    superseded: edited into a new call · withdrawn: its run ended · lapsed: approved, but not executed in time ·
    refused: approved, but authority no longer held when it was to be executed · unknown: it may have happened.
    """

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXECUTING = "executing"
    EXECUTED = "executed"
    FAILED = "failed"
    LAPSED = "lapsed"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        """True while a person may still decide."""
        return self is ApprovalState.OPEN


FINAL_APPROVAL_STATES = frozenset(ApprovalState) - {ApprovalState.OPEN, ApprovalState.APPROVED, ApprovalState.EXECUTING}
"""Nothing more becomes of an approval in one of these."""


class Requirement(Record):
    """Who must decide, and in what time. `quorum` counts people, never accounts.

    `execute_within_seconds` runs from the decision; None means no second clock.
    """

    role: str
    quorum: int = 1
    expires_seconds: int
    execute_within_seconds: int | None = None


class Vote(Record):
    """One person's vote, cast once, from whichever account."""

    approval_id: str
    person_id: str
    approve: bool
    surface: str
    account: str
    reason: str | None = None
    at: datetime


class Approval(Record):
    """A request to make exactly one call. `payload` is the canonical text approvers see, `call_hash` its SHA-256.

    `requested_by` is the initiator, or the person whose edit made this call: never allowed to decide it.
    `summary` is what the tool says the call does ("Moves 3 files…"); `claim` is the agent's own words, shown apart.
    `supersedes` and `superseded_by` link an edited call to its forerunner.
    """

    id: str
    run_id: str
    step_key: str
    agent_id: str
    tool: str
    arguments: JsonObject
    payload: str
    call_hash: str
    summary: str
    undo: str | None = None
    irreversible: bool
    claim: str | None = None
    rule_id: str
    rule_reason: str | None = None
    requirement: Requirement
    requested_by: Actor
    state: ApprovalState
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None
    decided_by: tuple[str, ...] = ()
    decided_on: str | None = None
    decision_reason: str | None = None
    execute_before: datetime | None = None
    executed_at: datetime | None = None
    outcome: str | None = None
    supersedes: str | None = None
    superseded_by: str | None = None
    revision: int
