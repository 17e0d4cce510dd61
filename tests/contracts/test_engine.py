"""The contract of `scheduler.engine.port.Engine`, on the in-process engine and on DBOS with both databases."""

import inspect
import itertools
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from dbos import DBOS

from store.database import Database
from tests.contracts.engine_process import Bench, EngineProcess
from tests.scheduler.waiting import until

KINDS = ["local", "dbos-sqlite", pytest.param("dbos-postgres", marks=pytest.mark.postgres)]
DBOS_KINDS = KINDS[1:]
_serial = itertools.count()


@pytest.fixture(scope="module")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Databases":
    return Databases(request, tmp_path_factory.mktemp("engine"))


class Databases:
    """Makes a bench with an empty database of a kind. Those on PostgreSQL go with their server."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request, self._folder = request, folder

    @contextmanager
    def bench(self, kind: str) -> Iterator[Bench]:
        """Ends its processes with the block: a test is not to be slowed down by the idle engines of others."""
        name = f"engine_{os.getpid()}_{next(_serial)}"
        url = self._postgres(name) if kind == "dbos-postgres" else f"sqlite:///{self._folder / name}.db"
        bench = Bench(kind, url, self._folder / name)
        try:
            yield bench
        finally:
            bench.close()

    def _postgres(self, name: str) -> str:
        server = self._request.getfixturevalue("postgres_url")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        url: str = server.replace("/postgres?", f"/{name}?")
        return url


class Room:
    """One engine that several tests share, and names of their own for each."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.engine = bench.start()

    def segment(self, partition: str = "", number: int = 0, timeout_seconds: int = 60) -> tuple[str, list[object]]:
        """A new segment: its key and its fields. A partition of its own unless one is named."""
        run_id = f"run{next(_serial)}"
        return f"{run_id}/{number}", [run_id, number, partition or f"of-{run_id}", timeout_seconds]

    def enqueue(self, *segments: list[object], **how: object) -> None:
        self.engine.ask("enqueue", segments=list(segments), **how)


@pytest.fixture(scope="module", params=KINDS)
def room(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Room]:
    with databases.bench(request.param) as bench:
        yield Room(bench)


def test_a_committed_segment_is_executed_once(room: Room) -> None:
    key, segment = room.segment()
    room.enqueue(segment)
    room.bench.ended(key)
    assert room.bench.count("start", key) == 1


def test_a_rolled_back_segment_is_never_executed(room: Room) -> None:
    key, segment = room.segment(partition="rolled-back")
    room.enqueue(segment, commit=False)
    later, after = room.segment(partition="rolled-back")
    room.enqueue(after)
    room.bench.ended(later)
    assert room.bench.count("start", key) == 0
    assert room.engine.ask("known", keys=[key]) == []


def test_one_key_enqueued_again_is_executed_once(room: Room) -> None:
    key, segment = room.segment(partition="again")
    room.enqueue(segment, segment)
    room.enqueue(segment)
    room.bench.ended(key)
    room.enqueue(segment)
    later, after = room.segment(partition="again")
    room.enqueue(after)
    room.bench.ended(later)
    assert room.bench.count("start", key) == 1


def test_one_partition_executes_one_at_a_time_and_others_meanwhile(room: Room) -> None:
    held, first = room.segment(partition="one")
    waits, second = room.segment(partition="one")
    hold = room.bench.steer("hold", held)
    room.enqueue(first)
    room.bench.started(held)
    room.enqueue(second)
    other, elsewhere = room.segment()
    room.enqueue(elsewhere)
    room.bench.ended(other)
    assert room.bench.count("start", waits) == 0
    hold.unlink()
    room.bench.ended(waits)
    lines = [line[:2] for line in room.bench.journal()]
    assert lines.index(["end", held]) < lines.index(["start", waits])


def test_different_partitions_execute_at_the_same_time(room: Room) -> None:
    pairs = [room.segment() for _ in range(2)]
    holds = [room.bench.steer("hold", key) for key, _ in pairs]
    room.enqueue(*(segment for _, segment in pairs))
    for key, _ in pairs:
        room.bench.started(key)
    for hold in holds:
        hold.unlink()
    for key, _ in pairs:
        room.bench.ended(key)


