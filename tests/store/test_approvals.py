"""Approvals: asked once, decided once by somebody who may, executed once."""

import threading
from datetime import timedelta

import pytest

from store.actions import Store
from store.actions.approvals import (
    Decision,
    Verdict,
    claim_approved,
    decide_approval,
    edit_approval,
    expire_approval,
    put_off_approved,
    resume_approved,
)
from store.actions.deadlines import enforce_deadlines
from store.actions.runs import begin_segment, request_stop
from store.actions.steps import settle_step
from store.kernel.canonical import JsonObject, call_hash
from store.kernel.clock import ManualClock
from store.kernel.errors import Refused
from store.queries import approvals, audit, runs
from store.records import Approval, ApprovalState, EditedCall, Requirement, RunState, StepState
from store.rules.put_off import LATEST, SOONEST, next_try_at
from tests.store.conftest import Queue
from tests.store.samples import asked, person, running

ROLE = frozenset({"ana", "ben"})


def decide(store: Store, approval: Approval, who: str, *, approve: bool = True, surface: str = "console") -> Decision:
    return decide_approval(
        store, approval.id, person_id=who, account=f"{surface}-{who}", surface=surface, approve=approve, eligible=ROLE
    )


def test_what_is_shown_is_what_is_bound(store: Store) -> None:
    approval = asked(store, running(store))
    assert call_hash({"agent": "watch", "tool": "files.move", "arguments": {"n": 0}}) == approval.call_hash
    assert approval.payload == '{"agent":"watch","arguments":{"n":0},"tool":"files.move"}'


def test_asking_parks_the_run_and_deciding_enqueues_its_next_segment(store: Store, queue: Queue) -> None:
    run = running(store)
    approval = asked(store, run)
    assert runs.run(store, run.id).state is RunState.WAITING
    assert decide(store, approval, "ana").verdict is Verdict.DECIDED
    assert runs.run(store, run.id).state is RunState.QUEUED
    assert [segment.key for segment in queue.segments] == [f"{run.id}/0", f"{run.id}/1"]


def test_the_second_click_is_told_who_decided(store: Store) -> None:
    approval = asked(store, running(store))
    decide(store, approval, "ana", surface="slack")
    late = decide(store, approval, "ben", approve=False)
    assert late.verdict is Verdict.TOO_LATE
    assert late.words == "This was already approved by ana on slack."


def test_a_person_with_two_accounts_votes_once(store: Store) -> None:
    approval = asked(store, running(store), quorum=2)
    assert decide(store, approval, "ana", surface="slack").verdict is Verdict.COUNTED
    assert decide(store, approval, "ana", surface="console").verdict is Verdict.REPEATED
    assert approvals.approval(store, approval.id).state is ApprovalState.OPEN
    assert decide(store, approval, "ben").verdict is Verdict.DECIDED


def test_who_asked_may_not_decide_and_strangers_may_not_either(store: Store) -> None:
    approval = asked(store, running(store, by=person("ana")))
    assert decide(store, approval, "ana").verdict is Verdict.REFUSED
    assert decide(store, approval, "eve").verdict is Verdict.REFUSED
    kinds = [event.data["why"] for event in audit.events_for(store, "approval", approval.id)[1:]]
    assert kinds == ["asked_for_it", "not_in_role"]
    assert decide(store, approval, "ben").verdict is Verdict.DECIDED


def test_one_rejection_rejects(store: Store) -> None:
    run = running(store)
    approval = asked(store, run, quorum=2)
    assert decide(store, approval, "ana", approve=False).approval.state is ApprovalState.REJECTED
    assert runs.steps(store, run.id)[0].state is StepState.REFUSED


