"""Executing: the single use of an approved call, taken only while all that was decided still holds."""

from datetime import datetime

from store.actions.action import action
from store.actions.approvals.moves import change_approval, move_approval
from store.actions.locked import locked_approval, locked_run, votes_on
from store.actions.runs import end_run, move_run, requeue_waiting
from store.actions.steps import refuse_waiting_step, start_waiting_step
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.approval import Approval, ApprovalState
from store.records.run import Run, RunState
from store.rules.put_off import is_put_off, next_try_at
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
    move_approval(tx, approval, ApprovalState.EXECUTING, outcome=None)
    agent = Actor(kind=ActorKind.AGENT, id=approval.agent_id)
    tx.audit("approval.executing", agent, ("approval", approval.id), call=approval.call_hash)
    return True


@action("approvals.refuse")
def refuse_approved(tx: Tx, approval_id: str, reason: str) -> None:
    """Gives up an approved call because authority no longer holds; one in any other state is left as it is."""
    approval = locked_approval(tx, approval_id)
    if approval.state is ApprovalState.APPROVED:
        _drop(tx, approval, ApprovalState.REFUSED, reason)


@action("approvals.put_off")
def put_off_approved(tx: Tx, approval_id: str, why: str) -> bool:
    """Parks the run again on an approved call of which nobody can say now whether it still may be made.

    False when it does not wait after all: its time is up, or it is no longer approved. `resume_approved` goes on.
    """
    approval = locked_approval(tx, approval_id)
    if approval.state is not ApprovalState.APPROVED:
        return False
    if (late := _too_late(tx, approval)) is not None:
        _drop(tx, approval, *late)
        return False
    if approval.outcome != why:
        change_approval(tx, approval, outcome=why)
        tx.audit("approval.put_off", SYSTEM, ("approval", approval.id), why=why, call=approval.call_hash)
    _park(tx, locked_run(tx, approval.run_id), why, again_at=next_try_at(approval.decided_at, tx.now))
    return True


@action("approvals.resume")
def resume_approved(tx: Tx, approval_id: str) -> bool:
    """Has the run of an approved call that was put off try again; False, and nothing changes, when it waits no more."""
    approval = locked_approval(tx, approval_id)
    run = locked_run(tx, approval.run_id)
    if approval.state is not ApprovalState.APPROVED or not is_put_off(approval, run):
        return False
    requeue_waiting(tx, run.id)
    return True


def _park(tx: Tx, run: Run, why: str, *, again_at: datetime) -> None:
    parked = move_run(tx, run, RunState.WAITING, segment=run.segment + 1, deadline_at=again_at, reason=why)
    if parked.stop_requested_by is not None:  # pressed after the mind last looked: nothing is to be made any more
        end_run(tx, parked, RunState.CANCELLED, actor=SYSTEM, reason=f"stopped by {parked.stop_requested_by}")


def _objection(
    tx: Tx, approval: Approval, bound_hash: str, eligible: frozenset[str]
) -> tuple[ApprovalState, str] | None:
    if bound_hash != approval.call_hash:
        return ApprovalState.REFUSED, "the call to be executed is not the call that was approved"
    if (late := _too_late(tx, approval)) is not None:
        return late
    if not still_authorised(votes_on(tx, approval.id), approval, eligible):
        return ApprovalState.REFUSED, "those who approved no longer hold the role"
    return None


def _too_late(tx: Tx, approval: Approval) -> tuple[ApprovalState, str] | None:
    if approval.execute_before is None or approval.execute_before > tx.now:
        return None
    return ApprovalState.LAPSED, "it was not executed in the time allowed after the decision"


def _drop(tx: Tx, approval: Approval, state: ApprovalState, words: str) -> None:
    move_approval(tx, approval, state, outcome=words)
    refuse_waiting_step(tx, approval.run_id, approval.step_key, words)
    tx.audit(f"approval.{state.value}", SYSTEM, ("approval", approval.id), why=words, call=approval.call_hash)
