"""The engine inside one process: executes on demand, in the order of the record. For simulated time and tests."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from scheduler.engine.executing import Executing, InterruptedByStopError
from scheduler.engine.port import Handler
from store.kernel.errors import Retryable
from store.kernel.ports import Segment, Transaction

MAX_ATTEMPTS = 3
"""How often a segment whose handler raises Retryable is executed before it counts as failed."""


class LocalEngine:
    """Executes what the record says is runnable, one segment per call of `run_next`. See `Engine` for the guarantees.

    `runnable` returns the segments to execute in their order (due time, then agent). It may hold segments that a crash
    cut off and must not hold others that are finished. Nothing is kept between processes but the record itself. An
    exception of the handler propagates to the caller of `run_next`, and the segment is not executed again.
    """

    def __init__(self, runnable: Callable[[], Sequence[Segment]]) -> None:
        self._runnable = runnable
        self._handler: Handler | None = None
        self._executing = Executing()
        self._lock = threading.RLock()
        self._attempts: dict[str, int] = {}
        self._ended: set[str] = set()
        self._taken: set[str] = set()

    def enqueue(self, tx: Transaction, segment: Segment) -> None:
        """Nothing to do: the row that made the segment runnable commits or rolls back with `tx`."""

    def start(self, handler: Handler) -> None:
        if self._handler is not None:
            raise RuntimeError("the engine is already started")
        self._handler = handler

    def run_next(self) -> bool:
        """Executes the first runnable segment whose partition is free; False when there is none."""
        if self._handler is None:
            raise RuntimeError("the engine is not started")
        segment = self._take()
        if segment is None:
            return False
        try:
            with self._executing.hold(segment):
                self._execute(self._handler, segment)
        except InterruptedByStopError:
            return False
        finally:
            with self._lock:
                self._taken.discard(segment.partition)
        return True

    def known(self, keys: Iterable[str]) -> set[str]:
        return {segment.key for segment in self._waiting()} & set(keys)

    def ensure(self, segments: Sequence[Segment]) -> int:
        lost = {segment.key for segment in segments} & self._ended
        with self._lock:
            self._ended -= lost
        return len(lost)

    def recover_stranded(self) -> int:
        """Nothing to do: what is not executed is what the record says."""
        return 0

    def cancel(self, run_id: str) -> None:
        with self._lock:
            self._ended |= {segment.key for segment in self._runnable() if segment.run_id == run_id}

    def overdue(self) -> list[Segment]:
        return self._executing.overdue()

    def forget_finished(self, before: datetime) -> int:
        return 0

    def stop(self, timeout_seconds: float) -> bool:
        return self._executing.close(timeout_seconds)

    def idle(self) -> bool:
        return not self._executing.busy() and not self._waiting()

    def _waiting(self) -> list[Segment]:
        with self._lock:  # held while the record is read, so that no stale answer makes a segment run twice
            return [segment for segment in self._runnable() if segment.key not in self._ended]

    def _take(self) -> Segment | None:
        with self._lock:
            free = next((segment for segment in self._waiting() if segment.partition not in self._taken), None)
            if free is not None:
                self._taken.add(free.partition)
            return free

    def _execute(self, handler: Handler, segment: Segment) -> None:
        attempt = self._attempts.pop(segment.key, 0) + 1
        try:
            handler(segment)
        except Retryable:
            if attempt < MAX_ATTEMPTS:
                self._attempts[segment.key] = attempt
                return
            self._end(segment)
            raise
        except BaseException:
            self._end(segment)
            raise
        self._end(segment)

    def _end(self, segment: Segment) -> None:
        with self._lock:
            self._ended.add(segment.key)
