"""What the store's actions need from the rooms above it; `bot.compose` supplies them."""

from typing import NamedTuple, Protocol

from store.kernel.clock import Clock

__all__ = ["Clock", "Enqueue", "Segment", "Transaction"]


class Segment(NamedTuple):
    """The part of a run between two waits: the unit the engine executes, at least once, never two at a time.

    `partition` is the name whose concurrency is limited (the agent); `timeout_seconds` is the engine's backstop.
    """

    run_id: str
    number: int
    partition: str
    timeout_seconds: int

    @property
    def key(self) -> str:
        """The idempotency key: enqueuing one key twice executes it once."""
        return f"{self.run_id}/{self.number}"


class Transaction(Protocol):
    """An open write transaction, opaque to everybody but the store and the engine that shares its database."""


class Enqueue(Protocol):
    """Makes a segment runnable exactly if the transaction commits; a key already enqueued is left as it is."""

    def __call__(self, tx: Transaction, segment: Segment) -> None:
        """Enqueues `segment` inside `tx`; never blocks on anything but the database."""
        ...
