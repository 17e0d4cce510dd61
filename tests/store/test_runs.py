"""Runs: one per cause, moved along their lifecycle, ended once."""

from datetime import timedelta

import pytest

from store.actions import Store
from store.actions.agents import switch_agent
from store.actions.deadlines import SESSION_GRACE_SECONDS, enforce_deadlines
from store.actions.runs import begin_segment, finish_run, request_stop, retry_run
from store.kernel.clock import ManualClock
from store.kernel.errors import Refused
from store.queries import approvals, incidents, runs
from store.records import AgentState, ApprovalState, IncidentState, RunState, StepState
from tests.store.conftest import Queue
from tests.store.samples import asked, person, requested, running


def test_one_trigger_makes_one_run(store: Store, queue: Queue) -> None:
    first, second = requested(store), requested(store)
    assert first == second
    assert [segment.key for segment in queue.segments] == [f"{first.id}/0"]


def test_a_segment_is_begun_once_and_found_again_after_a_crash(store: Store, clock: ManualClock) -> None:
    run = requested(store)
    begun = begin_segment(store, run.id, 0)
    again = begin_segment(store, run.id, 0)
    assert begun is not None
    assert again is not None
    assert (begun.state, again.state) == (RunState.RUNNING, RunState.RUNNING)
    assert again.deadline_at == begun.deadline_at
    clock.move_to(clock.now() + timedelta(hours=1))
    resumed = begin_segment(store, run.id, 0)
    assert resumed is not None
    assert resumed.deadline_at == clock.now() + timedelta(seconds=60)
    assert begin_segment(store, run.id, 1) is None


def test_a_finished_run_stays_finished(store: Store) -> None:
    run = running(store)
    finish_run(store, run.id, state=RunState.DONE, result={"n": 1})
    late = finish_run(store, run.id, state=RunState.FAILED, reason="too late")
    assert late.state is RunState.DONE
    assert begin_segment(store, run.id, 0) is None


def test_a_late_writer_of_an_earlier_segment_changes_nothing(store: Store) -> None:
    run = running(store)
    assert retry_run(store, run.id, "try again")
    assert begin_segment(store, run.id, 1) is not None
    assert finish_run(store, run.id, state=RunState.FAILED, segment=0).state is RunState.RUNNING


def test_retries_are_counted_and_end(store: Store, queue: Queue) -> None:
    run = running(store)
    assert retry_run(store, run.id, "first failure")
    again = begin_segment(store, run.id, 1)
    assert again is not None
    assert again.attempt == 2
    assert not retry_run(store, run.id, "second failure")
    assert [segment.number for segment in queue.segments] == [0, 1]


def test_stopping_a_queued_run_ends_it_and_a_running_one_is_asked(store: Store) -> None:
    queued, going = requested(store, "a"), running(store, "b")
    assert request_stop(store, queued.id, person("ana")).state is RunState.CANCELLED
    assert request_stop(store, going.id, person("ana")).state is RunState.RUNNING
    assert runs.stop_requested(store, going.id)


def test_stopping_a_waiting_run_withdraws_its_question(store: Store) -> None:
    run = running(store)
    approval = asked(store, run)
    assert request_stop(store, run.id, person("ana")).state is RunState.CANCELLED
    assert approvals.approval(store, approval.id).state is ApprovalState.WITHDRAWN
    [step] = runs.steps(store, run.id)
    assert (step.state, step.error) == (StepState.REFUSED, "its run ended: stopped by ana")


def test_a_run_that_was_queued_again_after_its_stop_was_asked_for_can_be_stopped(store: Store) -> None:
    run = running(store)
    request_stop(store, run.id, person("ana"))
    retry_run(store, run.id, "it broke")
    assert request_stop(store, run.id, person("ben")).state is RunState.CANCELLED


def test_a_paused_agent_takes_no_new_run(store: Store) -> None:
    switch_agent(store, "watch", person("ana"), state=AgentState.PAUSED)
    with pytest.raises(Refused, match="paused"):
        requested(store)
    switch_agent(store, "watch", person("ana"), state=AgentState.ACTIVE)
    assert requested(store).state is RunState.QUEUED


def test_a_failure_is_one_incident_and_a_success_closes_it(store: Store) -> None:
    for number in range(3):
        run = running(store, f"k{number}")
        finish_run(store, run.id, state=RunState.FAILED, reason="disk gone")
    [incident] = incidents.open_incidents(store)
    assert incident.count == 3
    finish_run(store, running(store, "good").id, state=RunState.DONE)
    assert incidents.incident(store, incident.id).state is IncidentState.CLOSED


def test_trouble_that_passes_and_comes_back_within_one_moment_is_a_second_incident(store: Store) -> None:
    for number, state in enumerate((RunState.FAILED, RunState.DONE, RunState.FAILED)):
        finish_run(store, running(store, f"k{number}").id, state=state, reason="disk gone")
    [incident] = incidents.open_incidents(store)
    assert incident.count == 1


def test_a_run_past_its_deadline_is_ended_by_the_sweep_after_the_grace(store: Store, clock: ManualClock) -> None:
    run = running(store)
    clock.move_to(clock.now() + timedelta(seconds=60 + SESSION_GRACE_SECONDS - 1))
    assert enforce_deadlines(store) == 0
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert enforce_deadlines(store) == 1
    assert runs.run(store, run.id).state is RunState.TIMED_OUT


def test_a_waiting_run_has_no_deadline(store: Store, clock: ManualClock) -> None:
    run = running(store)
    asked(store, run, expires_seconds=10_000)
    clock.move_to(clock.now() + timedelta(seconds=5_000))
    assert enforce_deadlines(store) == 0
    assert runs.run(store, run.id).state is RunState.WAITING
