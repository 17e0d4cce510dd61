"""Every due time is one row, whoever ticks and however many at once: on SQLite and on PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from scheduler.engine.local_engine import LocalEngine
from scheduler.plan import BATCH_DUE_TIMES, PAUSED, STILL_ACTIVE
from scheduler.schedules import due_times
from scheduler.tick import Swept, ensure_queued, sweep, tick, tick_all
from store import schema
from store.actions.agents import switch_agent
from store.actions.runs import begin_segment, finish_run
from store.actions.schedules import install_schedules, pause_schedule
from store.database import Database
from store.handle import Store
from store.kernel.clock import ManualClock
from store.kernel.ports import Segment, Transaction
from store.queries.runs import recent_runs, runnable_segments
from store.queries.schedules import occurrences, schedule
from store.records.actor import SYSTEM
from store.records.agent import AgentState
from store.records.run import RunState
from store.records.schedule import Misfire, Outcome, Overlap, Schedule
from tests.scheduler.given import START, a_schedule


def remember_nothing(tx: Transaction, segment: Segment) -> None:
    """The rows are what these tests are about."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(migrated_database_url: str, clock: ManualClock) -> Iterator[Store]:
    database = Database(migrated_database_url)
    yield Store(database, clock, remember_nothing)
    database.close()


@pytest.fixture
def engine(store: Store) -> LocalEngine:
    return LocalEngine(lambda: runnable_segments(store))


def outcomes(store: Store, schedule_id: str = "watch.minutely") -> list[str]:
    """How the due times ended, oldest first."""
    return [str(row.outcome) for row in reversed(occurrences(store, schedule_id, limit=5000))]


def in_parallel(call: Callable[[], object], times: int) -> None:
    barrier = threading.Barrier(times)

    def together() -> None:
        barrier.wait()
        call()

    with ThreadPoolExecutor(times) as pool:
        for ended in [pool.submit(together) for _ in range(times)]:
            ended.result()


def test_a_tick_makes_the_run_and_moves_the_schedule(store: Store) -> None:
    install_schedules(store, [a_schedule()])
    assert tick(store, "watch.minutely") == 1
    assert outcomes(store) == ["pending"]
    assert [run.trigger.due_at for run in recent_runs(store)] == [START]
    moved = schedule(store, "watch.minutely")
    assert moved is not None
    assert moved.next_fire_at == START + timedelta(minutes=1)


def test_a_tick_before_the_time_or_for_nothing_does_nothing(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [a_schedule(next_fire_at=START + timedelta(seconds=1))])
    assert tick(store, "watch.minutely") == 0
    assert tick(store, "no such schedule") == 0
    assert outcomes(store) == []


def test_many_ticks_at_once_write_each_due_time_once(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [a_schedule(every_seconds=10, lateness_seconds=100_000, overlap=Overlap.QUEUE)])
    clock.move_to(START + timedelta(minutes=10))
    in_parallel(lambda: tick(store, "watch.minutely"), times=6)
    rows = occurrences(store, limit=5000)
    expected = [START, *due_times(a_schedule(every_seconds=10), START, clock.now())]
    assert sorted(row.due_at for row in rows) == expected
    assert Counter(run.trigger.due_at for run in recent_runs(store, limit=5000)) == Counter(expected)


def test_a_clock_that_steps_back_repeats_nothing(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [a_schedule()])
    clock.move_to(START + timedelta(minutes=3))
    tick_all(store)
    earlier = Store(store.database, ManualClock(START - timedelta(days=1)), remember_nothing)
    assert tick_all(earlier) == 0
    assert len(outcomes(store)) == 4


def test_days_asleep_are_rows_and_one_run(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [a_schedule(every_seconds=10)])
    clock.move_to(START + timedelta(hours=2, seconds=9))
    assert tick_all(store) == 721
    assert Counter(outcomes(store)) == {"missed": 718, "pending": 3}
    assert tick_all(store) == 0


def test_a_stop_between_batches_leaves_the_rest_to_the_next_tick(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [a_schedule(every_seconds=10)])
    clock.move_to(START + timedelta(hours=1))
    answers = iter([False, True])
    assert tick(store, "watch.minutely", lambda: next(answers)) == BATCH_DUE_TIMES
    assert tick(store, "watch.minutely") == 361 - BATCH_DUE_TIMES


@pytest.mark.parametrize("who", ["schedule", "agent"])
def test_paused_due_times_are_skipped_and_the_schedule_goes_on(store: Store, clock: ManualClock, who: str) -> None:
    install_schedules(store, [a_schedule()])
    if who == "schedule":
        pause_schedule(store, "watch.minutely", SYSTEM, paused=True)
    else:
        switch_agent(store, "watch", SYSTEM, state=AgentState.PAUSED)
    tick_all(store)
    assert [(row.outcome, row.reason) for row in occurrences(store)] == [(Outcome.SKIPPED, PAUSED)]
    assert recent_runs(store) == []
    pause_schedule(store, "watch.minutely", SYSTEM, paused=False)
    switch_agent(store, "watch", SYSTEM, state=AgentState.ACTIVE)
    clock.move_to(START + timedelta(minutes=1))
    tick_all(store)
    assert outcomes(store) == ["skipped", "pending"]


