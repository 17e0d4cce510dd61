"""A run's log begins with the first thing worth it, stands in the thread of the run's card, and grows with the run."""

import pytest

from store.actions import Store
from store.actions.approvals import decide_approval
from store.actions.runs import begin_segment, finish_run
from store.actions.schedules import fire_schedule, install_schedules
from store.actions.steps import begin_step, record_read, refuse_step, settle_step
from store.queries import cards, schedules
from store.records import CardKind, CardRow, Outcome, Run, RunState, StepIntent, StepState
from tests.store.samples import asked, intent, person, running
from tests.store.test_schedules import every_ten, plan


def log_of(store: Store, run: Run) -> CardRow | None:
    return cards.card(store, f"log:{run.id}")


def scheduled(store: Store) -> Run:
    """A run that nobody asked for."""
    install_schedules(store, [every_ten()])
    fire_schedule(store, plan(Outcome.PENDING))
    [occurrence] = [row for row in schedules.occurrences(store) if row.run_id]
    run = begin_segment(store, str(occurrence.run_id), 0)
    assert run is not None
    return run


def quiet(run: Run, place: int = 0) -> StepIntent:
    return intent(run, place)


def test_a_run_without_a_finished_step_has_no_log(store: Store) -> None:
    run = running(store)
    begin_step(store, intent(run))
    assert log_of(store, run) is None
    finish_run(store, run.id, state=RunState.DONE)
    assert log_of(store, run) is None


def test_each_step_of_a_run_that_a_person_asked_for_is_logged_in_its_thread(store: Store) -> None:
    run = running(store, by=person("ana"))
    record_read(store, quiet(run), result=1)
    log = log_of(store, run)
    assert log is not None
    assert (log.kind, log.thread_of, log.channel) == (CardKind.LOG, f"run:{run.id}", run.agent_id)
    record_read(store, quiet(run, 1), result=1)
    finish_run(store, run.id, state=RunState.DONE)
    ended = log_of(store, run)
    assert ended is not None
    assert ended.revision == log.revision + 2


def test_a_quiet_scheduled_run_has_no_log_and_one_in_trouble_has(store: Store) -> None:
    run = scheduled(store)
    record_read(store, quiet(run), result=1)
    assert log_of(store, run) is None
    refuse_step(store, intent(run, 1), reason="not allowed", rule_id="R1")
    log = log_of(store, run)
    assert log is not None
    assert log.thread_of == "run:watch-often"  # runs of one schedule share a card, and its thread
    record_read(store, quiet(run, 2), result=1)
    again = log_of(store, run)
    assert again is not None
    assert again.revision == log.revision + 1  # once begun, it is whole


@pytest.mark.parametrize("state", [StepState.FAILED, StepState.UNKNOWN])
def test_what_went_wrong_begins_a_log(store: Store, state: StepState) -> None:
    run = scheduled(store)
    begin_step(store, intent(run))
    settle_step(store, run.id, "t0", state=state, error="the disk did not answer")
    assert log_of(store, run) is not None


def test_what_cost_money_begins_a_log(store: Store) -> None:
    run = scheduled(store)
    begin_step(store, intent(run, hold_micros=100))
    settle_step(store, run.id, "t0", state=StepState.DONE, spent_micros=40)
    assert log_of(store, run) is not None


def test_a_question_and_its_decision_are_logged(store: Store) -> None:
    run = scheduled(store)
    approval = asked(store, run)
    begun = log_of(store, run)
    assert begun is not None
    decide_approval(
        store, approval.id, person_id="ben", account="U2", surface="slack", approve=True, eligible=frozenset({"ben"})
    )
    decided = log_of(store, run)
    assert decided is not None
    assert decided.revision > begun.revision