def test_a_partition_executes_older_segments_first(room: Room) -> None:
    first, blocker = room.segment(partition="order")
    hold = room.bench.steer("hold", first)
    room.enqueue(blocker)
    keys = []
    for _, segment in reversed([room.segment(partition="order") for _ in range(4)]):  # not in the order of their names
        room.enqueue(segment)
        keys.append(f"{segment[0]}/{segment[1]}")
        time.sleep(0.002)  # the order is that of milliseconds
    hold.unlink()
    room.bench.ended(keys[-1])
    assert [line[1] for line in room.bench.journal() if line[0] == "start" and line[1] in keys] == keys


def test_known_are_those_that_wait_or_execute(room: Room) -> None:
    held, first = room.segment(partition="known")
    waits, second = room.segment(partition="known")
    hold = room.bench.steer("hold", held)
    room.enqueue(first)
    room.bench.started(held)
    room.enqueue(second)
    asked = [held, waits, "never/0"]
    assert room.engine.ask("known", keys=asked) == sorted([held, waits])
    assert room.engine.ask("idle") is False
    hold.unlink()
    room.bench.ended(waits)
    until(lambda: room.engine.ask("known", keys=asked) == [])
    until(lambda: room.engine.ask("idle"))


def test_ensure_executes_again_what_ended_while_its_record_still_waits(room: Room) -> None:
    key, segment = room.segment()
    room.bench.steer("keep", key)
    room.enqueue(segment)
    room.bench.ended(key)
    until(lambda: room.engine.ask("known", keys=[key]) == [])
    assert room.engine.ask("ensure", segments=[segment]) == 1
    room.bench.ended(key, times=2)


def test_ensure_executes_what_the_engine_never_heard_of(room: Room) -> None:
    key, segment = room.segment()
    room.enqueue(segment, known_to_engine=False)
    room.engine.ask("ensure", segments=[segment])
    room.bench.ended(key)
    assert room.bench.count("start", key) == 1


def test_ensure_leaves_alone_what_waits_or_executes(room: Room) -> None:
    held, first = room.segment(partition="ensure")
    waits, second = room.segment(partition="ensure")
    hold = room.bench.steer("hold", held)
    room.enqueue(first)
    room.bench.started(held)
    room.enqueue(second)
    assert room.engine.ask("ensure", segments=[first, second]) == 0
    hold.unlink()
    room.bench.ended(waits)
    assert [room.bench.count("start", key) for key in (held, waits)] == [1, 1]


def test_what_waits_or_executes_is_not_stranded(room: Room) -> None:
    held, first = room.segment(partition="stranded")
    waits, second = room.segment(partition="stranded")
    hold = room.bench.steer("hold", held)
    room.enqueue(first)
    room.bench.started(held)
    room.enqueue(second)
    assert [room.engine.ask("recover_stranded") for _ in range(3)] == [0, 0, 0]
    hold.unlink()
    room.bench.ended(waits)
    assert [room.bench.count("start", key) for key in (held, waits)] == [1, 1]


def test_cancel_withdraws_what_waits_and_leaves_what_executes(room: Room) -> None:
    held, first = room.segment(partition="cancel")
    hold = room.bench.steer("hold", held)
    room.enqueue(first)
    room.bench.started(held)
    next_one = [first[0], 1, "cancel", 60]
    room.enqueue(next_one)
    room.engine.ask("cancel", run_id=first[0])
    later, other = room.segment(partition="cancel")
    room.enqueue(other)
    assert room.bench.count("start", later) == 0, "the partition stays held while its segment executes"
    hold.unlink()
    room.bench.ended(held)
    room.bench.ended(later)
    assert room.bench.count("start", f"{first[0]}/1") == 0


def test_a_retryable_end_is_executed_again(room: Room) -> None:
    key, segment = room.segment()
    room.bench.steer("retry", key)
    room.enqueue(segment)
    room.bench.ended(key)
    assert room.bench.count("start", key) == 2


def test_a_failure_ends_the_segment_and_frees_its_partition(room: Room) -> None:
    key, segment = room.segment(partition="fail")
    room.bench.steer("fail", key)
    room.enqueue(segment)
    later, after = room.segment(partition="fail")
    room.enqueue(after)
    room.bench.ended(later)
    assert room.bench.count("start", key) == 1
    assert room.engine.ask("ensure", segments=[segment]) == 1
    room.bench.ended(key)


