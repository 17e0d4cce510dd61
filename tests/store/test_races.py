"""Two processes on one PostgreSQL: what one has done and not committed yet, the other neither misses nor trips over."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from store.actions import Store
from store.actions.incidents import record_incident
from store.actions.outbox import refresh_fleet
from store.actions.schedules import fire_schedule, install_schedules
from store.database import Database
from store.kernel.clock import ManualClock
from store.queries import cards, incidents, schedules
from store.queries.audit import verify_audit
from store.records import FirePlan, Misfire, Outcome, Overlap, PlannedDue, Schedule
from store.transaction import Tx
from tests.store.conftest import START, Queue
from tests.store.samples import LIMITS

pytestmark = pytest.mark.postgres

WAIT_SECONDS = 20.0
TEN = timedelta(seconds=10)


@pytest.fixture
def postgres_store(migrated_postgres_url: str, clock: ManualClock, queue: Queue) -> Iterator[Store]:
    database = Database(migrated_postgres_url)
    yield Store(database, clock, queue)
    database.close()


def while_uncommitted(store: Store, first: Callable[[Tx], object], second: Callable[[], object]) -> None:
    """Has `second` run into what `first` has done, before that is committed; both are done when this returns."""
    with ThreadPoolExecutor(1) as other:
        with store.database.write() as connection:
            tx = Tx(connection, store.clock.now(), store.enqueue)
            first(tx)
            running = other.submit(second)
            deadline = time.monotonic() + WAIT_SECONDS
            while not waits(store) and not running.done() and time.monotonic() < deadline:
                time.sleep(0.01)
            tx.write_audit()
        running.result(WAIT_SECONDS)
    assert verify_audit(store)[1] is None


def waits(store: Store) -> bool:
    """True when somebody waits for a lock in this database."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with store.database.read() as connection:
        return bool(connection.execute(waiting).scalar())


def body(action: Callable[..., object]) -> Callable[..., object]:
    """What the action does within its transaction."""
    inner: Callable[..., object] = action.__wrapped__  # type: ignore[attr-defined]  # functools.wraps sets it
    return inner


def test_two_strikes_of_one_cause_at_once_are_one_incident(postgres_store: Store) -> None:
    told: dict[str, Any] = {"cause": "late", "kind": "late", "title": "Late", "detail": "late", "next_step": "wait"}
    while_uncommitted(
        postgres_store,
        lambda tx: body(record_incident)(tx, **told),
        lambda: record_incident(postgres_store, **told),
    )
    [incident] = incidents.open_incidents(postgres_store)
    assert incident.count == 2


def test_two_first_drawings_of_one_card_at_once_are_one_card(postgres_store: Store) -> None:
    while_uncommitted(postgres_store, body(refresh_fleet), lambda: refresh_fleet(postgres_store))
    [card] = cards.all_cards(postgres_store)
    assert card.revision == 2


def often(next_fire_at_number: int) -> Schedule:
    return Schedule(
        id="watch-often",
        agent_id="watch",
        every_seconds=10,
        timezone="UTC",
        misfire=Misfire.RUN_LATEST,
        overlap=Overlap.SKIP,
        lateness_seconds=5,
        limits=LIMITS,
        workspace_digest="w1",
        next_fire_at=START + TEN * next_fire_at_number,
    )


def test_a_process_that_starts_never_sets_a_schedule_back(postgres_store: Store) -> None:
    install_schedules(postgres_store, [often(0)])
    due = PlannedDue(due_at=START, outcome=Outcome.PENDING)
    plan = FirePlan(schedule_id="watch-often", from_fire_at=START, until_fire_at=START + TEN, dues=(due,))
    while_uncommitted(
        postgres_store,
        lambda tx: body(fire_schedule)(tx, plan),
        lambda: install_schedules(postgres_store, [often(99)]),
    )
    assert schedules.live_schedules(postgres_store)[0].next_fire_at == START + TEN


def test_two_processes_that_start_at_once_install_a_schedule_once(postgres_store: Store) -> None:
    while_uncommitted(
        postgres_store,
        lambda tx: body(install_schedules)(tx, [often(0)]),
        lambda: install_schedules(postgres_store, [often(99)]),
    )
    assert schedules.live_schedules(postgres_store)[0].next_fire_at == START
