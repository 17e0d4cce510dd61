"""What must hold of a record at every moment, and of any two moments with one action between them."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from store.kernel.canonical import call_hash
from store.records import Approval, ApprovalState, Outcome, Run, RunState, StepState
from store.rules.lifecycles import APPROVAL, RUN, STEP, may_follow
from tests.properties.seen import Seen

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TEN = timedelta(seconds=10)

DECISIONS = frozenset({"approval.approved", "approval.rejected", "approval.expired", "approval.edited"})
"""How a question is answered; a run that ends withdraws the questions that are open, and approvals not used yet."""

TAKEN = frozenset({ApprovalState.EXECUTING, ApprovalState.EXECUTED, ApprovalState.FAILED, ApprovalState.UNKNOWN})
"""The single use of the approval was taken."""

AGREED = TAKEN | {ApprovalState.APPROVED, ApprovalState.LAPSED, ApprovalState.REFUSED}
"""People approved."""

Value = TypeVar("Value")
State = TypeVar("State", bound=StrEnum)


def check(seen: Seen) -> None:
    """What holds at every moment."""
    for run in seen.runs.values():
        _check_money(seen, run)
        _check_waiting(seen, run)
    for approval in seen.approvals.values():
        _check_approval(seen, approval)
    _check_once(seen)
    _check_days(seen)
    _check_due_times(seen)


def check_move(was: Seen, now: Seen) -> None:
    """What holds of any two moments with one action between them."""
    _check_runs_move(was, now)
    _check_approvals_move(was, now)
    _check_steps_move(was, now)
    _check_trail(was, now)
    _check_cards(was, now)
    for due, row in was.occurrences.items():
        assert row.outcome is Outcome.PENDING or now.occurrences[due] == row


def _check_money(seen: Seen, run: Run) -> None:
    """The run's sums are those of its steps; what nobody settled before it ended counts as spent."""
    steps = seen.steps_of(run)
    assert len(steps) == run.step_count <= run.limits.max_steps
    held, spent = sum(step.held_micros for step in steps), sum(step.spent_micros for step in steps)
    assert (run.held_micros, run.spent_micros) == ((0, spent + held) if run.state.is_final else (held, spent))


def _check_waiting(seen: Seen, run: Run) -> None:
    """A run waits exactly while one question is open, and a step exactly while its approval is open or unused."""
    states = Counter(approval.state for approval in seen.approvals_of(run))
    assert states[ApprovalState.OPEN] == (run.state is RunState.WAITING)
    waiting = [step for step in seen.steps_of(run) if step.state is StepState.WAITING]
    assert len(waiting) == states[ApprovalState.OPEN] + states[ApprovalState.APPROVED]
    assert not (run.state.is_final and waiting)


def _check_approval(seen: Seen, approval: Approval) -> None:
    """What was shown is what is bound; people count, each once, and never who asked."""
    assert hashlib.sha256(approval.payload.encode()).hexdigest() == approval.call_hash
    assert call_hash(json.loads(approval.payload)) == approval.call_hash
    votes = seen.votes.get(approval.id, set())
    people = {vote.person_id for vote in votes}
    assert len(people) == len(votes)
    assert approval.requested_by.id not in people
    if approval.state in AGREED:
        assert all(vote.approve for vote in votes)
        assert len(votes) >= approval.requirement.quorum
    if approval.state is ApprovalState.OPEN:
        assert all(vote.approve for vote in votes)
        assert len(votes) < approval.requirement.quorum


def _check_once(seen: Seen) -> None:
    """One decision for each approval, one execution for each approved call, as the trail has it."""
    decided = Counter(event.subject_id for event in seen.trail if event.kind in DECISIONS)
    taken = Counter(event.subject_id for event in seen.trail if event.kind == "approval.executing")
    assert set(decided.values()) <= {1}
    for approval in seen.approvals.values():
        undecided = approval.state in (ApprovalState.OPEN, ApprovalState.WITHDRAWN)
        assert undecided or decided[approval.id] == 1
        assert taken[approval.id] == (approval.state in TAKEN)
    calls = Counter((one.run_id, one.step_key) for one in seen.approvals.values() if taken[one.id])
    assert set(calls.values()) <= {1}


def _check_days(seen: Seen) -> None:
    """Every hold and every bill is in the sums of exactly one day."""
    assert sum(held for held, _ in seen.days.values()) == sum(run.held_micros for run in seen.runs.values())
    assert sum(spent for _, spent in seen.days.values()) == sum(run.spent_micros for run in seen.runs.values())
    assert all(held >= 0 and spent >= 0 for held, spent in seen.days.values())


def _check_due_times(seen: Seen) -> None:
    """Every due time that has passed is one row; a run that started or ended has told its row so."""
    assert seen.schedule.next_fire_at is not None
    passed = (seen.schedule.next_fire_at - START) // TEN
    assert sorted(seen.occurrences) == [START + TEN * place for place in range(passed)]
    made = [row.run_id for row in seen.occurrences.values() if row.run_id is not None]
    assert len(made) == len(set(made))
    for row in seen.occurrences.values():
        run = seen.runs[row.run_id] if row.run_id else None
        pending = run is not None and run.state is RunState.QUEUED and run.started_at is None
        assert (row.outcome is Outcome.PENDING) == pending


def _check_runs_move(was: Seen, now: Seen) -> None:
    for key, run in was.runs.items():
        _check_states(RUN, run.state, now.runs[key].state)
        assert now.runs[key].tainted >= run.tainted
        assert now.runs[key].segment >= run.segment


def _check_approvals_move(was: Seen, now: Seen) -> None:
    for key, approval in was.approvals.items():
        _check_states(APPROVAL, approval.state, now.approvals[key].state)
        assert now.approvals[key].payload == approval.payload
        assert now.approvals[key] == approval or now.approvals[key].revision > approval.revision
        assert now.votes.get(key, set()) >= was.votes.get(key, set())


def _check_steps_move(was: Seen, now: Seen) -> None:
    for place, step in was.steps.items():
        if step.state is not StepState.FAILED:  # the read of a later attempt starts it and ends it in one action
            _check_states(STEP, step.state, now.steps[place].state)
        assert now.steps[place].request_hash == step.request_hash
        assert now.steps[place].attempts >= step.attempts
        assert now.steps[place].spent_micros >= step.spent_micros


def _check_states(table: Mapping[State, frozenset[State]], was: State, now: State) -> None:
    assert now is was or may_follow(table, was, now), (was, now)


def _check_trail(was: Seen, now: Seen) -> None:
    """The trail only grows, and it does whenever something happened."""
    assert now.trail[: len(was.trail)] == was.trail
    happened = (was.runs, was.steps, was.approvals, was.votes, was.occurrences)
    if happened != (now.runs, now.steps, now.approvals, now.votes, now.occurrences):
        assert now.head.seq > was.head.seq


def _check_cards(was: Seen, now: Seen) -> None:
    """Revisions only grow, and do so for every card whose record changed."""
    assert all(now.cards[key] >= revision for key, revision in was.cards.items())
    changed = [f"run:{run.trigger.schedule_id or run.id}" for run in _changed(was.runs, now.runs)]
    changed += [f"approval:{approval.id}" for approval in _changed(was.approvals, now.approvals)]
    for key in changed:
        assert now.cards[key] > was.cards.get(key, 0), key


def _changed(was: Mapping[str, Value], now: Mapping[str, Value]) -> list[Value]:
    return [record for key, record in now.items() if was.get(key) != record]
