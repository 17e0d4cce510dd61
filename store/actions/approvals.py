"""Approvals: asked once, decided once, executed once."""

from datetime import timedelta
from enum import StrEnum

from store import rows, schema
from store.actions.action import action
from store.actions.locked import locked_approval, locked_run, votes_on
from store.actions.runs import move_run, requeue_waiting
from store.actions.steps import insert_waiting_step, refuse_waiting_step, start_waiting_step
from store.kernel.canonical import call_hash, canonical_bytes
from store.kernel.errors import IllegalTransition, Refused
from store.kernel.ids import derive
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.approval import Approval, ApprovalState, Vote
from store.records.card import CardKind
from store.records.intent import ApprovalRequest, EditedCall
from store.records.record import Record
from store.records.run import RunState
from store.rules.lifecycles import APPROVAL, require_move
from store.rules.quorum import Standing, decided, standing, still_authorised
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


@action("approvals.request")
def request_approval(tx: Tx, request: ApprovalRequest) -> Approval:
    """Asks people about one exact call and parks the run on it, once: a run that is parked cannot ask again.

    The stored payload is the canonical text of the call and `call_hash` its SHA-256: what is shown is what is bound.
    Raises Refused (`limit.steps`) when the run has no step left, and IllegalTransition when it has moved on.
    """
    intent = request.intent
    run = locked_run(tx, intent.run_id)
    if run.state is not RunState.RUNNING or run.segment != intent.segment:
        raise IllegalTransition(f"run {run.id} has moved on; it cannot ask now")
    approval = _fresh(tx, request, run.trigger.initiator)
    tx.connection.execute(schema.approvals.insert().values(rows.values(approval)))
    asked = insert_waiting_step(tx, run, intent, approval.id)
    reason = f"a decision: {request.summary}"
    move_run(tx, asked, RunState.WAITING, segment=run.segment + 1, deadline_at=None, reason=reason)
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
    return approval


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


@action("approvals.edit")
def edit_approval(
    tx: Tx,
    approval_id: str,
    *,
    person_id: str,
    surface: str,
    edited: EditedCall,
    eligible: frozenset[str],
) -> Approval:
    """Replaces an open approval by one for the edited call, asked for by the editor and decided anew.

    Raises Refused (`approval.closed`, `approval.role`) when the
    approval is no longer open or the person is not one of `eligible`.
    """
    old = locked_approval(tx, approval_id)
    if not old.state.is_open or old.expires_at <= tx.now:
        raise Refused("This approval is no longer open, so it cannot be edited.", "approval.closed")
    if person_id not in eligible:
        raise Refused(f"Only people in the role {old.requirement.role} may edit this call.", "approval.role")
    editor = Actor(kind=ActorKind.PERSON, id=person_id, surface=surface)
    new = _edited(tx, old, editor, edited)
    tx.connection.execute(schema.approvals.insert().values(rows.values(new)))
    _move(
        tx,
        old,
        ApprovalState.SUPERSEDED,
        superseded_by=new.id,
        decided_by=(person_id,),
        decided_on=surface,
        decided_at=tx.now,
    )
    table = schema.steps
    tx.connection.execute(
        table.update().where(table.c.run_id == old.run_id, table.c.key == old.step_key).values(approval_id=new.id)
    )
    tx.audit("approval.edited", editor, ("approval", old.id), successor=new.id, call=new.call_hash)
    tx.show(CardKind.APPROVAL, new.id, new.agent_id)
    return new


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
    _move(tx, approval, ApprovalState.EXECUTING)
    agent = Actor(kind=ActorKind.AGENT, id=approval.agent_id)
    tx.audit("approval.executing", agent, ("approval", approval.id), call=approval.call_hash)
    return True


@action("approvals.refuse")
def refuse_approved(tx: Tx, approval_id: str, reason: str) -> None:
    """Gives up an approved call because authority no longer holds; one in any other state is left as it is."""
    approval = locked_approval(tx, approval_id)
    if approval.state is ApprovalState.APPROVED:
        _drop(tx, approval, ApprovalState.REFUSED, reason)


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


_EDITABLE = ("arguments", "summary", "rule_id", "rule_reason", "requirement")


def _edited(tx: Tx, old: Approval, editor: Actor, edited: EditedCall) -> Approval:
    bound = call_hash(edited.request)
    return old.model_copy(
        update={
            **{name: getattr(edited, name) for name in _EDITABLE},
            "id": derive("apv", old.run_id, old.step_key, bound, old.id),
            "payload": canonical_bytes(edited.request).decode(),
            "call_hash": bound,
            "claim": None,
            "requested_by": editor,
            "created_at": tx.now,
            "expires_at": tx.now + timedelta(seconds=edited.requirement.expires_seconds),
            "supersedes": old.id,
            "revision": 1,
        }
    )


def _after_vote(tx: Tx, approval: Approval, votes: list[Vote], surface: str, reason: str | None) -> Decision:
    outcome = decided(approval, votes)
    people = tuple(vote.person_id for vote in votes)
    if outcome is ApprovalState.OPEN:
        counted = _touch(tx, approval, decided_by=people)
        missing = approval.requirement.quorum - len(people)
        return Decision(verdict=Verdict.COUNTED, words=f"Your vote counts; {missing} more needed.", approval=counted)
    seconds = approval.requirement.execute_within_seconds
    closed = _move(
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
    expired = _move(tx, approval, ApprovalState.EXPIRED, outcome=words, decided_at=tx.now)
    tx.audit("approval.expired", SYSTEM, ("approval", approval.id), call=approval.call_hash)
    refuse_waiting_step(tx, approval.run_id, approval.step_key, words)
    requeue_waiting(tx, approval.run_id)
    return expired


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
    _move(tx, approval, state, outcome=words)
    refuse_waiting_step(tx, approval.run_id, approval.step_key, words)
    tx.audit(f"approval.{state.value}", SYSTEM, ("approval", approval.id), why=words, call=approval.call_hash)


def _move(tx: Tx, approval: Approval, state: ApprovalState, **changes: object) -> Approval:
    require_move(APPROVAL, approval.state, state)
    return _touch(tx, approval, state=state, **changes)


def _touch(tx: Tx, approval: Approval, **changes: object) -> Approval:
    changed = approval.model_copy(update={**changes, "revision": approval.revision + 1})
    columns = {name: value for name, value in rows.values(changed).items() if name in changes or name == "revision"}
    tx.connection.execute(schema.approvals.update().where(schema.approvals.c.id == approval.id).values(columns))
    tx.show(CardKind.APPROVAL, approval.id, approval.agent_id)
    return changed
