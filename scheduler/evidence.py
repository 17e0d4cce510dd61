"""What the alarm clock itself says about a due time, kept until the store has it."""

import threading
from collections import deque
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)

from store.actions.schedules import add_evidence
from store.handle import Store
from store.kernel.canonical import JsonObject
from store.kernel.errors import QuarterdeckError

HEARD = EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
"""The events of APScheduler that are listened to."""

LATE_AFTER = timedelta(seconds=1)
"""An alarm that finished later than this after its due time is worth a word."""

_WORDS = {
    EVENT_JOB_EXECUTED: "executed_late",
    EVENT_JOB_ERROR: "error",
    EVENT_JOB_MISSED: "missed",
    EVENT_JOB_MAX_INSTANCES: "max_instances",
}

log = structlog.get_logger(__name__)


class Evidence(NamedTuple):
    """One thing said about one due time."""

    schedule_id: str
    due_at: datetime
    data: JsonObject


def read_event(event: JobExecutionEvent | JobSubmissionEvent, schedule_id: str, now: datetime) -> list[Evidence]:
    """What an event says about the due times it speaks of; empty for an alarm that was on time."""
    due_times = getattr(event, "scheduled_run_times", None) or [event.scheduled_run_time]
    if event.code == EVENT_JOB_EXECUTED and now - due_times[0] <= LATE_AFTER:
        return []
    data: JsonObject = {"event": _WORDS[event.code], "at": now.isoformat(), **_error(event)}
    return [
        Evidence(schedule_id, due, {**data, "behind_ms": (now - due) // timedelta(milliseconds=1)}) for due in due_times
    ]


def _error(event: JobExecutionEvent | JobSubmissionEvent) -> JsonObject:
    exception = getattr(event, "exception", None)
    if exception is None:
        return {}
    # Only our own messages are known to hold no secret.
    return {"error": exception.message if isinstance(exception, QuarterdeckError) else type(exception).__name__}


class EvidenceBox:
    """Keeps evidence until the store has it. Safe between threads; `put` never blocks and never fails."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[Evidence] = deque()
        self._delivering = threading.Lock()

    def put(self, evidence: list[Evidence]) -> None:
        """Takes evidence in."""
        self._waiting.extend(evidence)

    def __len__(self) -> int:
        return len(self._waiting)

    def deliver(self) -> None:
        """Writes what waits to the store; what cannot be written now keeps waiting, and the failure propagates."""
        with self._delivering:
            while self._waiting:
                schedule_id, due_at, data = self._waiting[0]
                add_evidence(self._store, schedule_id, due_at, data)
                self._waiting.popleft()
