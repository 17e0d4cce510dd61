"""Executing: the single use of an approved call, taken only while all that was decided still holds."""

from store.actions.action import action
from store.actions.approvals.moves import move_approval
from store.actions.locked import locked_approval, votes_on
from store.actions.steps import refuse_waiting_step, start_waiting_step
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.approval import Approval, ApprovalState
from store.rules.quorum import still_authorised
from store.transaction import Tx


@action("approvals.claim")
def claim_approved(tx: Tx, approval_id: str, bound_hash: str, *, eligible: frozenset[str]) -> bool:
    """Takes the single use of an approved call: True exactly once, and only while everything that was decided holds.

    Re-checks at execution: same call, in time, approvers still in the role (`eligible`). Otherwise the approval
    becomes lapsed or refused, its step refused, and False is returned.
    """
    approval = locked_approval(tx, approval_id)
    if approval.state is not ApprovalState.APPROVED:
        return False
    objection = _objection(tx, approval, bound_hash, eligible)
    if objection is not None:
        state, words = objection
        _drop(tx, approval, state, words)
        return False
    start_waiting_step(tx, approval.run_id, approval.step_key)
    move_approval(tx, approval, ApprovalState.EXECUTING)
    agent = Actor(kind=ActorKind.AGENT, id=approval.agent_id)
    tx.audit("approval.executing", agent, ("approval", approval.id), call=approval.call_hash)
    return True


@action("approvals.refuse")
def refuse_approved(tx: Tx, approval_id: str, reason: str) -> None:
    """Gives up an approved call because authority no longer holds; one in any other state is left as it is."""
    approval = locked_approval(tx, approval_id)
    if approval.state is ApprovalState.APPROVED:
        _drop(tx, approval, ApprovalState.REFUSED, reason)


def _objection(
    tx: Tx, approval: Approval, bound_hash: str, eligible: frozenset[str]
) -> tuple[ApprovalState, str] | None:
    if bound_hash != approval.call_hash:
        return ApprovalState.REFUSED, "the call to be executed is not the call that was approved"
    if approval.execute_before is not None and approval.execute_before <= tx.now:
        return ApprovalState.LAPSED, "it was not executed in the time allowed after the decision"
    if not still_authorised(votes_on(tx, approval.id), approval, eligible):
        return ApprovalState.REFUSED, "those who approved no longer hold the role"
    return None


def _drop(tx: Tx, approval: Approval, state: ApprovalState, words: str) -> None:
    move_approval(tx, approval, state, outcome=words)
    refuse_waiting_step(tx, approval.run_id, approval.step_key, words)
    tx.audit(f"approval.{state.value}", SYSTEM, ("approval", approval.id), why=words, call=approval.call_hash)
