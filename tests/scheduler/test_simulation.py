"""Simulated time: steps only when nothing can run, straight to the next moment, and always the same way."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from scheduler.engine.local_engine import LocalEngine
from scheduler.schedules import due_times
from scheduler.simulation import Deadlines, Moments, Schedules, SimulatedTime
from scheduler.speed import MAX, Speed, parse_speed
from store.actions.runs import begin_segment, finish_run
from store.actions.schedules import install_schedules
from store.database import Database
from store.handle import Store
from store.kernel.clock import ManualClock
from store.kernel.errors import UserMistake
from store.kernel.ports import Segment
from store.migrate import migrate
from store.queries.runs import recent_runs, runnable_segments
from store.queries.schedules import occurrences
from store.records.run import RunState
from store.records.schedule import Outcome, Schedule
from tests.scheduler.conftest import remember_nothing
from tests.scheduler.given import START, a_schedule

HOUR = timedelta(hours=1)


class World:
    """A simulated store whose runs end as soon as they begin; `log` is what ran, and when."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store, self.clock = store, clock
        self.log: list[tuple[str, datetime]] = []
        self.engine = LocalEngine(lambda: runnable_segments(store))
        self.engine.start(self._handle)

    def _handle(self, segment: Segment) -> None:
        assert begin_segment(self.store, segment.run_id, segment.number) is not None
        self.log.append((segment.partition, self.clock.now()))
        finish_run(self.store, segment.run_id, state=RunState.DONE)

    def time(self, *others: Moments, speed: Speed = MAX) -> SimulatedTime:
        return SimulatedTime(self.clock, self.engine, [Schedules(self.store), Deadlines(self.store), *others], speed)


@pytest.fixture
def world(store: Store, clock: ManualClock) -> World:
    return World(store, clock)


class Script:
    """Something that happens at given moments."""

    def __init__(self, clock: ManualClock, moments: list[datetime], does: Callable[[], object]) -> None:
        self._clock, self._moments, self._does = clock, moments, does

    def next_at(self) -> datetime | None:
        return min(self._moments, default=None)

    def act(self) -> None:
        while self._moments and self._moments[0] <= self._clock.now():
            self._moments.pop(0)
            self._does()


def test_every_due_time_runs_at_its_very_moment(world: World) -> None:
    timing = a_schedule(cron="0 */6 * * *", next_fire_at=START + 3 * HOUR)
    install_schedules(world.store, [timing])
    world.time().run(until=START + 240 * HOUR)
    expected = list(due_times(timing, START, START + 240 * HOUR))
    assert [at for _, at in world.log] == expected
    assert {row.outcome for row in occurrences(world.store, limit=500)} == {Outcome.RAN}
    assert world.clock.now() == START + 240 * HOUR


def test_what_is_due_at_one_moment_runs_by_due_time_then_agent(world: World) -> None:
    install_schedules(
        world.store,
        [
            a_schedule(id="1", agent_id="zoe", every_seconds=3600),
            a_schedule(id="2", agent_id="adam", every_seconds=3600),
            a_schedule(id="3", agent_id="mia", cron="59 8 * * *", next_fire_at=START - HOUR / 60, lateness_seconds=99),
        ],
    )
    world.time().run(until=START)
    assert [agent for agent, _ in world.log] == ["mia", "adam", "zoe"]


def test_the_same_start_gives_the_same_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    def once() -> tuple[list[tuple[str, datetime]], list[str]]:
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('world') / 'quarterdeck.db'}")
        migrate(database)
        clock = ManualClock(START)
        world = World(Store(database, clock, remember_nothing), clock)
        install_schedules(world.store, [_hourly(number) for number in range(5)])
        world.time().run(until=START + 12 * HOUR)
        kept = [run.model_dump_json() for run in recent_runs(world.store, limit=1000)]
        database.close()
        return world.log, kept

    first, second = once(), once()
    assert len(first[1]) == 5 * 13
    assert first == second


def _hourly(number: int) -> Schedule:
    return a_schedule(id=f"s{number}", agent_id=f"agent{number}", every_seconds=3600)


def test_others_act_at_their_own_moments_between_the_due_times(world: World) -> None:
    install_schedules(world.store, [a_schedule(every_seconds=3600)])
    seen: list[tuple[datetime, int]] = []
    moments = [START + HOUR / 2, START + HOUR, START + 2.5 * HOUR]
    script = Script(world.clock, list(moments), lambda: seen.append((world.clock.now(), len(world.log))))
    world.time(script).run(until=START + 3 * HOUR)
    assert seen == [(moments[0], 1), (moments[1], 1), (moments[2], 3)]


