"""Shared work as a whole: what waits for somebody as of a moment, and how many tasks stood where at any moment."""

from datetime import timedelta

from store.actions import Store
from store.actions.decisions import record_decision
from store.actions.notes import send_note
from store.actions.tasks import assign_task, create_task, move_task
from store.kernel.clock import ManualClock
from store.queries.work import outstanding, task_counts
from store.records import Decision, Note, Owner, Task, TaskState
from tests.store.conftest import START
from tests.store.samples import person

ANA = person("ana")
DAY = timedelta(days=1)


def made(store: Store, name: str, **changes: object) -> Task:
    task = Task(id=f"task_{name}", title=name, agent_id="watch", created_by=ANA, created_at=START, changed_at=START)
    return create_task(store, task.model_copy(update=changes))


def counts(store: Store, days: int, since: int = 0) -> tuple[int, int, int, int, int]:
    found = task_counts(store, since=START + since * DAY - timedelta(seconds=1), as_of=START + days * DAY)
    return found.open, found.in_progress, found.blocked, found.finished, found.dropped


def test_the_trail_tells_how_many_stood_where_at_any_moment(store: Store, clock: ManualClock) -> None:
    for name in ("a", "b", "c"):
        made(store, name)
    clock.move_to(START + DAY)
    move_task(store, "task_a", ANA, to=TaskState.IN_PROGRESS)
    move_task(store, "task_b", ANA, to=TaskState.BLOCKED, reason="no access")
    clock.move_to(START + 2 * DAY)
    move_task(store, "task_a", ANA, to=TaskState.DONE)
    move_task(store, "task_c", ANA, to=TaskState.DROPPED, reason="no need")
    clock.move_to(START + 3 * DAY)
    move_task(store, "task_c", ANA, to=TaskState.OPEN)
    assign_task(store, "task_b", ANA, to=Owner(person_id="ben"))
    assert [counts(store, days) for days in range(4)] == [
        (3, 0, 0, 0, 0),
        (1, 1, 1, 0, 0),
        (0, 0, 1, 1, 1),
        (1, 0, 1, 1, 0),
    ]
    assert counts(store, 3, since=3) == (1, 0, 1, 0, 0), "what was finished before the window is not counted in it"


def test_what_nobody_has_seen_to_is_found_as_of_a_moment(store: Store, clock: ManualClock) -> None:
    made(store, "late", due_at=START + DAY)
    made(store, "nobodys", agent_id=None)
    made(store, "stuck")
    move_task(store, "task_stuck", ANA, to=TaskState.BLOCKED, reason="no access")
    told = Note(id="note_a", to_agent="watch", sender=ANA, text="Look", created_at=START, due_at=START + DAY)
    send_note(store, told)
    send_note(store, told.model_copy(update={"id": "note_b", "due_at": None}))
    decided = Decision(
        id="decision_a",
        subject="Deploys",
        subject_key="",
        choice="never",
        decided_by=ANA,
        decided_at=START,
        affects=("watch", "ana"),
    )
    record_decision(store, decided)
    record_decision(store, decided.model_copy(update={"id": "decision_b", "choice": "always", "affects": ()}))
    now = outstanding(store, START)
    assert (now.overdue, now.stuck, now.notes, len(now.unowned)) == ((), (), (), 1)
    clock.move_to(START + 2 * DAY)
    later = outstanding(store, clock.now())
    assert [task.id for task in later.overdue] == ["task_late"]
    assert [task.id for task in later.stuck] == ["task_stuck"]
    assert [note.id for note in later.notes] == ["note_a"]
    assert [one.missing for one in later.decisions] == [("watch", "ana")]
    assert len(later.contested) == 2
    assert later.count == 7
    assert outstanding(store, clock.now(), stuck_after=3 * DAY).stuck == ()
    assert outstanding(store, START - DAY).count == len(later.contested), "what was made later is not counted"
