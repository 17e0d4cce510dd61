"""Deciding: votes counted, one decision made, and every other click answered in words."""

from datetime import timedelta
from enum import StrEnum

from store import rows, schema
from store.actions.action import action
from store.actions.approvals.moves import change_approval, move_approval
from store.actions.locked import locked_approval, votes_on
from store.actions.runs import requeue_waiting
from store.actions.steps import refuse_waiting_step
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.approval import Approval, ApprovalState, Vote
from store.records.record import Record
from store.rules.quorum import Standing, decided, standing
from store.transaction import Tx


class Verdict(StrEnum):
    """What became of a click."""

    DECIDED = "decided"
    COUNTED = "counted"
    TOO_LATE = "too_late"
    REPEATED = "repeated"
    REFUSED = "refused"


class Decision(Record):
    """The answer to one click: what became of it, in words for the person, and the approval as it now stands."""

    verdict: Verdict
    words: str
    approval: Approval


@action("approvals.decide")
def decide_approval(
    tx: Tx,
    approval_id: str,
    *,
    person_id: str,
    account: str,
    surface: str,
    approve: bool,
    eligible: frozenset[str],
    reason: str | None = None,
) -> Decision:
    """Counts one person's vote and, when the votes decide, decides: at most one decision is ever made.

    `eligible` are the people in the required role now. The run's next segment is enqueued in the same transaction. A
    click that does not count is audited and answered in words; only an unknown approval raises (NotFound).
    """
    approval = locked_approval(tx, approval_id)
    actor = Actor(kind=ActorKind.PERSON, id=person_id, surface=surface)
    if approval.state.is_open and approval.expires_at <= tx.now:
        approval = _expire(tx, approval)
    votes = votes_on(tx, approval_id)
    place = standing(approval, votes, person_id, eligible)
    if place is not Standing.MAY_VOTE:
        return _turned_away(tx, approval, actor, place)
    vote = Vote(
        approval_id=approval_id,
        person_id=person_id,
        approve=approve,
        surface=surface,
        account=account,
        reason=reason,
        at=tx.now,
    )
    tx.connection.execute(schema.votes.insert().values(rows.values(vote)))
    tx.audit(
        "approval.vote",
        actor,
        ("approval", approval_id),
        approve=approve,
        account=account,
        reason=reason,
        call=approval.call_hash,
    )
    return _after_vote(tx, approval, [*votes, vote], surface, reason)


@action("approvals.expire")
def expire_approval(tx: Tx, approval_id: str) -> bool:
    """Ends an open approval whose time has passed, as its own outcome, never a person's no; False when not due."""
    approval = locked_approval(tx, approval_id)
    if not approval.state.is_open or approval.expires_at > tx.now:
        return False
    _expire(tx, approval)
    return True


def _after_vote(tx: Tx, approval: Approval, votes: list[Vote], surface: str, reason: str | None) -> Decision:
    outcome = decided(approval, votes)
    people = tuple(vote.person_id for vote in votes)
    if outcome is ApprovalState.OPEN:
        counted = change_approval(tx, approval, decided_by=people)
        missing = approval.requirement.quorum - len(people)
        return Decision(verdict=Verdict.COUNTED, words=f"Your vote counts; {missing} more needed.", approval=counted)
    seconds = approval.requirement.execute_within_seconds
    closed = move_approval(
        tx,
        approval,
        outcome,
        decided_at=tx.now,
        decided_by=people,
        decided_on=surface,
        decision_reason=reason,
        execute_before=tx.now + timedelta(seconds=seconds) if seconds else None,
    )
    tx.audit(
        f"approval.{outcome.value}", SYSTEM, ("approval", approval.id), by=people, on=surface, call=approval.call_hash
    )
    if outcome is ApprovalState.REJECTED:
        refuse_waiting_step(
            tx, approval.run_id, approval.step_key, f"rejected by {people[-1]}: {reason or 'no reason given'}"
        )
    requeue_waiting(tx, approval.run_id)
    return Decision(verdict=Verdict.DECIDED, words=f"{outcome.value.capitalize()}. Thank you.", approval=closed)


_WORDS = {
    Standing.ALREADY_VOTED: "You have already voted on this; one person has one vote, whatever the account.",
    Standing.ASKED_FOR_IT: "You asked for this call, so somebody else has to decide it.",
    Standing.NOT_IN_ROLE: "You are not in the role that decides this.",
}

_VERDICTS = {
    Standing.ALREADY_DECIDED: Verdict.TOO_LATE,
    Standing.ALREADY_VOTED: Verdict.REPEATED,
    Standing.ASKED_FOR_IT: Verdict.REFUSED,
    Standing.NOT_IN_ROLE: Verdict.REFUSED,
}


def _turned_away(tx: Tx, approval: Approval, actor: Actor, place: Standing) -> Decision:
    tx.audit("approval.turned_away", actor, ("approval", approval.id), why=place.value, state=approval.state.value)
    words = _WORDS.get(place) or _already(approval)
    return Decision(verdict=_VERDICTS[place], words=words, approval=approval)


def _already(approval: Approval) -> str:
    if approval.state is ApprovalState.EXPIRED:
        return "Too late: this approval expired before anybody decided it."
    by = f" by {', '.join(approval.decided_by)}" if approval.decided_by else ""
    on = f" on {approval.decided_on}" if approval.decided_on else ""
    state = "approved" if approval.state in _AFTER_YES else approval.state.value
    return f"This was already {state}{by}{on}."


_AFTER_YES = frozenset(
    {
        ApprovalState.APPROVED,
        ApprovalState.EXECUTING,
        ApprovalState.EXECUTED,
        ApprovalState.FAILED,
        ApprovalState.UNKNOWN,
        ApprovalState.LAPSED,
        ApprovalState.REFUSED,
    }
)


def _expire(tx: Tx, approval: Approval) -> Approval:
    words = "nobody decided in time"
    expired = move_approval(tx, approval, ApprovalState.EXPIRED, outcome=words, decided_at=tx.now)
    tx.audit("approval.expired", SYSTEM, ("approval", approval.id), call=approval.call_hash)
    refuse_waiting_step(tx, approval.run_id, approval.step_key, words)
    requeue_waiting(tx, approval.run_id)
    return expired
