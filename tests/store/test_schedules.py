"""Schedules: fired once per due time, every due time one row."""

import threading
from datetime import timedelta

from store.actions import Store
from store.actions.runs import begin_segment, request_stop
from store.actions.schedules import add_evidence, fire_schedule, install_schedules, pause_schedule
from store.kernel.clock import ManualClock
from store.queries import audit, cards, incidents, runs, schedules
from store.records import FirePlan, Misfire, Outcome, Overlap, PlannedDue, RunState, Schedule
from tests.store.conftest import START, Queue
from tests.store.samples import LIMITS, person

TEN = timedelta(seconds=10)


def every_ten(schedule_id: str = "watch-often", **changes: object) -> Schedule:
    schedule = Schedule(
        id=schedule_id,
        agent_id="watch",
        every_seconds=10,
        timezone="UTC",
        misfire=Misfire.RUN_LATEST,
        overlap=Overlap.SKIP,
        lateness_seconds=5,
        limits=LIMITS,
        workspace_digest="w1",
        next_fire_at=START,
    )
    return schedule.model_copy(update=changes)


def plan(*outcomes: Outcome, start: int = 0, cancel: tuple[str, ...] = ()) -> FirePlan:
    dues = tuple(
        PlannedDue(due_at=START + TEN * (start + place), outcome=outcome, reason=None)
        for place, outcome in enumerate(outcomes)
    )
    return FirePlan(
        schedule_id="watch-often",
        from_fire_at=START + TEN * start,
        until_fire_at=START + TEN * (start + len(outcomes)),
        dues=dues,
        cancel_run_ids=cancel,
    )


def test_a_plan_is_applied_once(store: Store, queue: Queue) -> None:
    install_schedules(store, [every_ten()])
    assert fire_schedule(store, plan(Outcome.MISSED, Outcome.PENDING))
    assert not fire_schedule(store, plan(Outcome.MISSED, Outcome.PENDING))
    assert [row.outcome for row in schedules.occurrences(store)] == [Outcome.PENDING, Outcome.MISSED]
    assert len(queue.segments) == 1
    assert schedules.live_schedules(store)[0].next_fire_at == START + TEN * 2


def test_racing_fires_make_one_run(store: Store, queue: Queue) -> None:
    install_schedules(store, [every_ten()])
    start, fired = threading.Barrier(4), []

    def fire() -> None:
        start.wait()
        fired.append(fire_schedule(store, plan(Outcome.PENDING)))

    threads = [threading.Thread(target=fire) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fired) == [False, False, False, True]
    assert len(queue.segments) == 1


def test_a_due_time_ran_or_was_late(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [every_ten()])
    fire_schedule(store, plan(Outcome.PENDING, Outcome.PENDING))
    newest, oldest = schedules.occurrences(store)
    assert newest.run_id is not None
    assert oldest.run_id is not None
    clock.move_to(START + timedelta(seconds=12))
    begin_segment(store, oldest.run_id, 0)
    begin_segment(store, newest.run_id, 0)
    assert [row.outcome for row in schedules.occurrences(store)] == [Outcome.RAN, Outcome.LATE]
    assert schedules.occurrences(store)[1].reason == "started 12 s after it was due"


def test_a_run_stopped_before_it_started_was_skipped_on_purpose(store: Store) -> None:
    install_schedules(store, [every_ten()])
    fire_schedule(store, plan(Outcome.PENDING))
    [row] = schedules.occurrences(store)
    assert row.run_id is not None
    request_stop(store, row.run_id, person("ana"))
    assert schedules.occurrences(store)[0].outcome is Outcome.SKIPPED


def test_a_week_of_missed_times_is_one_incident(store: Store) -> None:
    install_schedules(store, [every_ten()])
    fire_schedule(store, plan(*[Outcome.MISSED] * 50))
    fire_schedule(store, plan(*[Outcome.MISSED] * 50, start=50))
    [incident] = incidents.open_incidents(store)
    assert incident.count == 100
    assert len(incident.examples) == 2


def test_a_replaced_run_ends_or_is_asked_to(store: Store) -> None:
    install_schedules(store, [every_ten(overlap=Overlap.CANCEL_RUNNING)])
    fire_schedule(store, plan(Outcome.PENDING))
    [run_id] = schedules.active_run_ids(store, "watch-often")
    fire_schedule(store, plan(Outcome.PENDING, start=1, cancel=(run_id,)))
    assert runs.run(store, run_id).state is RunState.CANCELLED
    [second] = schedules.active_run_ids(store, "watch-often")
    begin_segment(store, second, 0)
    fire_schedule(store, plan(Outcome.PENDING, start=2, cancel=(second,)))
    assert runs.run(store, second).state is RunState.RUNNING
    assert runs.stop_requested(store, second)


def test_asking_a_run_to_make_room_is_seen_on_its_card(store: Store) -> None:
    install_schedules(store, [every_ten(overlap=Overlap.CANCEL_RUNNING)])
    fire_schedule(store, plan(Outcome.PENDING))
    [run_id] = schedules.active_run_ids(store, "watch-often")
    begin_segment(store, run_id, 0)
    before = cards.card(store, "run:watch-often")
    fire_schedule(store, plan(Outcome.MISSED, start=1, cancel=(run_id,)))
    after = cards.card(store, "run:watch-often")
    assert before is not None
    assert after is not None
    assert after.revision == before.revision + 1


def test_an_unchanged_schedule_keeps_what_fell_due_while_nobody_ran(store: Store) -> None:
    install_schedules(store, [every_ten()])
    install_schedules(store, [every_ten(next_fire_at=START + TEN * 99, lateness_seconds=9)])
    [kept] = schedules.live_schedules(store)
    assert (kept.next_fire_at, kept.lateness_seconds) == (START, 9)
    install_schedules(store, [every_ten(every_seconds=20, next_fire_at=START + TEN * 99)])
    assert schedules.live_schedules(store)[0].next_fire_at == START + TEN * 99


def test_a_schedule_that_left_the_workspace_is_never_due(store: Store) -> None:
    install_schedules(store, [every_ten()])
    install_schedules(store, [])
    assert schedules.due_schedules(store, START) == []
    assert not fire_schedule(store, plan(Outcome.PENDING))


def test_a_schedule_that_comes_back_is_on_the_trail(store: Store) -> None:
    for wanted in ([every_ten("b"), every_ten("a")], [], [every_ten("a")]):
        install_schedules(store, wanted)
    events = [(event.kind, event.subject_id) for event in audit.events_after(store, 0)]
    assert events[2:] == [("schedule.retired", "a"), ("schedule.retired", "b"), ("schedule.installed", "a")]


def test_a_paused_schedule_stays_paused_over_a_reload(store: Store) -> None:
    install_schedules(store, [every_ten()])
    pause_schedule(store, "watch-often", person("ana"), paused=True)
    install_schedules(store, [every_ten()])
    assert schedules.live_schedules(store)[0].paused


def test_what_the_alarm_clock_said_stays_with_its_due_time(store: Store) -> None:
    install_schedules(store, [every_ten()])
    fire_schedule(store, plan(Outcome.MISSED))
    add_evidence(store, "watch-often", START, {"event": "missed"})
    add_evidence(store, "watch-often", START, {"event": "error"})
    [row] = schedules.occurrences(store)
    assert [said["event"] for said in row.evidence] == ["missed", "error"]
