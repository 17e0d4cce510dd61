"""What APScheduler says of itself reaches the store, whatever it says and whenever the store is there."""

from datetime import timedelta

import pytest
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)

from scheduler.evidence import EvidenceBox, read_event
from scheduler.tick import tick_all
from store.actions.schedules import install_schedules
from store.database import Database
from store.handle import Store
from store.kernel.clock import ManualClock
from store.kernel.errors import DatabaseUnavailable, Retryable
from store.migrate import migrate
from store.queries.schedules import occurrences
from tests.scheduler.conftest import remember_nothing
from tests.scheduler.given import START, a_schedule

LATER = START + timedelta(seconds=90)


def said(event: JobExecutionEvent | JobSubmissionEvent) -> list[object]:
    return [(each.due_at, each.data) for each in read_event(event, "s", LATER)]


def test_an_alarm_in_time_is_not_worth_a_word() -> None:
    assert said(JobExecutionEvent(EVENT_JOB_EXECUTED, "j", "default", LATER - timedelta(seconds=1))) == []


def test_a_late_alarm_says_how_late() -> None:
    expected = {"event": "executed_late", "at": LATER.isoformat(), "behind_ms": 90_000}
    assert said(JobExecutionEvent(EVENT_JOB_EXECUTED, "j", "default", START)) == [(START, expected)]


def test_a_missed_alarm_is_evidence() -> None:
    expected = {"event": "missed", "at": LATER.isoformat(), "behind_ms": 90_000}
    assert said(JobExecutionEvent(EVENT_JOB_MISSED, "j", "default", START)) == [(START, expected)]


@pytest.mark.parametrize(
    ("exception", "error"),
    [(Retryable("The database is locked."), "The database is locked."), (ValueError("password=hunter2"), "ValueError")],
)
def test_a_failed_alarm_says_why_without_foreign_words(exception: Exception, error: str) -> None:
    event = JobExecutionEvent(EVENT_JOB_ERROR, "j", "default", START, exception=exception)
    assert said(event) == [(START, {"event": "error", "at": LATER.isoformat(), "behind_ms": 90_000, "error": error})]


def test_a_dropped_alarm_speaks_of_each_of_its_due_times() -> None:
    event = JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, "j", "default", [START, LATER])
    data = {"event": "max_instances", "at": LATER.isoformat()}
    assert said(event) == [(START, {**data, "behind_ms": 90_000}), (LATER, {**data, "behind_ms": 0})]


def test_evidence_waits_for_the_store_in_its_order(sqlite_database_url: str) -> None:
    database = Database(sqlite_database_url)  # not migrated yet: it cannot take anything
    store = Store(database, ManualClock(START), remember_nothing)
    box = EvidenceBox(store)
    for moment in (START, LATER):
        box.put(read_event(JobExecutionEvent(EVENT_JOB_MISSED, "j", "default", moment), "watch.minutely", LATER))
    with pytest.raises(DatabaseUnavailable):
        box.deliver()
    assert len(box) == 2
    migrate(database)
    box.deliver()
    assert len(box) == 0
    database.close()


def test_evidence_may_come_before_the_row_it_speaks_of(store: Store) -> None:
    box = EvidenceBox(store)
    box.put(read_event(JobExecutionEvent(EVENT_JOB_MISSED, "j", "default", START), "watch.minutely", LATER))
    box.deliver()
    install_schedules(store, [a_schedule()])
    tick_all(store)
    assert [each["event"] for each in occurrences(store)[0].evidence] == ["missed"]
