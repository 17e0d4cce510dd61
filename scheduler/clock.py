"""The alarm clock on wall time: APScheduler rings once per due time, and a ring only ever calls `tick`.

It decides nothing. The store's `next_fire_at` says what is due; an alarm that never rang, rang twice, late, or in
several processes at once changes nothing but the evidence, and the sweep finds what no alarm announced.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from apscheduler.events import JobExecutionEvent, JobSubmissionEvent
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.engine.port import Engine
from scheduler.evidence import HEARD, EvidenceBox, read_event
from scheduler.schedules import next_due
from scheduler.tick import Swept, sweep, tick
from store.handle import Store
from store.kernel.errors import DatabaseUnavailable, UserMistake
from store.queries.schedules import live_schedules, schedule
from store.records.schedule import Schedule

SWEEP_SECONDS = 30.0
FORGET_EVERY_SECONDS = 3600.0
FORGET_AFTER = timedelta(days=7)
"""How long the engine keeps what it knows of a segment that ended. The store's own record of it stays."""

RING_THREADS = 4
_SWEEP = "sweep"
_FORGET = "forget"
_PREFIX = "schedule:"

log = structlog.get_logger(__name__)


class Alarm(NamedTuple):
    """The timing of one schedule, as the alarm clock has it."""

    cron: str | None
    every_seconds: int | None
    anchor_at: datetime | None
    timezone: str


class DueTimes(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Rings at the due times of `scheduler.schedules`, so that clock and store never disagree about when."""

    def __init__(self, alarm: Alarm) -> None:
        self.alarm = alarm

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first due time after both: a clock stepped back rings nothing twice, a machine that slept rings once.

        None, and the alarm is gone, for a timing that cannot be read: an exception here would end APScheduler's thread
        and silence all others. The sweep goes on reporting that schedule.
        """
        try:
            return next_due(self.alarm, now if previous_fire_time is None else max(previous_fire_time, now))
        except UserMistake:
            log.exception("alarm_unreadable")
            return None


class RingPool(BasePoolExecutor):  # type: ignore[misc]  # APScheduler ships no types
    """The threads that rings and sweeps run in, within reach: APScheduler waits for its own while holding its locks."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(RING_THREADS, thread_name_prefix="alarm")
        super().__init__(self.threads)


class Health(NamedTuple):
    """How the alarm clock fares.

    `swept_at` is None before the first sweep; much older than the sweep's interval, it says that the clock has stopped.
    `failures` are the parts of the last sweep that failed.
    """

    swept_at: datetime | None
    failures: tuple[str, ...]
    evidence_waiting: int


class AlarmClock:
    """Rings for every live schedule and sweeps; see the module. Safe between threads."""

    def __init__(self, store: Store, engine: Engine, sweep_seconds: float = SWEEP_SECONDS) -> None:
        self._store = store
        self._engine = engine
        self._stopping = threading.Event()
        self._evidence = EvidenceBox(store)
        self._swept_at: datetime | None = None
        self._swept = Swept()
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._pool = RingPool()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": self._pool},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_listener(self._hear, HEARD)
        self._scheduler.add_job(self._sweep, IntervalTrigger(seconds=sweep_seconds), id=_SWEEP)
        self._scheduler.add_job(self._forget, IntervalTrigger(seconds=FORGET_EVERY_SECONDS), id=_FORGET)

    def start(self) -> None:
        """Sets an alarm for every live schedule and begins to ring; what fell due meanwhile rings at once."""
        self.reload()
        self._scheduler.start()

    def reload(self) -> None:
        """Makes the alarms those of the store's live schedules; call it after schedules were installed."""
        live = {one.id: one for one in live_schedules(self._store)}
        for schedule_id in self._alarms().keys() - live.keys():
            self.remove(schedule_id)
        for one in live.values():
            self.add(one)

    def add(self, wanted: Schedule) -> None:
        """Sets the schedule's alarm to its next due time, replacing an older one; one never due again has none."""
        if wanted.retired or wanted.next_fire_at is None:
            self.remove(wanted.id)
            return
        self._scheduler.add_job(
            self._ring,
            DueTimes(_alarm(wanted)),
            args=[wanted.id],
            id=_PREFIX + wanted.id,
            name=wanted.id,
            next_run_time=wanted.next_fire_at,
            replace_existing=True,
        )

    def remove(self, schedule_id: str) -> None:
        """Drops the schedule's alarm, if it has one."""
        try:
            self._scheduler.remove_job(_PREFIX + schedule_id)
        except JobLookupError:
            log.debug("alarm_already_gone", schedule=schedule_id)

    def pause(self) -> None:
        """Rings and sweeps no more until `resume`. Due times go on passing; the next ring finds them in the store."""
        self._scheduler.pause()

    def resume(self) -> None:
        """Rings again, at once for what fell due meanwhile."""
        self._scheduler.resume()

    def next_rings(self) -> dict[str, datetime]:
        """Schedule id → when its alarm rings next."""
        return {job.name: job.next_run_time for job in self._scheduler.get_jobs() if job.id.startswith(_PREFIX)}

    def health(self) -> Health:
        """How the alarm clock fares, for a person or a health check to see."""
        return Health(self._swept_at, self._swept.failures, len(self._evidence))

    def stop(self) -> None:
        """Ends the ring in progress after its present transaction, writes the last evidence and stops. Once only."""
        self._stopping.set()
        self._scheduler.shutdown(wait=False)  # waiting in there deadlocks with a sweep that asks for the alarms
        self._pool.threads.shutdown(wait=True)
        try:
            self._evidence.deliver()
        except DatabaseUnavailable:
            log.exception("evidence_lost", count=len(self._evidence))

    def _ring(self, schedule_id: str) -> None:
        tick(self._store, schedule_id, self._stopping.is_set)

    def _sweep(self) -> None:
        self._swept = sweep(self._store, self._engine, self._stopping.is_set)
        self._swept_at = self._store.clock.now()
        if not self._stopping.is_set():
            self._set_unknown_alarms()
        self._evidence.deliver()

    def _forget(self) -> None:
        self._engine.forget_finished(self._store.clock.now() - FORGET_AFTER)

    def _set_unknown_alarms(self) -> None:
        """Another process may have installed or changed schedules: the sweep noticed by finding them due."""
        if not self._swept.due:
            return
        alarms = self._alarms()
        unknown = [one.id for one in self._swept.due if alarms.get(one.id) != _alarm(one)]
        for moved in (schedule(self._store, schedule_id) for schedule_id in unknown):
            if moved is not None:
                self.add(moved)

    def _alarms(self) -> dict[str, Alarm]:
        return {job.name: job.trigger.alarm for job in self._scheduler.get_jobs() if job.id.startswith(_PREFIX)}

    def _hear(self, event: JobExecutionEvent | JobSubmissionEvent) -> None:
        """Runs in APScheduler's own threads: takes the evidence in and nothing else."""
        if event.job_id.startswith(_PREFIX):
            schedule_id = event.job_id.removeprefix(_PREFIX)
            self._evidence.put(read_event(event, schedule_id, self._store.clock.now()))


def _alarm(one: Schedule) -> Alarm:
    return Alarm(one.cron, one.every_seconds, one.anchor_at, one.timezone)
