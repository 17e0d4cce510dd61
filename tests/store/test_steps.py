"""Steps: intent before, outcome after, money held in between."""

import pytest

from store.actions import Store
from store.actions.approvals import claim_approved, decide_approval
from store.actions.runs import begin_segment, finish_run, request_stop, retry_run
from store.actions.steps import begin_step, record_read, refuse_step, settle_step
from store.kernel.errors import IllegalTransition, Refused
from store.queries import approvals, incidents, runs
from store.records import Run, RunState, StepState
from tests.store.samples import asked, intent, person, running


def total(store: Store, run: Run) -> int:
    now = runs.run(store, run.id)
    return now.held_micros + now.spent_micros


def test_the_worst_case_is_held_and_the_cost_settled(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run, hold_micros=600))
    assert (runs.run(store, run.id).held_micros, runs.run(store, run.id).spent_micros) == (600, 0)
    settle_step(store, run.id, "t0", state=StepState.DONE, result={"x": 1.5}, spent_micros=200)
    assert (runs.run(store, run.id).held_micros, runs.run(store, run.id).spent_micros) == (0, 200)
    assert runs.steps(store, run.id)[0].result == {"x": 1.5}


def test_a_call_that_could_overspend_is_refused_before_it_is_made(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run, 0, hold_micros=600))
    with pytest.raises(Refused) as refusal:
        begin_step(store, intent(run, 1, hold_micros=401))
    assert refusal.value.rule == "budget.run"
    assert [step.key for step in runs.steps(store, run.id)] == ["t0"]


def test_the_days_cap_holds_across_runs(store: Store) -> None:
    first, second = running(store, "a"), running(store, "b")
    begin_step(store, intent(first, hold_micros=1_000))
    with pytest.raises(Refused) as refusal:
        begin_step(store, intent(second, hold_micros=501))
    assert refusal.value.rule == "budget.day"
    begin_step(store, intent(second, hold_micros=500))


def test_an_unsettled_hold_counts_as_spent_when_the_run_ends(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run, hold_micros=700))
    ended = finish_run(store, run.id, state=RunState.FAILED, reason="died")
    assert (ended.held_micros, ended.spent_micros) == (0, 700)
    settle_step(store, run.id, "t0", state=StepState.DONE, spent_micros=100)
    assert total(store, run) == 100


def test_a_step_started_again_keeps_its_old_hold_as_spent(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run, hold_micros=300))
    again = begin_step(store, intent(run, hold_micros=300))
    assert again.attempts == 2
    assert (runs.run(store, run.id).held_micros, runs.run(store, run.id).spent_micros) == (300, 300)


def test_a_bill_for_what_was_to_cost_nothing_counts_for_its_day(store: Store) -> None:
    first, second = running(store, "a"), running(store, "b")
    begin_step(store, intent(first))
    settle_step(store, first.id, "t0", state=StepState.DONE, spent_micros=1_400)
    with pytest.raises(Refused) as refusal:
        begin_step(store, intent(second, hold_micros=200))
    assert refusal.value.rule == "budget.day"


def test_the_step_cap_holds(store: Store) -> None:
    run = running(store)
    for place in range(5):
        record_read(store, intent(run, place), result=place)
    with pytest.raises(Refused) as refusal:
        record_read(store, intent(run, 5), result=5)
    assert refusal.value.rule == "limit.steps"


def test_a_caller_whose_run_moved_on_may_not_act(store: Store) -> None:
    run = running(store)
    retry_run(store, run.id, "again")
    with pytest.raises(IllegalTransition):
        begin_step(store, intent(run))
    begin_segment(store, run.id, 1)
    with pytest.raises(IllegalTransition):
        begin_step(store, intent(run))


def test_one_key_stands_for_one_request(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run))
    with pytest.raises(IllegalTransition):
        begin_step(store, intent(run, arguments={"other": True}))


