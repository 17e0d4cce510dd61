"""A store on each kind of database, with a clock that moves when told and an engine that only remembers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from store.actions import Store
from store.database import Database
from store.kernel.clock import ManualClock
from store.kernel.ports import Segment, Transaction

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass
class Queue:
    """Remembers what was enqueued; the transaction's outcome is the database's business."""

    segments: list[Segment] = field(default_factory=list)

    def __call__(self, tx: Transaction, segment: Segment) -> None:
        self.segments.append(segment)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def store(migrated_database_url: str, clock: ManualClock, queue: Queue) -> Iterator[Store]:
    database = Database(migrated_database_url)
    yield Store(database, clock, queue)
    database.close()


@pytest.fixture
def sqlite_store(migrated_sqlite_url: str, clock: ManualClock, queue: Queue) -> Iterator[Store]:
    database = Database(migrated_sqlite_url)
    yield Store(database, clock, queue)
    database.close()
