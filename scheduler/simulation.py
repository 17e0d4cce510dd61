"""The alarm clock on simulated time: the same code as on wall time, stepped from one moment to the next.

Time stands still while anything can run and steps only when nothing can, straight to the next moment at which
something is due. What happens is therefore a function of the start and the record alone: the same start, the same run.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.engine.local_engine import LocalEngine
from scheduler.speed import MAX, Speed
from scheduler.tick import tick_all
from store.actions.deadlines import enforce_deadlines
from store.handle import Store
from store.kernel.clock import ManualClock
from store.queries.alerts import next_snooze_end
from store.queries.deadlines import next_deadline, next_expiry
from store.queries.schedules import next_due_at

SLICE = timedelta(milliseconds=200)
"""How long a paced simulation waits before it looks whether a person did something meanwhile."""

_STUCK_AFTER = 100


class Moments(Protocol):
    """Something that happens at moments known in advance: schedules, deadlines, a scripted person."""

    def next_at(self) -> datetime | None:
        """The earliest moment at which it has something to do; None when there is nothing to wait for."""
        ...

    def act(self) -> None:
        """Does all that is due by the clock's present moment; a no-op when nothing is."""
        ...


class Schedules:
    """The due times of the store's schedules."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def next_at(self) -> datetime | None:
        return next_due_at(self._store)

    def act(self) -> None:
        tick_all(self._store)


class Deadlines:
    """The deadlines that are rows: expiring approvals, timeouts, alerts that ask again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def next_at(self) -> datetime | None:
        moments = (next_deadline(self._store), next_snooze_end(self._store))
        return min((moment for moment in moments if moment is not None), default=None)

    def act(self) -> None:
        enforce_deadlines(self._store)


HELD_BEFORE = timedelta(minutes=30)
"""So long before an undecided approval expires, time that waits for people stands still."""

Limit = Callable[[], datetime | None]
"""The moment simulated time may not pass as things stand; None: none."""


def no_limit() -> datetime | None:
    """Time waits for nobody."""
    return None


class Undecided:
    """Time waits for people: it stands still before the earliest open approval expires."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self) -> datetime | None:
        expires_at = next_expiry(self._store)
        return None if expires_at is None else expires_at - HELD_BEFORE


class SimulatedTime:
    """Drives a manual clock. At one moment the sources act in the order given, then segments run in the record's.

    `limit` is asked before every step; while it holds time back the clock says so, and whatever a person does runs.
    """

    def __init__(
        self,
        clock: ManualClock,
        engine: LocalEngine,
        moments: Sequence[Moments],
        speed: Speed = MAX,
        limit: Limit = no_limit,
    ) -> None:
        self._clock = clock
        self._limit = limit
        self._engine = engine
        self._moments = tuple(moments)
        self._speed = speed
        self._stopped = threading.Event()

    def run(self, until: datetime | None = None) -> None:
        """Runs until the clock shows `until` and all that is due by then is done, or until `stop`.

        None runs on until `stop`, waiting at the present moment while nothing is ahead. Raises RuntimeError when a
        source says again and again that it is due and does nothing about it.
        """
        idle_rounds = 0
        while not self._stopped.is_set():
            self._settle()
            now, ahead = self._clock.now(), self._next_at()
            if until is not None and now >= until and (ahead is None or ahead > until):
                return
            idle_rounds = idle_rounds + 1 if ahead is not None and ahead <= now else 0
            if idle_rounds > _STUCK_AFTER:
                raise RuntimeError(f"simulated time is stuck at {now.isoformat()}: a source stays due")
            self._step(now, min((at for at in (ahead, until) if at is not None), default=None))

    def stop(self) -> None:
        """Ends `run` after the segment in progress. Safe from any thread."""
        self._stopped.set()

    def _settle(self) -> None:
        """Acts and runs until nothing more happens at this moment."""
        while not self._stopped.is_set():
            for source in self._moments:
                source.act()
            if not self._engine.run_next():
                return

    def _next_at(self) -> datetime | None:
        return min((at for source in self._moments if (at := source.next_at()) is not None), default=None)

    def _step(self, now: datetime, target: datetime | None) -> None:
        limit = self._limit()
        self._clock.held = limit is not None and now >= limit and target != now
        if target is None or self._clock.held:
            self._stopped.wait(SLICE.total_seconds())
            return
        target = target if limit is None else min(target, max(limit, now))
        real = self._speed.real(target - now)
        if real > SLICE:
            target, real = now + self._speed.simulated(SLICE), SLICE
        if real > timedelta(0):
            self._stopped.wait(real.total_seconds())
        self._clock.move_to(target)