def test_a_segment_past_its_timeout_is_overdue_and_keeps_its_partition(room: Room) -> None:
    key, segment = room.segment(timeout_seconds=0)
    hold = room.bench.steer("hold", key)
    room.enqueue(segment)
    room.bench.started(key)
    until(lambda: key in room.engine.ask("overdue"))
    hold.unlink()
    room.bench.ended(key)
    until(lambda: room.engine.ask("overdue") == [])


def test_forgetting_deletes_what_ended_and_nothing_else(room: Room) -> None:
    done, first = room.segment()
    room.enqueue(first)
    room.bench.ended(done)
    held, second = room.segment()
    hold = room.bench.steer("hold", held)
    room.enqueue(second)
    room.bench.started(held)
    until(lambda: room.engine.ask("known", keys=[done]) == [])
    forgotten = room.engine.ask("forget")
    assert forgotten == 0 if room.bench.kind == "local" else forgotten >= 1
    assert room.engine.ask("known", keys=[done, held]) == [held]
    assert room.engine.ask("forget") == 0
    hold.unlink()
    room.bench.ended(held)


# What a process may suffer: each of these has processes of its own.


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Bench]:
    with databases.bench(request.param) as bench:
        yield bench


@pytest.fixture(params=DBOS_KINDS)
def dbos_bench(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Bench]:
    with databases.bench(request.param) as bench:
        yield bench


@pytest.fixture
def sqlite_bench(databases: Databases) -> Iterator[Bench]:
    with databases.bench("dbos-sqlite") as bench:
        yield bench


@pytest.fixture
def postgres_bench(databases: Databases) -> Iterator[Bench]:
    with databases.bench("dbos-postgres") as bench:
        yield bench


def _cut_off(bench: Bench, engine: EngineProcess) -> None:
    """One segment done, one in the middle of its execution, one behind it; then kill -9."""
    engine.ask("enqueue", segments=[["done", 0, "a", 60]])
    bench.ended("done/0")
    until(lambda: engine.ask("idle"))
    bench.steer("hold", "cut/0")
    # A timeout shorter than the outage: what was cut off is continued however long nobody ran.
    engine.ask("enqueue", segments=[["cut", 0, "a", 1]])
    bench.started("cut/0")
    engine.ask("enqueue", segments=[["behind", 0, "a", 60]])
    until(lambda: "cut/0" in engine.ask("overdue"))
    engine.kill()


def test_kill_in_the_middle_of_a_segment_executes_it_again_and_only_it(bench: Bench) -> None:
    _cut_off(bench, bench.start(quick_keeper=True))
    (bench.folder / "hold-cut_0").unlink()
    engine = bench.start(quick_keeper=True)
    bench.ended("behind/0")
    until(lambda: engine.ask("idle"))
    assert [bench.count("start", key) for key in ("done/0", "cut/0", "behind/0")] == [1, 2, 1]
    assert [bench.count("end", key) for key in ("done/0", "cut/0", "behind/0")] == [1, 1, 1]


def test_stop_waits_for_what_executes_and_the_next_start_does_the_rest(bench: Bench) -> None:
    engine = bench.start(quick_keeper=True)
    hold = bench.steer("hold", "held/0")
    engine.ask("enqueue", segments=[["held", 0, "a", 60]])
    bench.started("held/0")
    engine.ask("enqueue", segments=[["behind", 0, "a", 60]])
    assert engine.ask("stop", timeout_seconds=0.05) is False
    assert bench.count("start", "behind/0") == 0
    engine.kill()
    hold.unlink()
    second = bench.start(quick_keeper=True)
    bench.ended("behind/0")
    until(lambda: second.ask("idle"))
    assert second.ask("stop", timeout_seconds=5) is True


@contextmanager
def _ends_refused(bench: Bench) -> Iterator[None]:
    """The database refuses to note that a segment has ended, as it does on a disk that is full just then."""
    database = Database(bench.url)
    kind = database.url.get_backend_name()
    with database.write() as connection:
        connection.exec_driver_sql(REFUSE_ENDS[kind])
    yield
    with database.write() as connection:
        connection.exec_driver_sql(REFUSE_NO_MORE[kind])
    database.close()


