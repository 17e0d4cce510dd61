"""Tasks that wait for one another: no circle ever forms, and what no longer waits is open and says so."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.actions import Store
from store.actions.task_claims import claim_task, release_task
from store.actions.tasks import assign_task, create_task, move_task, update_task
from store.kernel.errors import NotFound, UserMistake
from store.queries import tasks
from store.records import Owner, Task, TaskState
from store.rules.tasks import circle
from tests.store import samples
from tests.store.samples import person

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
ANA = person("ana")
OPEN, BLOCKED, DONE = TaskState.OPEN, TaskState.BLOCKED, TaskState.DONE


def made(store: Store, name: str, *blocked_by: str) -> Task:
    task = Task(
        id=f"task_{name}",
        title=name,
        agent_id="watch",
        created_by=ANA,
        created_at=NOW,
        changed_at=NOW,
        blocked_by=tuple(f"task_{one}" for one in blocked_by),
    )
    return create_task(store, task)


def waits(store: Store, name: str, *blocked_by: str) -> Task:
    changes = {"blocked_by": tuple(f"task_{one}" for one in blocked_by)}
    return update_task(store, f"task_{name}", ANA, changes=changes)


def state(store: Store, name: str) -> TaskState:
    return tasks.task(store, f"task_{name}").state


def test_what_waits_is_blocked_until_the_last_is_closed_and_says_that_it_is_workable(store: Store) -> None:
    made(store, "a")
    made(store, "b")
    assert made(store, "c", "a", "b").state is BLOCKED
    move_task(store, "task_a", ANA, to=DONE)
    assert state(store, "c") is BLOCKED
    move_task(store, "task_b", ANA, to=TaskState.DROPPED, reason="not needed")
    assert state(store, "c") is OPEN
    assert tasks.task(store, "task_c").reason == "what it waited for is closed"
    assert [event.kind for event in tasks.task_history(store, "task_c")] == [
        "task.created",
        "task.blocked",
        "task.workable",
    ]


def test_what_is_opened_again_blocks_what_waits_for_it_again(store: Store) -> None:
    made(store, "a")
    made(store, "b", "a")
    move_task(store, "task_a", ANA, to=DONE)
    move_task(store, "task_a", ANA, to=OPEN)
    assert state(store, "b") is BLOCKED
    move_task(store, "task_b", ANA, to=TaskState.IN_PROGRESS)
    assert state(store, "b") is TaskState.IN_PROGRESS, "a person may begin what waits"


def test_what_is_returned_while_it_waits_again_is_blocked_and_not_open(store: Store) -> None:
    made(store, "a")
    made(store, "b", "a")
    made(store, "c", "a")
    move_task(store, "task_a", ANA, to=DONE)
    run = samples.running(store)
    for name in ("b", "c"):
        claim_task(store, f"task_{name}", run.id)
    move_task(store, "task_a", ANA, to=OPEN)
    assert release_task(store, "task_b", run.id, "no").state is BLOCKED
    assert assign_task(store, "task_c", ANA, to=Owner(person_id="ben")).state is BLOCKED


def test_a_reason_of_its_own_stands_until_what_it_waits_for_changes(store: Store) -> None:
    made(store, "a")
    made(store, "b", "a")
    move_task(store, "task_a", ANA, to=DONE)
    assert move_task(store, "task_b", ANA, to=BLOCKED, reason="no access").state is BLOCKED
    update_task(store, "task_b", ANA, changes={"title": "another"})
    assert (state(store, "b"), tasks.task(store, "task_b").reason) == (BLOCKED, "no access")


def test_a_circle_is_refused_before_it_forms(store: Store) -> None:
    made(store, "a")
    made(store, "b", "a")
    made(store, "c", "b")
    with pytest.raises(UserMistake, match="task_a → task_c → task_b → task_a"):
        waits(store, "a", "c")
    with pytest.raises(UserMistake, match="task_a → task_a"):
        waits(store, "a", "a")
    with pytest.raises(NotFound, match="task_x"):
        waits(store, "a", "x")
    with pytest.raises(UserMistake, match="at most 20"):
        made(store, "many", *(f"n{number}" for number in range(21)))
    assert tasks.task(store, "task_a").blocked_by == ()


NAMES = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(NAMES, st.sets(NAMES, max_size=4)), max_size=30))
def test_whatever_links_are_made_in_whatever_order_no_circle_forms(wanted: list[tuple[str, set[str]]]) -> None:
    links: dict[str, set[str]] = {}
    for task, blockers in wanted:
        found = circle(links, task, blockers)
        if found is None:
            links[task] = blockers
            assert task not in reachable(links, task)
        else:
            assert found[0] == found[-1] == task
            after = {**links, task: blockers}
            assert all(onward in after[one] for one, onward in pairwise(found))


def reachable(links: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = set(links.get(start, ()))
    while ahead:
        found |= ahead
        ahead = {onward for one in ahead for onward in links.get(one, ())} - found
    return found
