"""What the rest of the program may ask of an execution engine; one contract suite holds every implementation to it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from store.kernel.ports import Segment, Transaction

Handler: TypeAlias = Callable[[Segment], None]
"""Executes one segment. It may be called again for a segment it has begun, after a crash or a `Retryable`.

It must find out from the record what is already done, and return without an effect when nothing is left to do. Any
exception but `Retryable` ends the segment here; that the record says so too is the handler's own duty.
"""


class Engine(Protocol):
    """Executes segments: each committed one at least once, at most one at a time within a partition.

    Within a partition older ones come first; those enqueued in one transaction count as equally old. All methods may be
    called from any thread and in several processes, but they block: call them from outside an event loop.
    """

    def enqueue(self, tx: Transaction, segment: Segment) -> None:
        """Makes the segment runnable exactly if `tx` commits; a key that was ever enqueued is left as it is."""
        ...

    def start(self, handler: Handler) -> None:
        """Begins to execute, first of all what a crash cut off. Returns when segments can be taken.

        Raises UserMistake when another process is the engine of this database and it allows only one.
        """
        ...

    def known(self, keys: Iterable[str]) -> set[str]:
        """Those of `keys` that wait or are being executed here or elsewhere: they need no help to be finished."""
        ...

    def ensure(self, segments: Sequence[Segment]) -> int:
        """Makes runnable those that are neither waiting nor executing, finished ones too; returns how many.

        For segments whose record still waits for its execution although the engine lost it or gave it up. Safe to
        repeat and to race.
        """
        ...

    def recover_stranded(self) -> int:
        """Makes runnable again what this process had begun and no longer executes; returns how many segments.

        A disk that is full just when a segment's beginning or end is to be noted leaves one behind, and it would hold
        its partition until the next start. One that two calls in a row find so is stranded: in between it may be about
        to begin, or about to be noted as ended. Call it now and then, further apart than those take.
        """
        ...

    def cancel(self, run_id: str) -> None:
        """Withdraws the run's segments that wait; one that executes is left to end at its record's word."""
        ...

    def overdue(self) -> list[Segment]:
        """Segments this process has executed for longer than their own timeout, by elapsed time.

        They are not stopped: a thread cannot be stopped safely from outside, and their partition stays theirs.
        """
        ...

    def forget_finished(self, before: datetime) -> int:
        """Deletes what the engine keeps of segments that ended before a moment; returns how many. Safe to repeat."""
        ...

    def stop(self, timeout_seconds: float) -> bool:
        """Takes no more segments and waits for those that execute; True when none was left executing.

        On False a handler's thread is still at work, and the process must end without waiting for it (`os._exit`). What
        was cut off or never begun is executed after the next start. A stopped engine is not started again.
        """
        ...

    def idle(self) -> bool:
        """True when nothing waits and nothing is being executed, here or elsewhere."""
        ...