REFUSE_ENDS = {
    "sqlite": """
        CREATE TRIGGER full_disk BEFORE UPDATE ON workflow_status WHEN NEW.status = 'SUCCESS'
        BEGIN SELECT RAISE(ABORT, 'full'); END
    """,
    "postgresql": """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full''; END';
        CREATE TRIGGER full_disk BEFORE UPDATE ON dbos.workflow_status
        FOR EACH ROW WHEN (NEW.status = 'SUCCESS') EXECUTE FUNCTION full_disk()
    """,
}
REFUSE_NO_MORE = {"sqlite": "DROP TRIGGER full_disk", "postgresql": "DROP FUNCTION full_disk CASCADE"}


def test_a_segment_whose_end_could_not_be_noted_frees_its_partition(dbos_bench: Bench) -> None:
    bench, engine = dbos_bench, dbos_bench.start()
    with _ends_refused(bench):
        engine.ask("enqueue", segments=[["lost", 0, "a", 60]])
        bench.ended("lost/0")
        engine.ask("enqueue", segments=[["next", 0, "a", 60]])
        until(lambda: engine.ask("recover_stranded") == 1)
        bench.ended("lost/0", times=2)
        assert bench.count("start", "next/0") == 0
    until(lambda: engine.ask("recover_stranded") + bench.count("end", "next/0"))
    bench.ended("next/0")
    until(lambda: engine.ask("idle"))


def test_a_segment_that_was_claimed_and_never_begun_is_begun(dbos_bench: Bench) -> None:
    bench, engine = dbos_bench, dbos_bench.start()
    hold = bench.steer("hold", "held/0")
    engine.ask("enqueue", segments=[["held", 0, "a", 60]])
    bench.started("held/0")
    engine.ask("enqueue", segments=[["claimed", 0, "a", 60]])
    _claim(bench, "claimed/0", executor_of="held/0")
    assert [engine.ask("recover_stranded") for _ in range(3)] == [0, 1, 0]
    hold.unlink()
    bench.ended("claimed/0")
    assert [bench.count("start", key) for key in ("held/0", "claimed/0")] == [1, 1]


def _claim(bench: Bench, key: str, *, executor_of: str) -> None:
    """Leaves behind what a process leaves that claimed a segment and failed before it began to execute it."""
    database = Database(bench.url)
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    claim = f"UPDATE {table} SET status = 'PENDING', executor_id = (SELECT executor_id FROM {table} WHERE "
    with database.write() as connection:
        connection.execute(
            sa.text(f"{claim} workflow_uuid = :holder) WHERE workflow_uuid = :key"), {"holder": executor_of, "key": key}
        )
    database.close()


def test_a_claimed_segment_that_waits_for_a_thread_is_not_stranded(sqlite_bench: Bench) -> None:
    engine = sqlite_bench.start(narrow=True)
    hold = sqlite_bench.steer("hold", "held/0")
    engine.ask("enqueue", segments=[["held", 0, "a", 60]])
    sqlite_bench.started("held/0")
    engine.ask("enqueue", segments=[["elsewhere", 0, "b", 60]])
    until(lambda: _state(sqlite_bench, "elsewhere/0") == "PENDING")
    assert [engine.ask("recover_stranded") for _ in range(3)] == [0, 0, 0]
    hold.unlink()
    sqlite_bench.ended("elsewhere/0")
    assert sqlite_bench.count("start", "elsewhere/0") == 1


def _state(bench: Bench, key: str) -> str:
    database = Database(bench.url)
    with database.read() as connection:
        found = connection.execute(
            sa.text("SELECT status FROM workflow_status WHERE workflow_uuid = :key"), {"key": key}
        )
        state = str(found.scalar_one())
    database.close()
    return state


def test_the_engine_speaks_to_nobody_but_its_database(dbos_bench: Bench) -> None:
    engine = dbos_bench.start()
    engine.ask("enqueue", segments=[["run", 0, "a", 60]])
    dbos_bench.ended("run/0")
    assert engine.ask("reach") == []


def test_a_second_process_on_one_sqlite_file_is_refused_by_name(sqlite_bench: Bench) -> None:
    first = sqlite_bench.start()
    second = sqlite_bench.start()
    assert second.mistake is not None
    assert str(first.process.pid) in second.mistake
    first.kill()
    assert sqlite_bench.start().mistake is None


