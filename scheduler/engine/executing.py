"""What this process is executing at this moment: at most one segment of a partition, and since when."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from store.kernel.ports import Segment


class InterruptedByStopError(BaseException):
    """The engine stops: the segment was cut off on purpose and is executed again after the next start.

    Not an Exception, because the engine underneath records those as the segment's end.
    """


class Executing:
    """The partitions in use. Safe between threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: dict[str, tuple[Segment, float]] = {}
        self._entered: list[str] = []
        self._closed = False

    @contextmanager
    def hold(self, segment: Segment) -> Iterator[None]:
        """Waits until the segment's partition is free and holds it; raises InterruptedByStopError once closed."""
        with self._present(segment.key):
            with self._changed:
                self._changed.wait_for(lambda: self._closed or segment.partition not in self._running)
                if self._closed:
                    raise InterruptedByStopError
                self._running[segment.partition] = (segment, time.monotonic())
            try:
                yield
            finally:
                with self._changed:
                    del self._running[segment.partition]
                    self._changed.notify_all()

    @contextmanager
    def _present(self, key: str) -> Iterator[None]:
        with self._changed:
            self._entered.append(key)
        try:
            yield
        finally:
            with self._changed:
                self._entered.remove(key)

    def present(self) -> list[str]:
        """The keys of what executes or waits for its partition; one that was begun twice stands twice."""
        with self._changed:
            return list(self._entered)

    def pause(self, seconds: float) -> None:
        """Waits; raises InterruptedByStopError as soon as closed."""
        with self._changed:
            if self._changed.wait_for(lambda: self._closed, seconds):
                raise InterruptedByStopError

    def close(self, timeout_seconds: float) -> bool:
        """Lets nothing begin any more; True when nothing is left executing within the time."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._running, timeout_seconds)

    def busy(self) -> bool:
        """True while anything executes."""
        with self._changed:
            return bool(self._running)

    def overdue(self) -> list[Segment]:
        """Segments that have executed for longer than their own timeout."""
        now = time.monotonic()
        with self._changed:
            held = list(self._running.values())
        return [segment for segment, since in held if now - since > segment.timeout_seconds]
