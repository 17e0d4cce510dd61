"""Firing what is due: read the facts, plan, apply; and the sweep, the safety net that does so for everything.

Both may run in any number of threads and processes at once: a plan is applied only if nobody was faster, and the store
is asked again after every plan.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from scheduler.engine.port import Engine
from scheduler.plan import plan_fire
from store.actions.deadlines import enforce_deadlines
from store.actions.schedules import fire_schedule
from store.handle import Store
from store.queries.runs import runnable_segments
from store.queries.schedules import active_run_ids, agent_paused, due_schedules, schedule
from store.records.schedule import FirePlan, Schedule

log = structlog.get_logger(__name__)


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Swept:
    """What one sweep did. `due` are the schedules found due, as they stood; `failures` name the parts that failed."""

    due: tuple[Schedule, ...] = ()
    fired: int = 0
    deadlines: int = 0
    revived: int = 0
    failures: tuple[str, ...] = ()


def tick(store: Store, schedule_id: str, should_stop: Callable[[], bool] = _never) -> int:
    """Gives every due time of one schedule that has come its row, and its run where it gets one; returns how many.

    Each was written exactly once, by this caller or by another at the same time. `should_stop` is asked between
    transactions; what is then left is found by the next tick.
    """
    fired = 0
    while not should_stop():
        plan = _plan(store, schedule_id)
        if plan is None:
            break
        if fire_schedule(store, plan):
            fired += len(plan.dues)
    return fired


def tick_all(store: Store, should_stop: Callable[[], bool] = _never) -> int:
    """Ticks every due schedule, the longest due first; returns how many due times were written."""
    due = due_schedules(store, store.clock.now())
    return sum(tick(store, one.id, should_stop) for one in due)


def sweep(store: Store, engine: Engine, should_stop: Callable[[], bool] = _never) -> Swept:
    """Fires all that is due, enforces the deadlines, and has the engine take up what it lost.

    Each part is tried even when another fails: one broken schedule must not silence the rest. Failures are logged and
    returned by name.
    """
    failures: list[str] = []
    found: list[Schedule] = []
    with _noting(failures, "due"):
        found = due_schedules(store, store.clock.now())
    fired = deadlines = revived = 0
    for one in found:
        with _noting(failures, f"tick {one.id}"):
            fired += tick(store, one.id, should_stop)
    with _noting(failures, "deadlines"):
        deadlines = enforce_deadlines(store)
    with _noting(failures, "stranded"):
        revived += engine.recover_stranded()
    with _noting(failures, "ensure"):
        revived += ensure_queued(store, engine)
    for segment in engine.overdue():
        log.error("segment_overdue", segment=segment.key, timeout_seconds=segment.timeout_seconds)
    return Swept(tuple(found), fired, deadlines, revived, tuple(failures))


def ensure_queued(store: Store, engine: Engine) -> int:
    """Has the engine take up runs that the record calls queued and the engine neither waits for nor executes."""
    queued = runnable_segments(store)
    known = engine.known(segment.key for segment in queued)
    lost = {segment.key for segment in queued} - known
    if not lost:
        return 0
    # Asked again: one that the engine finished between the two questions is not queued any more.
    return engine.ensure([segment for segment in runnable_segments(store) if segment.key in lost])


@contextmanager
def _noting(failures: list[str], part: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("sweep_part_failed", part=part)
        failures.append(part)


def _plan(store: Store, schedule_id: str) -> FirePlan | None:
    now = store.clock.now()
    one = schedule(store, schedule_id)
    if one is None or one.next_fire_at is None or one.next_fire_at > now:
        return None
    return plan_fire(
        one,
        now,
        paused=one.paused or agent_paused(store, one.agent_id),
        active_run_ids=active_run_ids(store, schedule_id),
    )
