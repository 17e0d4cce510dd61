"""The alarm clock on wall time: it rings for what is due, and what it says of itself is kept."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from apscheduler.schedulers.base import STATE_STOPPED

from scheduler.clock import Alarm, AlarmClock, DueTimes
from scheduler.engine.local_engine import LocalEngine
from store import schema
from store.actions.schedules import install_schedules, pause_schedule
from store.handle import Store
from store.kernel.ports import Segment
from store.queries.schedules import live_schedules, occurrences
from store.records.actor import SYSTEM
from store.records.schedule import Occurrence, Outcome, Schedule
from tests.scheduler.given import a_schedule
from tests.scheduler.waiting import until

SECOND = timedelta(seconds=1)
EVERY_SECOND = "watch.each-second"


class Clocks:
    """Alarm clocks that are stopped when the test ends."""

    def __init__(self, store: Store, engine: LocalEngine) -> None:
        self._store, self._engine = store, engine
        self._running: list[AlarmClock] = []

    def start(self, sweep_seconds: float = 60) -> AlarmClock:
        clock = AlarmClock(self._store, self._engine, sweep_seconds)
        clock.start()
        self._running.append(clock)
        return clock

    def stop(self, clock: AlarmClock) -> None:
        self._running.remove(clock)
        clock.stop()

    def close(self) -> None:
        for clock in self._running:
            clock.stop()


@pytest.fixture
def clocks(wall_store: Store, engine: LocalEngine) -> Iterator[Clocks]:
    found = Clocks(wall_store, engine)
    yield found
    found.close()


def each_second(store: Store, **fields: Any) -> Schedule:
    """A schedule due every full second from the next one on."""
    first = store.clock.now().replace(microsecond=0) + SECOND
    usual = {"id": EVERY_SECOND, "every_seconds": 1, "next_fire_at": first, "lateness_seconds": 10}
    return a_schedule(**{**usual, **fields})


def rows(store: Store, schedule_id: str = EVERY_SECOND) -> list[Occurrence]:
    return list(reversed(occurrences(store, schedule_id, limit=500)))


def evidence(store: Store) -> list[Any]:
    return [each["event"] for row in rows(store) for each in row.evidence]


def test_every_second_of_its_life_is_one_row_in_time(wall_store: Store, clocks: Clocks) -> None:
    first = each_second(wall_store)
    install_schedules(wall_store, [first])
    clocks.start()
    until(lambda: len(rows(wall_store)) >= 3)
    found = rows(wall_store)
    assert found[0].due_at == first.next_fire_at
    assert all(later.due_at - earlier.due_at == SECOND for earlier, later in pairwise(found))
    assert all(row.recorded_at - row.due_at < 5 * SECOND for row in found)


def test_what_fell_due_while_it_was_stopped_is_found_at_the_start(wall_store: Store, clocks: Clocks) -> None:
    now = wall_store.clock.now().replace(microsecond=0)
    install_schedules(wall_store, [each_second(wall_store, next_fire_at=now - 60 * SECOND)])
    clocks.start()
    until(lambda: len(rows(wall_store)) >= 61)
    found = rows(wall_store)
    assert found[0].due_at == now - 60 * SECOND
    assert all(later.due_at - earlier.due_at == SECOND for earlier, later in pairwise(found))
    assert {row.outcome for row in found[:45]} == {Outcome.MISSED}


def test_two_clocks_on_one_store_ring_for_the_same_rows(wall_store: Store, clocks: Clocks) -> None:
    install_schedules(wall_store, [each_second(wall_store)])
    clocks.start()
    clocks.start()
    until(lambda: len(rows(wall_store)) >= 3)
    found = rows(wall_store)
    assert all(later.due_at - earlier.due_at == SECOND for earlier, later in pairwise(found))
    assert len({row.run_id for row in found}) == len(found)


def test_a_busy_database_is_evidence_of_a_late_and_a_dropped_alarm(
    wall_store: Store, clocks: Clocks, sqlite_database_url: str
) -> None:
    install_schedules(wall_store, [each_second(wall_store)])
    clock = clocks.start()
    until(lambda: len(rows(wall_store)) >= 1)
    with sqlite3.connect(sqlite_database_url.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: clock.health().evidence_waiting > 0)
        other.execute("ROLLBACK")
    other.close()
    until(lambda: clock.health().evidence_waiting > 1)
    clocks.stop(clock)
    said = evidence(wall_store)
    assert "max_instances" in said
    assert "executed_late" in said
    found = rows(wall_store)
    assert all(later.due_at - earlier.due_at == SECOND for earlier, later in pairwise(found)), "and no due time is lost"


def test_a_tick_that_fails_is_evidence_without_its_secrets(wall_store: Store, clocks: Clocks) -> None:
    install_schedules(wall_store, [each_second(wall_store)])
    clock = clocks.start()
    with wall_store.database.write() as connection:
        connection.execute(schema.schedules.update().values(every_seconds=None, cron="nonsense"))
    until(lambda: clock.health().evidence_waiting > 0)
    with wall_store.database.write() as connection:
        connection.execute(schema.schedules.update().values(every_seconds=1, cron=None))
    until(lambda: len(rows(wall_store)) > 0)
    clocks.stop(clock)
    row = rows(wall_store)[0]
    assert row.evidence[0]["event"] == "error"
    assert row.evidence[0]["error"] == "The cron expression 'nonsense' cannot be read."


def test_a_schedule_that_cannot_be_read_silences_no_other(wall_store: Store, clocks: Clocks) -> None:
    install_schedules(wall_store, [each_second(wall_store), each_second(wall_store, id="broken")])
    with wall_store.database.write() as connection:
        broken = schema.schedules.c.id == "broken"
        connection.execute(schema.schedules.update().where(broken).values(every_seconds=None, cron="nonsense"))
    clock = clocks.start(sweep_seconds=0.5)
    until(lambda: len(rows(wall_store)) >= 3)
    until(lambda: clock.health().failures == ("tick broken",))


def test_the_sweep_finds_what_no_alarm_announced_and_sets_its_alarm(wall_store: Store, clocks: Clocks) -> None:
    clock = clocks.start(sweep_seconds=0.2)
    install_schedules(wall_store, [each_second(wall_store)])
    until(lambda: len(rows(wall_store)) >= 1)
    until(lambda: EVERY_SECOND in clock.next_rings())
    assert clock.health().swept_at is not None
    assert clock.health().failures == ()


class SlowEngine(LocalEngine):
    """Keeps a sweep from ending until it is let go, and calls back then."""

    def __init__(self) -> None:
        super().__init__(list)
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.then: Callable[[], object] = list

    def overdue(self) -> list[Segment]:
        self.entered.set()
        self.let_go.wait(10)
        self.then()
        return []


def test_a_stop_waits_for_the_sweep_in_progress_and_not_for_ever(wall_store: Store) -> None:
    engine = SlowEngine()
    clock = AlarmClock(wall_store, engine, sweep_seconds=0.05)
    engine.then = clock.next_rings
    clock.start()
    assert engine.entered.wait(10)
    stopping = threading.Thread(target=clock.stop)
    stopping.start()
    until(lambda: clock._scheduler.state == STATE_STOPPED)
    assert stopping.is_alive()
    engine.let_go.set()
    stopping.join(timeout=10)
    assert not stopping.is_alive()


def test_a_changed_timing_reaches_the_alarm_by_reloading(wall_store: Store, clocks: Clocks) -> None:
    hourly = a_schedule(id="a", every_seconds=3600, next_fire_at=wall_store.clock.now() + timedelta(hours=1))
    install_schedules(wall_store, [hourly, hourly.model_copy(update={"id": "b"})])
    clock = clocks.start()
    assert clock.next_rings() == {"a": hourly.next_fire_at, "b": hourly.next_fire_at}
    later = wall_store.clock.now() + timedelta(hours=2)
    install_schedules(wall_store, [hourly.model_copy(update={"every_seconds": 60, "next_fire_at": later})])
    clock.reload()
    assert clock.next_rings() == {"a": later}
    clock.remove("a")
    assert clock.next_rings() == {}
    clock.add(live_schedules(wall_store)[0])
    assert list(clock.next_rings()) == ["a"]
    clock.add(hourly.model_copy(update={"next_fire_at": None}))
    assert clock.next_rings() == {}


def test_a_paused_clock_does_not_ring_and_a_resumed_one_catches_up(wall_store: Store, clocks: Clocks) -> None:
    first = each_second(wall_store)
    install_schedules(wall_store, [first])
    clock = clocks.start()
    clock.pause()
    assert first.next_fire_at is not None
    until(lambda: wall_store.clock.now() > (first.next_fire_at or datetime.max.replace(tzinfo=UTC)) + SECOND / 2)
    assert rows(wall_store) == []
    clock.resume()
    until(lambda: len(rows(wall_store)) >= 1)
    assert rows(wall_store)[0].due_at == first.next_fire_at


def test_a_paused_schedule_goes_on_ringing_and_is_skipped(wall_store: Store, clocks: Clocks) -> None:
    install_schedules(wall_store, [each_second(wall_store)])
    pause_schedule(wall_store, EVERY_SECOND, SYSTEM, paused=True)
    clocks.start()
    until(lambda: len(rows(wall_store)) >= 2)
    assert {row.outcome for row in rows(wall_store)} == {Outcome.SKIPPED}


def test_an_alarm_never_rings_twice_for_a_clock_that_steps_back_nor_piles_up_for_one_that_leaps() -> None:
    trigger = DueTimes(Alarm(None, 60, None, "UTC"))
    rung = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
    assert trigger.get_next_fire_time(rung, rung - timedelta(days=1)) == rung + timedelta(minutes=1)
    assert trigger.get_next_fire_time(rung, rung + timedelta(days=30)) == rung + timedelta(days=30, minutes=1)
    assert trigger.get_next_fire_time(None, rung) == rung + timedelta(minutes=1)