def test_racing_clicks_make_one_decision(store: Store, queue: Queue) -> None:
    run = running(store)
    approval = asked(store, run)
    start, found = threading.Barrier(2), []

    def click(who: str, approve: bool) -> None:
        start.wait()
        found.append(decide(store, approval, who, approve=approve).verdict)

    threads = [threading.Thread(target=click, args=args) for args in (("ana", True), ("ben", False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [Verdict.DECIDED, Verdict.TOO_LATE]
    assert [segment.number for segment in queue.segments] == [0, 1]


def test_a_timeout_is_nobodys_no(store: Store, clock: ManualClock) -> None:
    run = running(store)
    approval = asked(store, run, expires_seconds=60)
    assert not expire_approval(store, approval.id)
    clock.move_to(clock.now() + timedelta(seconds=60))
    late = decide(store, approval, "ana")
    assert late.verdict is Verdict.TOO_LATE
    assert late.approval.state is ApprovalState.EXPIRED
    assert "expired" in late.words
    assert runs.run(store, run.id).state is RunState.QUEUED


def approved(store: Store, within: int | None = None) -> Approval:
    run = running(store)
    approval = asked(store, run, within=within)
    decide(store, approval, "ana")
    assert begin_segment(store, run.id, 1) is not None
    return approval


def test_an_approved_call_is_taken_once(store: Store) -> None:
    approval = approved(store)
    assert claim_approved(store, approval.id, approval.call_hash, eligible=ROLE)
    assert not claim_approved(store, approval.id, approval.call_hash, eligible=ROLE)
    settle_step(store, approval.run_id, approval.step_key, state=StepState.DONE, result={})
    assert approvals.approval(store, approval.id).state is ApprovalState.EXECUTED


def test_an_approved_call_nobody_can_judge_now_waits_and_is_tried_again(
    store: Store, queue: Queue, clock: ManualClock
) -> None:
    approval = approved(store)
    assert put_off_approved(store, approval.id, "Nobody knows.")
    run = runs.run(store, approval.run_id)
    assert (run.state, run.segment, run.reason) == (RunState.WAITING, 2, "Nobody knows.")
    assert approvals.approval(store, approval.id).state is ApprovalState.APPROVED
    assert enforce_deadlines(store) == 0
    clock.move_to(clock.now() + SOONEST)
    assert enforce_deadlines(store) == 1
    assert [segment.number for segment in queue.segments] == [0, 1, 2]
    assert not resume_approved(store, approval.id)


def test_the_longer_a_call_is_put_off_the_more_rarely_it_is_tried(clock: ManualClock) -> None:
    now = clock.now()
    waits = [next_try_at(now - timedelta(seconds=seconds), now) - now for seconds in (0, 60, 86_400)]
    assert waits == [SOONEST, timedelta(seconds=15), LATEST]


def test_what_is_put_off_again_for_the_same_reason_is_said_once(store: Store, clock: ManualClock) -> None:
    approval = approved(store)
    for segment in (2, 3):
        put_off_approved(store, approval.id, "Nobody knows.")
        clock.move_to(clock.now() + LATEST)
        enforce_deadlines(store)
        assert begin_segment(store, approval.run_id, segment) is not None
    kinds = [event.kind for event in audit.events_for(store, "approval", approval.id)]
    assert kinds.count("approval.put_off") == 1
    assert claim_approved(store, approval.id, approval.call_hash, eligible=ROLE)
    assert approvals.approval(store, approval.id).outcome is None


def test_what_is_put_off_past_its_time_lapses(store: Store, clock: ManualClock) -> None:
    approval = approved(store, within=60)
    clock.move_to(clock.now() + timedelta(seconds=60))
    assert not put_off_approved(store, approval.id, "Nobody knows.")
    assert approvals.approval(store, approval.id).state is ApprovalState.LAPSED
    assert runs.run(store, approval.run_id).state is RunState.RUNNING


def test_a_run_stopped_while_its_call_is_put_off_makes_it_no_more(store: Store) -> None:
    approval = approved(store)
    request_stop(store, approval.run_id, person("ben"))
    assert put_off_approved(store, approval.id, "Nobody knows.")
    assert runs.run(store, approval.run_id).state is RunState.CANCELLED
    assert approvals.approval(store, approval.id).state is ApprovalState.WITHDRAWN


def test_a_run_that_waits_for_something_else_is_not_woken(store: Store) -> None:
    approval = approved(store)
    assert not resume_approved(store, approval.id)
    other = asked(store, running(store, "other"))
    assert not resume_approved(store, other.id)
    assert enforce_deadlines(store) == 0


@pytest.mark.parametrize(
    ("bound", "eligible", "state"),
    [
        ("another hash", ROLE, ApprovalState.REFUSED),
        (None, frozenset({"ben"}), ApprovalState.REFUSED),
    ],
)
def test_what_was_decided_is_checked_again_at_execution(
    store: Store, bound: str | None, eligible: frozenset[str], state: ApprovalState
) -> None:
    approval = approved(store)
    assert not claim_approved(store, approval.id, bound or approval.call_hash, eligible=eligible)
    assert approvals.approval(store, approval.id).state is state
    assert runs.steps(store, approval.run_id)[0].state is StepState.REFUSED


def test_an_approved_call_lapses_when_it_is_not_executed_in_time(store: Store, clock: ManualClock) -> None:
    approval = approved(store, within=30)
    clock.move_to(clock.now() + timedelta(seconds=30))
    assert not claim_approved(store, approval.id, approval.call_hash, eligible=ROLE)
    assert approvals.approval(store, approval.id).state is ApprovalState.LAPSED


def edited(store: Store, approval: Approval, who: str, eligible: frozenset[str] = ROLE) -> Approval:
    request: JsonObject = {"agent": "watch", "tool": "files.move", "arguments": {"n": 7}}
    call = EditedCall(
        arguments={"n": 7},
        request=request,
        summary="Moves another file",
        rule_id="R1",
        rule_reason=None,
        requirement=Requirement(role="approver", expires_seconds=600),
    )
    return edit_approval(store, approval.id, person_id=who, surface="console", edited=call, eligible=eligible)


def test_an_edit_is_a_new_call_that_its_editor_may_not_decide(store: Store) -> None:
    old = asked(store, running(store))
    new = edited(store, old, "ana")
    assert approvals.approval(store, old.id).state is ApprovalState.SUPERSEDED
    assert approvals.approval(store, old.id).superseded_by == new.id
    assert (new.call_hash != old.call_hash, new.supersedes) == (True, old.id)
    assert decide(store, old, "ben").verdict is Verdict.TOO_LATE
    assert decide(store, new, "ana").verdict is Verdict.REFUSED
    assert decide(store, new, "ben").verdict is Verdict.DECIDED
    assert approvals.approval_for_step(store, old.run_id, old.step_key) == approvals.approval(store, new.id)


def test_only_the_role_may_edit_and_only_what_is_open(store: Store) -> None:
    approval = asked(store, running(store))
    with pytest.raises(Refused, match="role"):
        edited(store, approval, "eve", eligible=ROLE)
    decide(store, approval, "ben")
    with pytest.raises(Refused, match="no longer open"):
        edited(store, approval, "ana")


def test_a_run_that_was_told_to_stop_asks_nobody(store: Store) -> None:
    run = running(store)
    request_stop(store, run.id, person("ana"))
    approval = asked(store, run)
    assert approvals.approval(store, approval.id).state is ApprovalState.WITHDRAWN
    assert runs.run(store, run.id).state is RunState.CANCELLED
    assert approvals.open_approvals(store) == []