def test_a_stop_that_leaves_work_behind_keeps_the_file(sqlite_bench: Bench) -> None:
    first = sqlite_bench.start()
    sqlite_bench.steer("hold", "held/0")
    first.ask("enqueue", segments=[["held", 0, "a", 60]])
    sqlite_bench.started("held/0")
    assert first.ask("stop", timeout_seconds=0.05) is False
    assert sqlite_bench.start().mistake is not None


def test_a_clean_stop_lets_the_file_go(sqlite_bench: Bench) -> None:
    assert sqlite_bench.start().ask("stop", timeout_seconds=5) is True
    assert sqlite_bench.start().mistake is None


@pytest.mark.postgres
def test_what_a_killed_process_held_is_taken_over_by_another_and_nothing_else_is(postgres_bench: Bench) -> None:
    bench = postgres_bench
    victim = bench.start(quick_keeper=True)
    bench.steer("hold", "victims/0")
    victim.ask("enqueue", segments=[["victims", 0, "a", 60]])
    bench.started("victims/0")
    survivor = bench.start(quick_keeper=True)
    hold = bench.steer("hold", "survivors/0")
    victim.signal(signal.SIGSTOP)  # so that it is the other that takes the second segment
    survivor.ask("enqueue", segments=[["survivors", 0, "b", 60]])
    bench.started("survivors/0")
    victim.kill()
    (bench.folder / "hold-victims_0").unlink()
    bench.ended("victims/0")
    assert bench.journal()[-1][2] == str(survivor.process.pid)
    hold.unlink()
    bench.ended("survivors/0")
    assert [bench.count("start", key) for key in ("victims/0", "survivors/0")] == [2, 1]


@pytest.mark.postgres
def test_a_frozen_process_that_thaws_ends_itself(postgres_bench: Bench) -> None:
    bench = postgres_bench
    zombie = bench.start(quick_keeper=True)
    hold = bench.steer("hold", "held/0")
    zombie.ask("enqueue", segments=[["held", 0, "a", 60]])
    bench.started("held/0")
    zombie.signal(signal.SIGSTOP)
    heir = bench.start(quick_keeper=True)
    bench.started("held/0", times=2)
    assert bench.journal()[-1][2] == str(heir.process.pid)
    zombie.signal(signal.SIGCONT)
    assert zombie.process.wait(timeout=10) == 70
    hold.unlink()
    bench.ended("held/0")
    assert bench.count("end", "held/0") == 1


@pytest.mark.postgres
def test_two_processes_execute_one_partition_one_at_a_time(postgres_bench: Bench) -> None:
    bench = postgres_bench
    (bench.folder / "slow").touch()
    engines = [bench.start(), bench.start()]
    for number in range(20):
        engines[number % 2].ask("enqueue", segments=[[f"run{number}", 0, "one", 60]])
    until(lambda: len(bench.journal()) == 40)
    lines = bench.journal()
    assert [line[0] for line in lines] == ["start", "end"] * 20
    assert [line[1] for line in lines[::2]] == [line[1] for line in lines[1::2]]


@pytest.mark.postgres
def test_a_cancelled_run_that_executes_elsewhere_keeps_its_partition(postgres_bench: Bench) -> None:
    bench = postgres_bench
    holder = bench.start()
    hold = bench.steer("hold", "held/0")
    holder.ask("enqueue", segments=[["held", 0, "a", 60]])
    bench.started("held/0")
    other = bench.start()
    holder.signal(signal.SIGSTOP)  # shorter than its fence: what is taken now, the other takes
    other.ask("cancel", run_id="held")
    other.ask("enqueue", segments=[["later", 0, "a", 60], ["elsewhere", 0, "b", 60]])
    bench.ended("elsewhere/0")
    assert bench.count("start", "later/0") == 0
    holder.signal(signal.SIGCONT)
    hold.unlink()
    bench.ended("later/0")
    assert bench.count("end", "held/0") == 1


def test_the_private_call_that_takes_over_has_the_shape_we_call() -> None:
    parameters = inspect.signature(DBOS._recover_pending_workflows).parameters
    assert list(parameters) == ["executor_ids"]
