"""One engine in a process of its own, driven by JSON lines: what the contract suite kills, freezes and restarts.

usage: python -m tests.contracts.engine_worker KIND URL FOLDER

KIND is local, dbos, dbos-quick (whose keeper is quick), or dbos-narrow (which has one thread).

The record is one table, `probe`; a segment is executed by writing to FOLDER/journal. Files in FOLDER steer it:
`hold-KEY` keeps the execution going while it exists, `retry-KEY` and `fail-KEY` make it end in an error once, and
`keep-KEY` leaves the record as if nothing had been done. With a file `slow` in it every execution takes its time.
"""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
import structlog

from scheduler.engine.dbos_engine import MAX_THREADS, DbosEngine
from scheduler.engine.local_engine import LocalEngine
from scheduler.keeper import Keeper, Limits
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.kernel.errors import Retryable, UserMistake
from store.kernel.ports import Segment

LOCAL_THREADS = 3
QUICK = Limits(beat_seconds=0.3, fence_seconds=3.0, dead_seconds=5.0)
COLUMNS = "run_id, number, partition_name, timeout_seconds"


class Probe:
    """The record and the handler that executes segments against it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    def runnable(self) -> list[Segment]:
        """What the record calls queued, oldest first."""
        query = f"SELECT {COLUMNS} FROM probe WHERE state = 'queued' ORDER BY position"
        with self.database.read() as connection:
            return [Segment(*row) for row in connection.execute(sa.text(query))]

    def add(self, connection: sa.Connection, segment: Segment) -> None:
        """Puts the segment on record as queued."""
        insert = (
            f"INSERT INTO probe (key, {COLUMNS}, state) VALUES (:k, :r, :n, :p, :t, 'queued') ON CONFLICT DO NOTHING"
        )
        r, n, p, t = segment
        connection.execute(sa.text(insert), {"k": segment.key, "r": r, "n": n, "p": p, "t": t})

    def handle(self, segment: Segment) -> None:
        """Executes one segment."""
        name = segment.key.replace("/", "_")
        self._write(f"start {segment.key}")
        while (self.folder / f"hold-{name}").exists():
            time.sleep(0.005)
        if (self.folder / "slow").exists():
            time.sleep(0.02)
        if self._taken(f"retry-{name}"):
            raise Retryable("try again", 0.01)
        if self._taken(f"fail-{name}"):
            raise ValueError("a secret that must not be kept")
        if not self._taken(f"keep-{name}"):
            with self.database.write() as connection:
                connection.execute(sa.text("UPDATE probe SET state = 'done' WHERE key = :k"), {"k": segment.key})
        self._write(f"end {segment.key}")

    def _taken(self, name: str) -> bool:
        try:
            (self.folder / name).unlink()
        except FileNotFoundError:
            return False
        return True

    def _write(self, line: str) -> None:
        descriptor = os.open(self.folder / "journal", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{line} {os.getpid()}\n".encode())
        os.close(descriptor)


class Commands:
    """What the suite may ask of the engine in this process."""

    def __init__(self, engine: DbosEngine | LocalEngine, probe: Probe) -> None:
        self._engine = engine
        self._probe = probe

    def enqueue(self, *, segments: list[list[Any]], commit: bool = True, known_to_engine: bool = True) -> None:
        with _rolled_back(), self._probe.database.write() as connection:
            for fields in segments:
                self._probe.add(connection, Segment(*fields))
                if known_to_engine:
                    self._engine.enqueue(connection, Segment(*fields))
            if not commit:
                raise _RollBackError

    def known(self, *, keys: list[str]) -> list[str]:
        return sorted(self._engine.known(keys))

    def ensure(self, *, segments: list[list[Any]]) -> int:
        return self._engine.ensure([Segment(*fields) for fields in segments])

    def recover_stranded(self) -> int:
        return self._engine.recover_stranded()

    def cancel(self, *, run_id: str) -> None:
        self._engine.cancel(run_id)

    def overdue(self) -> list[str]:
        return [segment.key for segment in self._engine.overdue()]

    def idle(self) -> bool:
        return self._engine.idle()

    def forget(self) -> int:
        return self._engine.forget_finished(WallClock().now() + timedelta(seconds=1))

    def stop(self, *, timeout_seconds: float) -> bool:
        return self._engine.stop(timeout_seconds)

    def reach(self) -> list[str]:
        """Remote ends of this process's network connections."""
        return [str(each.raddr) for each in psutil.Process().net_connections("inet")]


class _RollBackError(Exception):
    pass


@contextmanager
def _rolled_back() -> Iterator[None]:
    try:
        yield
    except _RollBackError:
        return


def start_local(probe: Probe) -> LocalEngine:
    engine = LocalEngine(probe.runnable)
    engine.start(probe.handle)

    def run() -> None:
        while True:
            try:
                ran = engine.run_next()
            except (ValueError, Retryable):
                ran = True
            if not ran:
                time.sleep(0.01)

    for _ in range(LOCAL_THREADS):
        threading.Thread(target=run, daemon=True).start()
    return engine


def start_dbos(database: Database, probe: Probe, kind: str) -> DbosEngine:
    threads = 1 if kind == "dbos-narrow" else MAX_THREADS
    engine = DbosEngine(database, WallClock(), max_threads=threads, polling_seconds=0.05)
    limits = QUICK if kind == "dbos-quick" else Limits()
    Keeper(Store(database, WallClock(), engine.enqueue), engine, limits).start()

    async def inside_a_loop() -> None:
        engine.start(probe.handle)

    asyncio.run(inside_a_loop())  # a chat loop may be running when the engine starts, and must not be adopted
    return engine


def answer(ask: Callable[[], object]) -> dict[str, object]:
    try:
        return {"ok": ask()}
    except UserMistake as mistake:
        return {"mistake": str(mistake)}


def main(kind: str, url: str, folder: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    database = Database(url)
    probe = Probe(database, Path(folder))

    def begin() -> DbosEngine | LocalEngine:
        if kind == "local":
            return start_local(probe)
        return start_dbos(database, probe, kind)

    commands: list[Commands] = []
    print(json.dumps(answer(lambda: commands.append(Commands(begin(), probe)))), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        ask = getattr(commands[0], order.pop("do"))
        print(json.dumps(answer(partial(ask, **order))), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
