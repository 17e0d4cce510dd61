"""Several processes on one PostgreSQL: each says that it lives, ends itself when it cannot, and inherits from the dead.

The order of the three limits is what makes it safe: a process that cannot say that it lives ends itself (FENCE) well
before the others take what it held (DEAD), and the difference covers clocks that disagree and a slow exit.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from scheduler.engine.dbos_engine import DbosEngine
from store.actions.workers import beat
from store.handle import Store
from store.queries.workers import alive_executors

FENCED_EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h: a supervisor starts the process again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limits:
    """How often a process says that it lives, when it ends itself, and when others call it dead.

    Clocks of different machines may differ by up to dead_seconds − fence_seconds.
    """

    beat_seconds: float = 3.0
    fence_seconds: float = 12.0
    dead_seconds: float = 18.0


class Keeper:
    """Beats, fences and takes over in two daemon threads. On SQLite, where one process holds the file, it does nothing.

    `fence` ends the process at once, without clean-up: others may already work on what it held.
    """

    def __init__(
        self,
        store: Store,
        engine: DbosEngine,
        limits: Limits | None = None,
        fence: Callable[[], None] = lambda: os._exit(FENCED_EXIT_CODE),
    ) -> None:
        self._store = store
        self._engine = engine
        self._limits = limits or Limits()
        self._fence = fence
        self._stopped = threading.Event()
        self._beaten_at = 0.0
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Beats once, so that nobody takes this process for dead, then keeps on. Call it before the engine starts."""
        if self._store.database.is_sqlite:
            return
        self._beat()
        for name, duty in (("keeper", self._keep), ("keeper-fence", self._watch)):
            thread = threading.Thread(target=duty, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stops beating; what this process still held is taken over by others after dead_seconds."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def take_over(self) -> int:
        """Makes runnable again what dead processes had begun; returns how many segments."""
        since = self._store.clock.now() - timedelta(seconds=self._limits.dead_seconds)
        dead = self._engine.executors_at_work() - alive_executors(self._store, since)
        if not dead:
            return 0
        taken = self._engine.take_over(dead)
        log.warning("segments_taken_over", executors=sorted(dead), segments=taken)
        return taken

    def _keep(self) -> None:
        while not self._stopped.wait(self._limits.beat_seconds):
            try:
                self._beat()
                self.take_over()
            except Exception:
                # The outermost loop of a thread that must live; if it goes on, the fence below ends the process.
                log.exception("keeper_failed")

    def _watch(self) -> None:
        # A thread of its own, because the other may hang in the very call that shows the database is gone.
        while not self._stopped.wait(self._limits.beat_seconds / 4):
            behind_seconds = _elapsed() - self._beaten_at
            if behind_seconds > self._limits.fence_seconds:
                log.critical("process_fenced", behind_seconds=round(behind_seconds, 1))
                self._fence()
                return

    def _beat(self) -> None:
        asked_at = _elapsed()  # from before the call: the row may be written long before the call returns
        beat(self._store, self._engine.executor_id, self._store.clock.now())
        self._beaten_at = asked_at


def _elapsed() -> float:
    """Seconds that pass while the machine is suspended too, where the system can tell."""
    boot_clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_clock is None else time.clock_gettime(boot_clock)
