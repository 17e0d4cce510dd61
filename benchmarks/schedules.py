"""Ten thousand schedules: setting them, what they take, a thousand due at once; beside APScheduler's job store."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import sqlalchemy as sa

from benchmarks.databases import BOTH, SQLITE, databases
from benchmarks.measure import Comparison, Figure, Report, percentile
from benchmarks.workers import Worker
from store.database import Database
from store.records import Misfire, Overlap, RunLimits, Schedule


@dataclass(frozen=True)
class Size:
    """How many schedules there are, and how many of them fall due together."""

    schedules: int
    due: int
    idle_seconds: float
    rounds: int
    databases: Sequence[str]


FULL = Size(schedules=10_000, due=1_000, idle_seconds=20, rounds=3, databases=BOTH)
TINY = Size(schedules=6, due=3, idle_seconds=0.1, rounds=1, databases=(SQLITE,))
OURS = "Quarterdeck"
BASELINE = "APScheduler, SQLAlchemyJobStore"
MIB = 2**20
DEADLINE_SECONDS = 300.0
DAY_SECONDS = 86_400

NOTES = """\
- Ours writes for each due time its occurrence, the run, an audit event, the run's card and the enqueued segment,
  and advances the schedule, in one transaction; no segment is executed here. APScheduler's job inserts one row and
  commits; its job store writes the job's next time besides.
- Late is from the moment the clock goes on, with all of them due, to the moment on the row that was written.
- Setting ours is one transaction for all and alarms in memory; APScheduler's `add_job` commits each job. Both with
  `misfire_grace_time=None`, `coalesce` and 4 threads. With APScheduler's default grace of 1 s it drops most of such
  a burst and only logs it.
- In the idle window nothing is due; ours sweeps in it at least once in 30 s, as `up` does.
"""


_METADATA = sa.MetaData()
FIRED = sa.Table("bench_fired", _METADATA, sa.Column("name", sa.Text), sa.Column("at", sa.Float(53)))
_FIRED_ON: list[Database] = []


def fire(name: str) -> None:
    """The job: one row, one commit. APScheduler finds it by its name, so it is given its database beforehand."""
    with _FIRED_ON[0].write() as connection:
        connection.execute(FIRED.insert().values(name=name, at=time.time()))


def _fire_on(database: Database) -> None:
    _FIRED_ON[:] = [database]


class Own:
    """Our alarm clock and store, with the engine's own enqueuing."""

    def __init__(self, url: str) -> None:
        from bot.logs import set_up_logs
        from scheduler.clock import AlarmClock
        from scheduler.engine.dbos_engine import DbosEngine
        from store.handle import Store
        from store.kernel.clock import WallClock
        from store.migrate import migrate

        set_up_logs("error", "text")
        self._database = Database(url)
        migrate(self._database)
        self._engine = DbosEngine(self._database, WallClock())
        self._engine.prepare()
        self._store = Store(self._database, WallClock(), self._engine.enqueue)
        self._alarm = AlarmClock(self._store, self._engine)

    def load(self, schedules: int) -> float:
        """Seconds to install the schedules and set their alarms, each first due in a day."""
        from store.actions.schedules import install_schedules

        first = _now() + timedelta(days=1)
        start = time.perf_counter()
        install_schedules(self._store, [_schedule(number, first) for number in range(schedules)])
        self._alarm.start()
        return time.perf_counter() - start

    def burst(self, due: int) -> list[float]:
        """Makes the first `due` schedules due while the clock rests, lets it go on, and gives how late each row is."""
        from store import schema

        self._alarm.pause()
        at, schedules, found = _now(), schema.schedules, schema.occurrences
        with self._database.write() as connection:
            chosen = schedules.c.id.in_([_name(number) for number in range(due)])
            connection.execute(schedules.update().where(chosen).values(next_fire_at=at))
        for number in range(due):
            self._alarm.add(_schedule(number, at))
        released = _now()
        self._alarm.resume()
        rows = sa.select(found.c.recorded_at).where(found.c.due_at == at, found.c.run_id.is_not(None))
        return _late(self._database, rows, due, released)

    def close(self) -> None:
        self._alarm.stop()
        self._engine.stop(5)
        self._database.close()