def test_an_outcome_is_recorded_once_and_even_after_the_end(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run))
    finish_run(store, run.id, state=RunState.TIMED_OUT, reason="late")
    first = settle_step(store, run.id, "t0", state=StepState.DONE, result="moved")
    second = settle_step(store, run.id, "t0", state=StepState.FAILED, error="no")
    assert first == second
    assert second.state is StepState.DONE


def test_an_unknown_outcome_opens_an_incident_and_keeps_the_hold_as_spent(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run, hold_micros=250, irreversible=True))
    settle_step(store, run.id, "t0", state=StepState.UNKNOWN, error="the process died")
    assert incidents.open_incidents(store)[0].kind == "unknown"
    assert runs.run(store, run.id).spent_micros == 250


def test_a_refusal_is_a_step_with_its_reason(store: Store) -> None:
    run = running(store)
    step = refuse_step(store, intent(run), reason="not in scope", rule_id="scope")
    assert (step.state, step.error, step.rule_id) == (StepState.REFUSED, "not in scope", "scope")
    assert refuse_step(store, intent(run), reason="again", rule_id="scope") == step


def test_taint_only_grows(store: Store) -> None:
    run = running(store)
    record_read(store, intent(run, 0), result="from a stranger", taint=True)
    record_read(store, intent(run, 1), result="from us", taint=False)
    assert runs.run(store, run.id).tainted


def failed(store: Store, run: Run, place: int = 0) -> None:
    begin_step(store, intent(run, place))
    settle_step(store, run.id, f"t{place}", state=StepState.FAILED, error="it broke")


def test_a_failed_step_may_have_to_be_asked_about_when_it_is_tried_again(store: Store) -> None:
    run = running(store)
    failed(store, run)
    approval = asked(store, run)
    [step] = runs.steps(store, run.id)
    assert (step.state, step.approval_id, step.error) == (StepState.WAITING, approval.id, None)
    assert runs.run(store, run.id).step_count == 1


def test_a_failed_step_may_be_refused_when_it_is_tried_again(store: Store) -> None:
    run = running(store)
    failed(store, run)
    step = refuse_step(store, intent(run), reason="no longer in scope", rule_id="scope")
    assert (step.state, step.error, step.rule_id) == (StepState.REFUSED, "no longer in scope", "scope")
    with pytest.raises(IllegalTransition):
        begin_step(store, intent(run))


def test_a_step_under_way_cannot_become_refused(store: Store) -> None:
    run = running(store)
    begun = begin_step(store, intent(run, hold_micros=100))
    assert refuse_step(store, intent(run), reason="too late", rule_id="scope") == begun


def approved(store: Store) -> Run:
    run = running(store)
    approval = asked(store, run)
    eligible = frozenset({"ana"})
    decide_approval(
        store, approval.id, person_id="ana", account="ana", surface="console", approve=True, eligible=eligible
    )
    again = begin_segment(store, run.id, 1)
    assert again is not None
    return again


def test_only_its_claim_starts_a_step_that_waits_for_a_decision(store: Store) -> None:
    run = approved(store)
    with pytest.raises(IllegalTransition, match="bound to approval"):
        begin_step(store, intent(run))
    with pytest.raises(IllegalTransition, match="bound to approval"):
        record_read(store, intent(run), result=1)
    assert runs.steps(store, run.id)[0].state is StepState.WAITING


def test_an_approved_call_that_failed_is_not_made_again_on_the_same_approval(store: Store) -> None:
    run = approved(store)
    [approval] = approvals.approvals_of_run(store, run.id)
    assert claim_approved(store, approval.id, approval.call_hash, eligible=frozenset({"ana"}))
    settle_step(store, run.id, "t0", state=StepState.FAILED, error="it broke")
    with pytest.raises(IllegalTransition, match="bound to approval"):
        begin_step(store, intent(run))
    with pytest.raises(IllegalTransition, match="bound to approval"):
        asked(store, run)


def test_a_step_that_waits_holds_no_money(store: Store) -> None:
    run = running(store)
    asked(store, run, hold_micros=500)
    assert runs.steps(store, run.id)[0].held_micros == 0
    assert request_stop(store, run.id, person("ana")).spent_micros == 0
