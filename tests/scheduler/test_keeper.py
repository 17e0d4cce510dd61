"""A process that cannot say that it lives ends itself; the engine's contract shows the rest with real processes."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from scheduler.engine.dbos_engine import DbosEngine
from scheduler.keeper import Keeper, Limits
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.queries.workers import alive_executors
from tests.scheduler.given import START
from tests.scheduler.waiting import until

LIMITS = Limits(beat_seconds=0.1, fence_seconds=3.0, dead_seconds=5.0)


@pytest.fixture
def postgres_store(migrated_postgres_url: str) -> Iterator[Store]:
    database = Database(migrated_postgres_url)
    yield Store(database, WallClock(), lambda tx, segment: None)
    database.close()


@pytest.fixture
def engine(postgres_store: Store) -> DbosEngine:
    return DbosEngine(postgres_store.database, postgres_store.clock)


@pytest.mark.postgres
def test_it_beats_from_the_start_and_goes_on(postgres_store: Store, engine: DbosEngine) -> None:
    keeper = Keeper(postgres_store, engine, LIMITS)
    keeper.start()
    assert alive_executors(postgres_store, START) == {engine.executor_id}
    first = postgres_store.clock.now()
    until(lambda: alive_executors(postgres_store, first))
    keeper.stop()


@pytest.mark.postgres
def test_it_fences_when_the_database_is_gone(
    postgres_store: Store, engine: DbosEngine, postgres_url: str, migrated_postgres_url: str
) -> None:
    fenced = threading.Event()
    keeper = Keeper(postgres_store, engine, LIMITS, fence=fenced.set)
    keeper.start()
    name = migrated_postgres_url.rpartition("?")[0].rpartition("/")[2]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        until(fenced.is_set)
        connection.execute(f'CREATE DATABASE "{name}"')
    keeper.stop()


@pytest.mark.postgres
def test_it_does_not_fence_while_it_beats(postgres_store: Store, engine: DbosEngine) -> None:
    fenced = threading.Event()
    keeper = Keeper(postgres_store, engine, LIMITS, fence=fenced.set)
    keeper.start()
    began = postgres_store.clock.now()
    until(lambda: (postgres_store.clock.now() - began).total_seconds() > 1.2 * LIMITS.fence_seconds)
    keeper.stop()
    assert not fenced.is_set()


def test_on_sqlite_it_does_nothing(migrated_sqlite_url: str) -> None:
    database = Database(migrated_sqlite_url)
    store = Store(database, WallClock(), lambda tx, segment: None)
    keeper = Keeper(store, DbosEngine(database, store.clock), LIMITS)
    keeper.start()
    assert alive_executors(store, START) == set()
    keeper.stop()
    database.close()


def test_the_limits_leave_a_margin_between_ending_oneself_and_being_called_dead() -> None:
    usual = Limits()
    assert usual.beat_seconds * 3 <= usual.fence_seconds
    assert usual.fence_seconds * 1.5 <= usual.dead_seconds


@pytest.mark.postgres
def test_every_start_on_postgresql_is_an_executor_of_its_own(postgres_store: Store) -> None:
    ids = {DbosEngine(postgres_store.database, postgres_store.clock).executor_id for _ in range(3)}
    assert len(ids) == 3