def test_what_an_act_makes_due_at_the_same_moment_happens_at_that_moment(world: World) -> None:
    seen: list[datetime] = []
    follow_up = Script(world.clock, [], lambda: seen.append(world.clock.now()))
    first = Script(world.clock, [START + HOUR], lambda: follow_up._moments.append(world.clock.now()))
    world.time(follow_up, first).run(until=START + 2 * HOUR)
    assert seen == [START + HOUR]


def test_the_clock_ends_where_it_was_told_to_even_with_nothing_to_do(world: World) -> None:
    world.time().run(until=START + HOUR)
    assert world.clock.now() == START + HOUR


def test_a_source_that_stays_due_is_a_bug_and_not_a_silent_loop(world: World) -> None:
    class Stuck(Script):
        def act(self) -> None:
            return

    stuck = Stuck(world.clock, [START + HOUR], lambda: None)
    with pytest.raises(RuntimeError, match="stuck"):
        world.time(stuck).run(until=START + 2 * HOUR)


def test_a_failure_of_a_run_is_not_swallowed(store: Store, clock: ManualClock) -> None:
    def fail(segment: Segment) -> None:
        raise ValueError(segment.run_id)

    engine = LocalEngine(lambda: runnable_segments(store))
    engine.start(fail)
    install_schedules(store, [a_schedule()])
    with pytest.raises(ValueError, match="run_"):
        SimulatedTime(clock, engine, [Schedules(store)]).run(until=START)


def test_a_pace_takes_real_time(world: World) -> None:
    install_schedules(world.store, [a_schedule(every_seconds=3600)])
    began = time.monotonic()
    world.time(speed=parse_speed("10h/s")).run(until=START + 5 * HOUR)
    assert 0.45 < time.monotonic() - began < 5
    assert [at for _, at in world.log] == [START + number * HOUR for number in range(6)]


def test_while_time_passes_slowly_a_person_is_served_at_once(world: World) -> None:
    simulated = world.time(speed=parse_speed("1s/1h"))
    runner = threading.Thread(target=simulated.run, args=[START + 24 * HOUR])
    runner.start()
    install_schedules(world.store, [a_schedule(next_fire_at=START)])
    deadline = time.monotonic() + 10
    while not world.log and time.monotonic() < deadline:
        time.sleep(0.01)
    simulated.stop()
    runner.join()
    assert world.log
    assert world.clock.now() < START + HOUR


def test_without_an_end_it_waits_for_people_until_it_is_stopped(world: World) -> None:
    simulated = world.time()
    runner = threading.Thread(target=simulated.run)
    runner.start()
    simulated.stop()
    runner.join(timeout=10)
    assert not runner.is_alive()
    assert world.clock.now() == START


@pytest.mark.parametrize(
    ("text", "simulated", "real"),
    [("1d/20s", 86_400, 20), ("h/s", 3600, 1), ("2w/1m", 1_209_600, 60), ("max", 1, 0)],
)
def test_a_speed_is_read(text: str, simulated: int, real: int) -> None:
    assert parse_speed(text) == Speed(simulated, real)


@pytest.mark.parametrize(
    "text", ["", "fast", "1d", "1d/", "/20s", "1d/20", "0d/20s", "1d/0s", "-1d/1s", "1.5d/1s", "MAX"]
)
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(UserMistake, match="not a speed"):
        parse_speed(text)


def test_a_speed_converts_both_ways() -> None:
    speed = parse_speed("1d/20s")
    assert speed.real(timedelta(days=3)) == timedelta(minutes=1)
    assert speed.simulated(timedelta(seconds=10)) == timedelta(hours=12)
    assert MAX.real(timedelta(days=1000)) == timedelta(0)


def test_time_that_waits_for_people_stands_still_before_an_approval_expires(world: World) -> None:
    limits: list[datetime | None] = [START + 2 * HOUR]
    install_schedules(world.store, [a_schedule(every_seconds=3600)])
    moments: list[Moments] = [Schedules(world.store), Deadlines(world.store)]
    simulated = SimulatedTime(world.clock, world.engine, moments, parse_speed("1d/1s"), lambda: limits[-1])
    runner = threading.Thread(target=simulated.run, args=[START + 4 * HOUR])
    runner.start()
    _wait_until(lambda: world.clock.held)
    assert world.clock.now() == START + 2 * HOUR
    assert [at for _, at in world.log] == [START, START + HOUR, START + 2 * HOUR]
    limits.append(None)
    runner.join(timeout=10)
    assert world.clock.now() == START + 4 * HOUR
    assert not world.clock.held


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)
