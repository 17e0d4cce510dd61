"""What must be true after any crash, read from outside: the database, the chat's messages and the tools' own ledger."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from store.queries import approvals, runs, schedules
from store.queries.audit import verify_audit
from store.records import ApprovalState, Outcome, RunState, StepKind, StepState
from tests.crash.team import TeamDrill
from tests.crash.thinking import TURNS

SECOND = timedelta(seconds=1)


def check_all(exercise: TeamDrill) -> None:
    """Raises AssertionError at the first thing that a crash broke."""
    check_effects(exercise)
    check_work(exercise)
    check_thinking(exercise)
    check_due_times(exercise)
    check_approvals(exercise)
    check_messages(exercise)
    head, broken = verify_audit(exercise.store)
    assert broken is None, broken
    assert head.seq > 0


def check_effects(exercise: TeamDrill) -> None:
    """The call that each run had in flight at most once more; one that is final or can be looked up never."""
    twice = [call for call, times in exercise.ledger().items() if times > 1]
    run_of = {
        step.idempotency_key: run.id
        for run in runs.recent_runs(exercise.store, limit=10_000)
        for step in runs.steps(exercise.store, run.id)
    }
    of_one_run = Counter(run_of.get(key) for _, key in twice)
    assert max(of_one_run.values(), default=0) <= 1, twice
    assert all(tool == "ledger.look" for tool, _ in twice), twice
    assert max(exercise.ledger().values(), default=0) <= 2


def check_work(exercise: TeamDrill) -> None:
    """One run for one order; it is done, unless a final call may or may not have happened: then a person is asked."""
    run = exercise.ordered_run("worker")
    steps = runs.steps(exercise.store, run.id)
    unknown = [step for step in steps if step.state is StepState.UNKNOWN]
    assert run.state is (RunState.NEEDS_ATTENTION if unknown else RunState.DONE), (run, steps)
    assert all(step.irreversible for step in unknown)
    assert sum(step.attempts - 1 for step in steps if step.attempts) <= 1
    launches = [times for (tool, _), times in exercise.ledger().items() if tool == "ledger.launch"]
    assert launches == [1] or (unknown and launches == [])


def check_thinking(exercise: TeamDrill) -> None:
    """Each turn is on record once, was asked again at most where a kill cut it off, and its money is accounted for."""
    run = exercise.ordered_run("thinker")
    steps = runs.steps(exercise.store, run.id)
    turns = [step for step in steps if step.kind is StepKind.MODEL]
    assert (run.state, {step.state for step in steps}) == (RunState.DONE, {StepState.DONE})
    assert [step.key for step in turns] == [f"{turn}.model.1" for turn in range(1, TURNS + 1)]
    asked = Counter(seen.headers["idempotency-key"] for seen in exercise.thinking.provider.seen)
    assert set(asked) == {step.idempotency_key for step in turns}
    assert asked.total() <= TURNS + exercise.kills()
    assert all(step.attempts >= asked[step.idempotency_key] for step in turns)
    assert run.held_micros == sum(step.held_micros for step in steps) == 0
    assert run.spent_micros == sum(step.spent_micros for step in steps) > 0


def check_due_times(exercise: TeamDrill) -> None:
    """Every second since the first is one row, and has an end."""
    rows = schedules.occurrences(exercise.store, "ticker.second", limit=100_000)
    dues = sorted(row.due_at for row in rows)
    gaps = [then - now for now, then in pairwise(dues) if then - now != SECOND]
    assert gaps == []
    assert len(dues) == len(set(dues))
    done = [row for row in rows if row.outcome in (Outcome.RAN, Outcome.LATE)]
    assert len({row.run_id for row in done}) == len(done)


def check_approvals(exercise: TeamDrill) -> None:
    """One decision, and it took effect once."""
    run = exercise.ordered_run("worker")
    for approval in approvals.approvals_of_run(exercise.store, run.id):
        assert approval.state is ApprovalState.EXECUTED
        assert [vote.person_id for vote in approvals.votes(exercise.store, approval.id)] == ["ben"]
    appended = [times for (tool, _), times in exercise.ledger().items() if tool == "ledger.append"]
    assert appended in ([1], [])


def check_messages(exercise: TeamDrill) -> None:
    """Each card is one message."""
    doubled = [key for key, times in exercise.keys().items() if times > 1]
    assert doubled == [], doubled
