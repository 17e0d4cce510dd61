"""A whole scheduler in a process of its own: alarm clock, keeper and engine, with runs that end almost at once.

usage: python -m tests.scheduler.clock_worker URL JOURNAL
"""

import os
import sys
import time
from pathlib import Path

import structlog

from scheduler.clock import AlarmClock
from scheduler.engine.dbos_engine import DbosEngine
from scheduler.keeper import Keeper, Limits
from store.actions.runs import begin_segment, finish_run
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.kernel.ports import Segment
from store.records.run import RunState

KEEPER_LIMITS = Limits(beat_seconds=0.3, fence_seconds=4.0, dead_seconds=6.0)
SWEEP_SECONDS = 1.0


def main(url: str, journal: Path) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    database = Database(url)
    engine = DbosEngine(database, WallClock())
    store = Store(database, WallClock(), engine.enqueue)

    def handle(segment: Segment) -> None:
        if begin_segment(store, segment.run_id, segment.number) is None:
            return
        with journal.open("a") as written:
            written.write(f"{segment.key} {os.getpid()}\n")
        time.sleep(0.05)
        finish_run(store, segment.run_id, state=RunState.DONE)

    engine.prepare()
    Keeper(store, engine, KEEPER_LIMITS).start()
    engine.start(handle)
    clock = AlarmClock(store, engine, SWEEP_SECONDS)
    clock.start()
    print("ready", flush=True)
    sys.stdin.readline()  # until the parent says so, or is gone
    clock.stop()
    os._exit(0 if engine.stop(10) else 1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
