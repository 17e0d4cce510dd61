"""Claims: one run works on a task at a time, as long as it lives and keeps its lease; a wait of days costs nothing."""

from datetime import timedelta

import pytest

from store.actions import Store
from store.actions.approvals import decide_approval
from store.actions.deadlines import enforce_deadlines
from store.actions.runs import begin_segment, finish_run, retry_run
from store.actions.task_claims import claim_task, release_task, renew_task
from store.actions.tasks import assign_task, create_task, move_task, update_task
from store.kernel.clock import ManualClock
from store.kernel.errors import IllegalTransition, UserMistake
from store.queries import incidents, tasks
from store.queries.deadlines import next_deadline, next_expiry
from store.records import SYSTEM, Owner, Run, RunState, Task, TaskState
from tests.store import samples
from tests.store.conftest import START
from tests.store.samples import person

ANA = person("ana")
MINUTE = timedelta(minutes=1)


def made(store: Store, name: str = "a", **changes: object) -> Task:
    task = Task(id=f"task_{name}", title="Look", agent_id="watch", created_by=ANA, created_at=START, changed_at=START)
    return create_task(store, task.model_copy(update=changes))


def state(store: Store, task_id: str = "task_a") -> tuple[TaskState, str | None]:
    task = tasks.task(store, task_id)
    return task.state, task.held_by


def running(store: Store, key: str, agent_id: str = "watch") -> Run:
    run = begin_segment(store, samples.requested(store, key, agent_id=agent_id).id, 0)
    assert run is not None
    return run


def test_of_two_runs_one_works_on_it_and_the_other_is_told_which(store: Store) -> None:
    made(store)
    first, second = running(store, "one"), running(store, "two")
    held = claim_task(store, "task_a", first.id, lease_seconds=60)
    assert (held.state, held.held_by, held.held_until) == (TaskState.IN_PROGRESS, first.id, START + MINUTE)
    assert claim_task(store, "task_a", first.id) == held, "it holds it already"
    with pytest.raises(UserMistake, match=first.id):
        claim_task(store, "task_a", second.id)


def test_what_belongs_to_nobody_is_whoevers_takes_it_up_until_it_is_returned(store: Store) -> None:
    made(store, agent_id=None)
    mine, others = running(store, "one"), running(store, "two", "scribe")
    assert claim_task(store, "task_a", mine.id).agent_id == "watch"
    returned = release_task(store, "task_a", mine.id, "too hard")
    assert (returned.agent_id, returned.state, returned.reason) == (None, TaskState.OPEN, "too hard")
    assert claim_task(store, "task_a", others.id).agent_id == "scribe"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"agent_id": "scribe"}, "belongs to scribe"),
        ({"agent_id": None, "person_id": "ana"}, "belongs to ana"),
        ({"state": TaskState.DONE}, "is done"),
    ],
)
def test_what_is_not_ones_own_is_not_taken_up(store: Store, changes: dict[str, object], why: str) -> None:
    made(store, "a", **changes)
    with pytest.raises(UserMistake, match=why):
        claim_task(store, "task_a", running(store, "one").id)


def test_a_lease_that_passes_opens_the_task_and_a_renewed_one_does_not(store: Store, clock: ManualClock) -> None:
    made(store)
    run = running(store, "one")
    claim_task(store, "task_a", run.id, lease_seconds=20)
    clock.move_to(START + timedelta(seconds=15))
    assert renew_task(store, "task_a", run.id).held_until == START + timedelta(seconds=35)
    assert next_deadline(store) == START + timedelta(seconds=35)
    clock.move_to(START + timedelta(seconds=34))
    assert enforce_deadlines(store) == 0
    clock.move_to(START + timedelta(seconds=35))
    assert enforce_deadlines(store) == 1
    assert state(store) == (TaskState.OPEN, None)
    assert [event.kind for event in tasks.task_history(store, "task_a")][-1] == "task.lapsed"
    with pytest.raises(UserMistake, match="claim it again"):
        renew_task(store, "task_a", run.id)


def test_a_wait_of_days_does_not_end_a_claim(store: Store, clock: ManualClock) -> None:
    made(store)
    run = running(store, "one")
    claim_task(store, "task_a", run.id, lease_seconds=60)
    asked = samples.asked(store, run, expires_seconds=30 * 86_400)
    clock.move_to(START + timedelta(days=9))
    assert enforce_deadlines(store) == 0
    assert state(store) == (TaskState.IN_PROGRESS, run.id)
    decide_approval(
        store,
        asked.id,
        person_id="ben",
        account="U2",
        surface="console",
        approve=True,
        eligible=frozenset({"ana", "ben"}),
    )
    assert begin_segment(store, run.id, 1) is not None
    assert tasks.task(store, "task_a").held_until == START + timedelta(days=9, minutes=1)
    clock.move_to(START + timedelta(days=9, minutes=1))
    assert enforce_deadlines(store) >= 1
    assert state(store) == (TaskState.OPEN, None)