class JobStore:
    """APScheduler with its SQLAlchemyJobStore on our engine; each job inserts a row and commits."""

    def __init__(self, url: str) -> None:
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
        from apscheduler.schedulers.background import BackgroundScheduler

        self._database = Database(url)
        _METADATA.create_all(self._database.engine)
        _fire_on(self._database)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": SQLAlchemyJobStore(engine=self._database.engine)},
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.start()

    def load(self, schedules: int) -> float:
        """Seconds to add the jobs, each first due in a day."""
        first = _now() + timedelta(days=1)
        start = time.perf_counter()
        for number in range(schedules):
            self._add(number, first)
        return time.perf_counter() - start

    def burst(self, due: int) -> list[float]:
        """As ours."""
        self._scheduler.pause()
        at = _now()
        for number in range(due):
            self._scheduler.modify_job(_name(number), next_run_time=at)
        released = _now()
        self._scheduler.resume()
        return _late(self._database, sa.select(FIRED.c.at).where(FIRED.c.at >= released.timestamp()), due, released)

    def close(self) -> None:
        self._scheduler.shutdown()
        self._database.close()

    def _add(self, number: int, at: datetime) -> None:
        self._scheduler.add_job(
            fire, "interval", seconds=DAY_SECONDS, args=[_name(number)], id=_name(number), next_run_time=at
        )


def run(size: Size) -> Report:
    """Both on every database: set, left alone, made to fire; the bursts take turns."""
    compared = [table for kind in size.databases for table in _on(kind, size)]
    question = f"What do {size.schedules:,} schedules cost, and how late is one when {size.due:,} fall due together?"
    return Report("schedules", question, tuple(compared), NOTES)


def _on(kind: str, size: Size) -> Iterator[Comparison]:
    with databases([kind]) as new, ExitStack() as stack:
        ours, theirs = (stack.enter_context(Worker(one, url=new(kind))) for one in (Own, JobStore))
        both = {OURS: ours, BASELINE: theirs}
        before = {name: _memory(worker) for name, worker in both.items()}
        seconds = {name: [worker.ask("load", schedules=size.schedules)] for name, worker in both.items()}
        grown = {name: [_memory(worker) - before[name]] for name, worker in both.items()}
        busy = _idle(both, size.idle_seconds)
        late: dict[str, list[list[float]]] = {name: [] for name in both}
        for _ in range(size.rounds):
            for name, worker in both.items():
                late[name].append(worker.ask("burst", due=size.due))
    yield _compared(f"{kind}: setting them", "s", seconds)
    yield _compared(f"{kind}: memory for them, RSS", "MiB", grown)
    yield _compared(f"{kind}: processor, nothing due", "% of one core", busy)
    for percent in (50, 99):
        found = {name: [percentile(one, percent) for one in bursts] for name, bursts in late.items()}
        yield _compared(f"{kind}: late, p{percent} of {size.due:,}", "ms", found)
    missed = {name: [float(size.due - len(one)) for one in bursts] for name, bursts in late.items()}
    yield _compared(f"{kind}: missed of {size.due:,}", "missed", missed)


def _compared(title: str, unit: str, found: Mapping[str, Sequence[float]]) -> Comparison:
    figures = tuple(Figure(name, tuple(values)) for name, values in found.items())
    return Comparison(title, unit, BASELINE, figures)


def _idle(workers: Mapping[str, Worker], seconds: float) -> dict[str, list[float]]:
    processes = {name: psutil.Process(worker.process_id) for name, worker in workers.items()}
    before = {name: sum(process.cpu_times()[:2]) for name, process in processes.items()}
    time.sleep(seconds)
    return {
        name: [100 * (sum(process.cpu_times()[:2]) - before[name]) / seconds] for name, process in processes.items()
    }


def _memory(worker: Worker) -> float:
    return psutil.Process(worker.process_id).memory_info().rss / MIB


def _late(database: Database, rows: sa.Select[Any], due: int, released: datetime) -> list[float]:
    """Milliseconds from the release to each row, once all rows are there; fewer when the rest never comes."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        with database.read() as connection:
            found = list(connection.execute(rows).scalars())
        if len(found) >= due or time.monotonic() > deadline:
            return [_since(released, moment) for moment in found]
        time.sleep(0.25)


def _since(released: datetime, moment: datetime | float) -> float:
    seconds = moment if isinstance(moment, float) else moment.timestamp()
    return (seconds - released.timestamp()) * 1000


def _schedule(number: int, at: datetime) -> Schedule:
    return Schedule(
        id=_name(number),
        agent_id=f"agent-{number % 100}",
        every_seconds=DAY_SECONDS,
        timezone="UTC",
        misfire=Misfire.RUN_LATEST,
        overlap=Overlap.QUEUE,
        lateness_seconds=DAY_SECONDS,
        input={},
        limits=RunLimits(max_steps=10, max_cost_micros=0, wall_seconds=60),
        workspace_digest="bench",
        next_fire_at=at,
        anchor_at=at,
    )


def _name(number: int) -> str:
    return f"agent-{number % 100}/schedule-{number}"


def _now() -> datetime:
    return datetime.now(UTC)
