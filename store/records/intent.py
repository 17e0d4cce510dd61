"""What the gate asks the store to put on record before anything happens."""

from collections.abc import Mapping

from store.kernel.canonical import JsonObject
from store.records.approval import Requirement
from store.records.handoff import Origin
from store.records.mark import OutputKind
from store.records.record import Record
from store.records.run import RunLimits
from store.records.step import Access, StepKind


class StepIntent(Record):
    """One call about to be made. `hold_micros` is its worst case, held before the call; 0 for what costs nothing.

    `key` is the call's place in the run; `request_hash` is `call_hash` of the request, and `idempotency_key` is what
    the outside system is given, the same on every attempt.
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
    hold_micros: int = 0
    rule_id: str | None = None
    approval_id: str | None = None


class ApprovalRequest(Record):
    """One exact call that people must decide. The run parks on it in the same transaction.

    `summary` is the tool's own sentence for what the call does, `undo` its sentence for how it is taken back (None:
    it is not), `claim` the agent's words. `origins` say where the figures in the arguments came from.
    """

    intent: StepIntent
    agent_id: str
    tool: str
    arguments: JsonObject
    summary: str
    undo: str | None
    claim: str | None
    rule_reason: str | None
    requirement: Requirement
    origins: tuple[Origin, ...] = ()


class EditedCall(Record):
    """An approval's call as a person edited it: validated, decided by policy, and to be asked anew.

    `request` is the call as it will be bound; `arguments` are its arguments as the card shows them.
    """

    arguments: JsonObject
    request: JsonObject
    summary: str
    rule_id: str
    rule_reason: str | None
    requirement: Requirement


class HandoffDraft(Record):
    """One attempt to hand work over, as its sender's session asks for it; who sends it is read from the run.

    `id` derives from the call, so that a repeated call is the same attempt. `objection` says how the payload breaks its
    contract, None when it fits; `sure` that `confidence` reaches the contract's floor.
    """

    id: str
    run_id: str
    contract: str
    receiver: str
    payload: JsonObject
    confidence: str
    origins: tuple[Origin, ...] = ()
    objection: str | None = None
    sure: bool = True


class Made(Record):
    """What a call has made, and where the figures it was given came from; pointers are into the call's arguments."""

    kind: OutputKind
    id: str
    origins: tuple[Origin, ...] = ()


class Waking(Record):
    """What starting a receiver's run takes: each possible receiver's limits, and the workspace's digest."""

    limits: Mapping[str, RunLimits]
    workspace_digest: str