def test_a_retry_keeps_the_claim_and_so_does_a_segment_that_is_run_again(store: Store, clock: ManualClock) -> None:
    made(store)
    run = running(store, "one")
    claim_task(store, "task_a", run.id, lease_seconds=60)
    assert retry_run(store, run.id, "it broke")
    assert tasks.task(store, "task_a").held_until is None
    clock.move_to(START + timedelta(hours=3))
    begin_segment(store, run.id, 1)
    clock.move_to(START + timedelta(hours=5))
    begin_segment(store, run.id, 1)
    assert tasks.task(store, "task_a").held_until == START + timedelta(hours=5, minutes=1)


@pytest.mark.parametrize("ended", [RunState.DONE, RunState.FAILED, RunState.NEEDS_ATTENTION])
def test_the_end_of_the_run_is_the_end_of_its_claims(store: Store, ended: RunState) -> None:
    for name in ("a", "b"):
        made(store, name)
    run = running(store, "one")
    claim_task(store, "task_a", run.id)
    claim_task(store, "task_b", run.id)
    finish_run(store, run.id, state=ended)
    assert [state(store, f"task_{name}") for name in ("a", "b")] == [(TaskState.OPEN, None)] * 2
    assert ended.value in str(tasks.task(store, "task_a").reason)
    with pytest.raises(IllegalTransition):
        claim_task(store, "task_a", run.id)


def test_a_person_may_move_or_hand_over_what_a_run_works_on(store: Store) -> None:
    made(store)
    run = running(store, "one")
    claim_task(store, "task_a", run.id)
    given = assign_task(store, "task_a", ANA, to=Owner(person_id="ben"))
    assert (given.state, given.held_by, given.person_id) == (TaskState.OPEN, None, "ben")
    made(store, "b")
    claim_task(store, "task_b", run.id)
    assert move_task(store, "task_b", ANA, to=TaskState.DONE).held_by is None
    finish_run(store, run.id, state=RunState.DONE)
    assert tasks.task(store, "task_b").state is TaskState.DONE


def test_overdue_is_said_once_and_the_card_about_it_goes_with_the_last(store: Store, clock: ManualClock) -> None:
    for name in ("a", "b"):
        made(store, name, due_at=START + MINUTE)
    assert next_deadline(store) == START + MINUTE
    clock.move_to(START + 2 * MINUTE)
    assert enforce_deadlines(store) == 2
    assert enforce_deadlines(store) == 0
    [incident] = incidents.open_incidents(store)
    assert (incident.kind, incident.count) == ("overdue", 2)
    titles = {tasks.task(store, f"task_{name}").title for name in ("a", "b")}
    assert {example["task"] for example in incident.examples} == titles
    assert {str(example["card"]) for example in incident.examples} == {
        f"task:{tasks.task(store, f'task_{name}').slot}" for name in ("a", "b")
    }
    move_task(store, "task_a", ANA, to=TaskState.DONE)
    assert len(incidents.open_incidents(store)) == 1
    update_task(store, "task_b", ANA, changes={"due_at": START + timedelta(days=1)})
    assert incidents.open_incidents(store) == []
    assert tasks.task(store, "task_b").escalated_at is None


def test_the_moment_a_deadline_names_is_the_moment_it_is_kept(store: Store, clock: ManualClock) -> None:
    """Or a clock that steps from deadline to deadline would stand still there for ever."""
    made(store, due_at=START + MINUTE)
    assert next_expiry(store) is None, "a task is no approval"
    due = next_deadline(store)
    assert due is not None
    clock.move_to(due)
    assert enforce_deadlines(store) == 1
    assert next_deadline(store) is None


def test_a_new_owner_takes_the_card_about_overdue_tasks_along(store: Store, clock: ManualClock) -> None:
    made(store, due_at=START + MINUTE)
    clock.move_to(START + 2 * MINUTE)
    enforce_deadlines(store)
    assign_task(store, "task_a", SYSTEM, to=Owner(person_id="ben"))
    assert incidents.open_incidents(store) == []
    enforce_deadlines(store)
    assert [one.cause for one in incidents.open_incidents(store)] == ["tasks.overdue:ben"]
