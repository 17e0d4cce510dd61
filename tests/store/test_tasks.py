"""Tasks: made once, moved only along their lifecycle, and only by who saw them as they are."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from store.actions import Store
from store.actions.tasks import assign_task, create_task, move_task
from store.kernel.errors import NotFound, UserMistake
from store.queries import cards, tasks
from store.queries.audit import events_for
from store.records import CardKind, Owner, Task, TaskState
from store.rules.lifecycles import TASK
from tests.store.samples import person

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
ANA, BEN = person("ana"), person("ben")


def made(store: Store, name: str = "a", **changes: object) -> Task:
    task = Task(
        id=f"task_{name}", title=f"Look at {name}", agent_id="watch", created_by=ANA, created_at=NOW, changed_at=NOW
    )
    return create_task(store, task.model_copy(update=changes))


def test_a_task_is_made_once(store: Store) -> None:
    first = made(store)
    assert made(store, title="Another title").title == first.title
    assert [event.kind for event in events_for(store, "task", first.id)] == ["task.created"]
    assert [(row.key, row.channel) for row in cards.all_cards(store, CardKind.TASK)] == [("task:task_a.watch", "watch")]


@pytest.mark.parametrize(("before", "after"), list(product(TaskState, TaskState)))
def test_every_move_is_made_or_refused_as_the_lifecycle_says(store: Store, before: TaskState, after: TaskState) -> None:
    task = made(store, state=before)
    if before is after:
        assert move_task(store, task.id, ANA, to=after) == task
    elif after in TASK[before]:
        moved = move_task(store, task.id, ANA, to=after, reason="so it is", revision=1)
        assert (moved.state, moved.reason, moved.revision) == (after, "so it is", 2)
        assert (moved.closed_by == ANA, moved.closed_at is not None) == (after.is_closed, after.is_closed)
    else:
        with pytest.raises(UserMistake, match="cannot be"):
            move_task(store, task.id, ANA, to=after)
        assert tasks.task(store, task.id) == task


def test_of_two_who_saw_the_same_card_one_counts_and_the_other_is_told(store: Store) -> None:
    task = made(store)
    move_task(store, task.id, ANA, to=TaskState.IN_PROGRESS, revision=1)
    with pytest.raises(UserMistake, match="has changed since"):
        move_task(store, task.id, BEN, to=TaskState.DROPPED, reason="no", revision=1)
    with pytest.raises(UserMistake, match="has changed since"):
        assign_task(store, task.id, BEN, to=Owner(person_id="ben"), revision=1)
    assert tasks.task(store, task.id).state is TaskState.IN_PROGRESS


def test_a_new_owner_gets_a_card_and_the_former_one_is_drawn_again(store: Store) -> None:
    task = made(store)
    assign_task(store, task.id, ANA, to=Owner(agent_id="scribe"))
    assign_task(store, task.id, ANA, to=Owner(person_id="ben"))
    shown = {row.key: (row.channel, row.revision) for row in cards.all_cards(store, CardKind.TASK)}
    assert shown == {
        "task:task_a.watch": ("watch", 2),
        "task:task_a.scribe": ("scribe", 2),
        "task:task_a.team": (None, 1),
    }


def test_a_closed_task_changes_hands_only_once_it_is_open_again(store: Store) -> None:
    task = made(store, state=TaskState.DONE)
    with pytest.raises(UserMistake, match="Open it again"):
        assign_task(store, task.id, ANA, to=Owner(person_id="ben"))
    move_task(store, task.id, ANA, to=TaskState.OPEN)
    assert assign_task(store, task.id, ANA, to=Owner(person_id="ben")).person_id == "ben"


def test_what_is_due_comes_first_and_filters_hold(store: Store) -> None:
    for name, days in (("late", 2), ("soon", 1), ("undated", None)):
        made(store, name, due_at=NOW + timedelta(days=days) if days else None)
    made(store, "other", agent_id="scribe")
    made(store, "hers", agent_id=None, person_id="ana")
    made(store, "closed", state=TaskState.DONE)
    assert [one.id for one in tasks.tasks(store, agent_id="watch")] == ["task_soon", "task_late", "task_undated"]
    assert [one.id for one in tasks.tasks(store, person_id="ana")] == ["task_hers"]
    assert [one.id for one in tasks.tasks(store, states=[TaskState.DONE])] == ["task_closed"]


def test_a_task_that_is_not_there_is_said_to_be_so(store: Store) -> None:
    with pytest.raises(NotFound, match="task_x"):
        tasks.task(store, "task_x")
    with pytest.raises(NotFound, match="task_x"):
        move_task(store, "task_x", ANA, to=TaskState.DONE)
