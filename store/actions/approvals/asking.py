"""Asking: an approval for one exact call, and the run parked on it."""

from datetime import timedelta

from store import rows, schema
from store.actions.action import action
from store.actions.handoffs import initiator_of
from store.actions.locked import locked_run
from store.actions.marks import note_uses
from store.actions.run_log import show_log
from store.actions.runs import end_run, move_run
from store.actions.steps import insert_waiting_step
from store.kernel.canonical import call_hash, canonical_bytes
from store.kernel.errors import IllegalTransition
from store.kernel.ids import derive
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.approval import Approval, ApprovalState
from store.records.card import CardKind
from store.records.intent import ApprovalRequest
from store.records.mark import OutputKind
from store.records.run import RunState
from store.transaction import Tx


@action("approvals.request")
def request_approval(tx: Tx, request: ApprovalRequest) -> Approval:
    """Asks people about one exact call and parks the run on it, once: a run that is parked cannot ask again.

    The stored payload is the canonical text of the call and `call_hash` its SHA-256: what is shown is what is bound.
    Raises Refused (`limit.steps`) when the run has no step left, and IllegalTransition when it has moved on or the
    call's place is taken.
    """
    intent = request.intent
    run = locked_run(tx, intent.run_id)
    if run.state is not RunState.RUNNING or run.segment != intent.segment:
        raise IllegalTransition(f"run {run.id} has moved on; it cannot ask now")
    approval = _fresh(tx, request, initiator_of(tx, run))
    asked = insert_waiting_step(tx, run, intent, approval.id)
    tx.connection.execute(schema.approvals.insert().values(rows.values(approval)))
    note_uses(tx, OutputKind.APPROVAL, approval.id, request.origins)
    reason = f"a decision: {request.summary}"
    parked = move_run(tx, asked, RunState.WAITING, segment=run.segment + 1, deadline_at=None, reason=reason)
    agent = Actor(kind=ActorKind.AGENT, id=request.agent_id)
    tx.audit(
        "approval.requested",
        agent,
        ("approval", approval.id),
        run=run.id,
        tool=request.tool,
        call=approval.call_hash,
        rule=approval.rule_id,
    )
    tx.show(CardKind.APPROVAL, approval.id, approval.agent_id)
    show_log(tx, run)
    if parked.stop_requested_by is not None:  # pressed after the mind last looked: nobody is to be asked any more
        end_run(tx, parked, RunState.CANCELLED, actor=SYSTEM, reason=f"stopped by {parked.stop_requested_by}")
    return approval


def _fresh(tx: Tx, request: ApprovalRequest, requested_by: Actor) -> Approval:
    intent = request.intent
    return Approval(
        id=derive("apv", intent.run_id, intent.key, intent.request_hash),
        run_id=intent.run_id,
        step_key=intent.key,
        agent_id=request.agent_id,
        tool=request.tool,
        arguments=request.arguments,
        payload=canonical_bytes(intent.request).decode(),
        call_hash=call_hash(intent.request),
        summary=request.summary,
        undo=request.undo,
        irreversible=intent.irreversible,
        claim=request.claim,
        rule_id=intent.rule_id or "default",
        rule_reason=request.rule_reason,
        requirement=request.requirement,
        requested_by=requested_by,
        state=ApprovalState.OPEN,
        created_at=tx.now,
        expires_at=tx.now + timedelta(seconds=request.requirement.expires_seconds),
        revision=1,
    )
