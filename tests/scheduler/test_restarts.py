"""Started, stopped and killed at random on the wall clock: every due time is one row, none lost, none doubled.

QUARTERDECK_RESTARTS_SECONDS says for how long (40 by default), QUARTERDECK_RESTARTS_SEED with which instants.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from scheduler.schedules import due_times
from store import schema
from store.actions.schedules import install_schedules
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.migrate import migrate
from store.queries.runs import recent_runs
from store.queries.schedules import next_due_at, occurrences
from store.records.schedule import Misfire, Outcome, Overlap, Schedule
from tests.scheduler.conftest import remember_nothing
from tests.scheduler.given import a_schedule
from tests.scheduler.waiting import until

PROJECT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("QUARTERDECK_RESTARTS_SECONDS", "40"))
MOMENT = timedelta(microseconds=1)
SEED = int(os.environ.get("QUARTERDECK_RESTARTS_SEED", "1"))


class Crew:
    """So many scheduler processes on one database."""

    def __init__(self, url: str, journal: Path) -> None:
        self._url, self._journal = url, journal
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.scheduler.clock_worker", self._url, str(self._journal)]
        with (self._journal.parent / "log").open("a") as log:
            process = subprocess.Popen(
                command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.processes.append(process)
        return process

    def end(self, process: subprocess.Popen[str], *, politely: bool) -> None:
        if not politely:
            process.kill()
        process.communicate("stop\n" if politely else None)
        self.processes.remove(process)

    def supervise(self) -> None:
        """Starts another for each that ended by itself: a keeper that could not beat in time ends its process."""
        for process in [each for each in self.processes if each.poll() is not None]:
            self.end(process, politely=False)
            self.start()

    def close(self) -> None:
        for process in list(self.processes):
            self.end(process, politely=False)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    database = Database(database_url)
    migrate(database)
    yield Store(database, WallClock(), remember_nothing)
    database.close()


@pytest.fixture
def crew(database_url: str, tmp_path: Path) -> Iterator[Crew]:
    found = Crew(database_url, tmp_path / "journal")
    yield found
    found.close()


def _schedules(first: datetime) -> list[Schedule]:
    def each(number: int, seconds: int, misfire: Misfire, overlap: Overlap, **more: int) -> Schedule:
        return a_schedule(
            id=f"s{number}",
            agent_id=f"agent{number}",
            every_seconds=seconds,
            misfire=misfire,
            overlap=overlap,
            lateness_seconds=2,
            next_fire_at=first,
            anchor_at=first,
            **more,
        )

    return [
        each(0, 1, Misfire.RUN_LATEST, Overlap.QUEUE),
        each(1, 2, Misfire.RUN_ALL, Overlap.QUEUE, misfire_max=3),
        each(2, 3, Misfire.SKIP, Overlap.SKIP),
        each(3, 1, Misfire.RUN_LATEST, Overlap.CANCEL_RUNNING),
        each(4, 10, Misfire.RUN_LATEST, Overlap.SKIP),
    ]


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
def test_every_due_time_is_one_row_whatever_happens_to_the_processes(store: Store, crew: Crew, tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 — instants that a seed brings back, not secrets
    wanted = _schedules(store.clock.now().replace(microsecond=0) + timedelta(seconds=2))
    install_schedules(store, wanted)
    count = 1 if store.database.is_sqlite else 2
    for _ in range(count):
        crew.start()
    _unrest(crew, chance)
    until(lambda: _all_settled(store, crew), seconds=60)
    fired_until = _freeze(store, crew)
    for one in wanted:
        assert one.next_fire_at is not None
        expected = [one.next_fire_at, *due_times(one, one.next_fire_at, fired_until[one.id] - MOMENT)]
        rows = list(reversed(occurrences(store, one.id, limit=10**6)))
        assert [row.due_at for row in rows] == expected, f"seed {SEED}"
        assert {row.outcome for row in rows} <= {Outcome.RAN, Outcome.LATE, Outcome.SKIPPED, Outcome.MISSED}
        assert all(row.run_id for row in rows if row.outcome in (Outcome.RAN, Outcome.LATE))
    runs = Counter((run.trigger.schedule_id, run.trigger.due_at) for run in recent_runs(store, limit=10**6))
    assert set(runs.values()) == {1}
    executed = Counter(line.split()[0] for line in (tmp_path / "journal").read_text().splitlines())
    print({"runs": len(runs), "executed twice": sum(times == 2 for times in executed.values()), "seed": SEED})
    assert max(executed.values()) <= 3


def _unrest(crew: Crew, chance: random.Random) -> None:
    """Kills or stops a process at random instants and starts another after a random while."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(chance.uniform(1.0, 6.0))
        crew.end(chance.choice(crew.processes), politely=chance.random() < 0.3)
        time.sleep(chance.choice([0.0, 0.0, chance.uniform(0.5, 5.0)]))
        crew.start()


def _all_settled(store: Store, crew: Crew) -> bool:
    """True when nothing older than a few seconds is due, pending or going on."""
    crew.supervise()
    now = store.clock.now()
    ahead = next_due_at(store)
    table = schema.occurrences
    pending = sa.select(sa.func.count()).where(
        table.c.outcome == Outcome.PENDING.value, table.c.due_at < now - timedelta(seconds=3)
    )
    with store.database.read() as connection:
        return ahead is not None and ahead > now - timedelta(seconds=3) and connection.execute(pending).scalar() == 0


def _freeze(store: Store, crew: Crew) -> dict[str, datetime]:
    """Retires the schedules and waits for their runs; returns until when each has been fired, exclusive."""
    install_schedules(store, [])
    until(lambda: _none_pending(store, crew), seconds=60)
    with store.database.read() as connection:
        found = connection.execute(sa.select(schema.schedules.c.id, schema.schedules.c.next_fire_at)).all()
    return {row.id: row.next_fire_at for row in found}


def _none_pending(store: Store, crew: Crew) -> bool:
    crew.supervise()
    return not any(row.outcome is Outcome.PENDING for row in occurrences(store, limit=10**6))
