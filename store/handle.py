"""The handle that every action and query takes first."""

from dataclasses import dataclass

from store.database import Database
from store.kernel.clock import Clock
from store.kernel.ports import Enqueue


@dataclass(frozen=True)
class Store:
    """An open store: where the rows are, what time it is, and how a segment becomes runnable. Safe between threads."""

    database: Database
    clock: Clock
    enqueue: Enqueue
