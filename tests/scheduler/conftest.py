"""A store on a SQLite file, on either clock, whose engine is the record itself."""

from collections.abc import Iterator

import pytest

from scheduler.engine.local_engine import LocalEngine
from store.database import Database
from store.handle import Store
from store.kernel.clock import ManualClock, WallClock
from store.kernel.ports import Segment, Transaction
from store.queries.runs import runnable_segments
from tests.scheduler.given import START


def remember_nothing(tx: Transaction, segment: Segment) -> None:
    """The in-process engine reads the record, so there is nothing to do."""


@pytest.fixture
def database(migrated_sqlite_url: str) -> Iterator[Database]:
    database = Database(migrated_sqlite_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(database: Database, clock: ManualClock) -> Store:
    return Store(database, clock, remember_nothing)


@pytest.fixture
def wall_store(database: Database) -> Store:
    return Store(database, WallClock(), remember_nothing)


@pytest.fixture
def engine(database: Database) -> LocalEngine:
    return LocalEngine(lambda: runnable_segments(Store(database, WallClock(), remember_nothing)))