def test_overlap_skip_sees_queued_and_running_runs_and_no_ended_ones(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [a_schedule(overlap=Overlap.SKIP)])
    tick_all(store)
    run = recent_runs(store)[0]
    clock.move_to(START + timedelta(minutes=1))
    tick_all(store)
    begin_segment(store, run.id, 0)
    clock.move_to(START + timedelta(minutes=2))
    tick_all(store)
    finish_run(store, run.id, state=RunState.DONE)
    clock.move_to(START + timedelta(minutes=3))
    tick_all(store)
    assert outcomes(store) == ["late", "skipped", "skipped", "pending"]
    assert [row.reason for row in occurrences(store) if row.outcome is Outcome.SKIPPED] == [STILL_ACTIVE] * 2


def test_cancel_running_ends_what_has_not_started(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [a_schedule(overlap=Overlap.CANCEL_RUNNING, misfire=Misfire.RUN_LATEST)])
    tick_all(store)
    clock.move_to(START + timedelta(minutes=1))
    tick_all(store)
    assert [str(run.state) for run in recent_runs(store)] == ["queued", "cancelled"]
    assert outcomes(store) == ["skipped", "pending"]


def test_schedules_fire_the_longest_due_first(store: Store, clock: ManualClock) -> None:
    install_schedules(store, [a_schedule(id="b"), a_schedule(id="a", next_fire_at=START + timedelta(seconds=5))])
    clock.move_to(START + timedelta(seconds=10))
    tick_all(store)
    assert [segment.run_id for segment in runnable_segments(store)] == [
        run.id for run in sorted(recent_runs(store), key=lambda run: run.trigger.due_at or START)
    ]


def _break(store: Store, schedule_id: str) -> None:
    with store.database.write() as connection:
        table = schema.schedules
        connection.execute(table.update().where(table.c.id == schedule_id).values(cron="nonsense", every_seconds=None))


def test_a_sweep_fires_the_rest_when_one_schedule_is_broken(store: Store, engine: LocalEngine) -> None:
    install_schedules(store, [a_schedule(id="a.broken"), a_schedule(id="b.sound")])
    _break(store, "a.broken")
    swept = sweep(store, engine)
    assert swept.failures == ("tick a.broken",)
    assert [one.id for one in swept.due] == ["a.broken", "b.sound"]
    assert swept.fired == 1
    assert outcomes(store, "b.sound") == ["pending"]


def test_a_sweep_finds_nothing_twice(store: Store, engine: LocalEngine) -> None:
    install_schedules(store, [a_schedule()])
    assert sweep(store, engine).fired == 1
    assert sweep(store, engine) == Swept()


class Forgetful(LocalEngine):
    """Says that it knows nothing, and remembers what it was asked to ensure."""

    def __init__(self, known: set[str]) -> None:
        super().__init__(list)
        self.keys, self.asked = known, list[Segment]()

    def known(self, keys: object) -> set[str]:
        return self.keys

    def ensure(self, segments: object) -> int:
        assert isinstance(segments, list)
        self.asked += segments
        return len(segments)


def test_the_engine_is_asked_to_take_up_queued_runs_that_it_lost_and_no_others(store: Store) -> None:
    install_schedules(store, [a_schedule(id="a"), a_schedule(id="b"), a_schedule(id="c")])
    tick_all(store)
    first, second, third = runnable_segments(store)
    begin_segment(store, third.run_id, 0)
    forgetful = Forgetful({first.key})
    assert ensure_queued(store, forgetful) == 1
    assert forgetful.asked == [second]


def test_a_run_that_the_engine_finishes_while_being_asked_about_is_left_alone(store: Store) -> None:
    install_schedules(store, [a_schedule()])
    tick_all(store)

    class Fast(Forgetful):
        def known(self, keys: object) -> set[str]:
            run = recent_runs(store)[0]
            begin_segment(store, run.id, 0)
            finish_run(store, run.id, state=RunState.DONE)
            return set()

    fast = Fast(set())
    ensure_queued(store, fast)
    assert fast.asked == []


def test_five_threads_of_ticks_over_many_schedules_lose_and_double_nothing(store: Store, clock: ManualClock) -> None:
    wanted = [_staggered(number) for number in range(12)]
    install_schedules(store, wanted)
    clock.move_to(START + timedelta(minutes=5))
    in_parallel(lambda: tick_all(store), times=5)
    with store.database.read() as connection:
        table = schema.occurrences
        found = connection.execute(sa.select(table.c.schedule_id, sa.func.count()).group_by(table.c.schedule_id)).all()
    expected = {one.id: 1 + len(list(due_times(one, one.next_fire_at or START, clock.now()))) for one in wanted}
    assert {row[0]: row[1] for row in found} == expected


def _staggered(number: int) -> Schedule:
    first = START + timedelta(seconds=number)
    return a_schedule(
        id=f"s{number:02}", agent_id=f"agent{number % 3}", every_seconds=20, anchor_at=first, next_fire_at=first
    )
