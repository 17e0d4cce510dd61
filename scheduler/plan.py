"""What becomes of the due times that have come: run, skipped or missed, each with its reason. Pure.

The rules, in the order in which they speak:

1. *paused*: every due time is skipped.
2. *misfire* speaks only of late due times, those more than `lateness_seconds` old; one that is on time always goes on
   to rule 3. `run_latest` keeps the newest of all due times that have come, so a late one only when none is newer;
   `run_all` keeps the newest `misfire_max` late ones; `skip` keeps none. A late one that is not kept is missed.
3. *overlap* speaks of what is left. `queue` runs all, one after the other. `skip` runs the oldest unless an earlier run
   is still active, and skips the rest: they overlap the one before them. `cancel_running` runs only the newest, stops
   what is active, and skips those that the newest replaces at once.

A plan covers at most BATCH_DUE_TIMES due times, so that a machine that slept for a month under a schedule of ten
seconds writes its quarter of a million rows in short transactions. Rules 1 and 2 do not depend on where a batch ends.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from scheduler.schedules import due_times, next_due
from store.kernel.errors import UserMistake
from store.records.schedule import FirePlan, Misfire, Outcome, Overlap, PlannedDue, Schedule

BATCH_DUE_TIMES = 100
MISFIRE_MAX_LIMIT = 100

PAUSED = "paused"
STILL_ACTIVE = "an earlier run is still active"
REPLACED = "a later due time replaces it"
SUPERSEDED = "nothing could run it in time; a later due time stands for it"
TOO_MANY_LATE = "nothing could run it in time; newer late due times filled the limit"
TOO_LATE = "nothing could run it in time; the schedule skips late due times"


def validate_policy(misfire: Misfire, misfire_max: int, overlap: Overlap) -> None:
    """Raises UserMistake for a misfire and overlap policy that contradict each other or pass the limits."""
    if misfire is Misfire.RUN_ALL and overlap is not Overlap.QUEUE:
        raise UserMistake(
            f"misfire: run_all and overlap: {overlap.value} contradict each other: late runs overlap one another.",
            "Use overlap: queue with run_all, or misfire: run_latest.",
        )
    if not 1 <= misfire_max <= MISFIRE_MAX_LIMIT:
        raise UserMistake(f"misfire_max is {misfire_max}.", f"Allowed: 1 to {MISFIRE_MAX_LIMIT}.")


def plan_fire(schedule: Schedule, now: datetime, *, paused: bool, active_run_ids: Sequence[str]) -> FirePlan | None:
    """What to do about the due times from `next_fire_at` up to and including `now`; None when none has come.

    `paused` is true when the schedule or its agent is paused; `active_run_ids` are the schedule's runs that are queued
    or running. Due times past the batch are left for the next plan, which begins at `until_fire_at`.
    """
    first = schedule.next_fire_at
    if schedule.retired or first is None or first > now:
        return None
    seen = _seen(schedule, first, now)
    batch = tuple(seen[:BATCH_DUE_TIMES])
    until = seen[BATCH_DUE_TIMES] if len(seen) > BATCH_DUE_TIMES else next_due(schedule, batch[-1])
    dues = tuple(PlannedDue(due_at=due, outcome=Outcome.SKIPPED, reason=PAUSED) for due in batch)
    if not paused:
        dues = _after_overlap(_after_misfire(schedule, now, batch, seen), schedule.overlap, active_run_ids)
    return FirePlan(
        schedule_id=schedule.id,
        from_fire_at=first,
        until_fire_at=until,
        dues=dues,
        cancel_run_ids=_replaced_runs(schedule.overlap, dues, active_run_ids),
    )


def _seen(schedule: Schedule, first: datetime, now: datetime) -> list[datetime]:
    """The batch and as many due times after it as any decision inside it can depend on."""
    ahead = max(1, min(schedule.misfire_max, MISFIRE_MAX_LIMIT))
    return [first, *islice(due_times(schedule, first, now), BATCH_DUE_TIMES + ahead - 1)]


def _after_misfire(
    schedule: Schedule, now: datetime, batch: Sequence[datetime], seen: Sequence[datetime]
) -> tuple[PlannedDue, ...]:
    on_time_from = now - timedelta(seconds=schedule.lateness_seconds)
    late = [due for due in seen if due < on_time_from]
    kept, reason = _kept_late(schedule, late, seen)
    return tuple(
        PlannedDue(due_at=due, outcome=Outcome.PENDING)
        if due >= on_time_from or due in kept
        else PlannedDue(due_at=due, outcome=Outcome.MISSED, reason=reason)
        for due in batch
    )


def _kept_late(schedule: Schedule, late: Sequence[datetime], seen: Sequence[datetime]) -> tuple[set[datetime], str]:
    match schedule.misfire:
        case Misfire.RUN_LATEST:
            return set(late) & {seen[-1]}, SUPERSEDED
        case Misfire.RUN_ALL:
            return set(late[-max(1, schedule.misfire_max) :]), TOO_MANY_LATE
        case Misfire.SKIP:
            return set(), TOO_LATE


def _after_overlap(
    dues: tuple[PlannedDue, ...], overlap: Overlap, active_run_ids: Sequence[str]
) -> tuple[PlannedDue, ...]:
    wanted = [due.due_at for due in dues if due.outcome is Outcome.PENDING]
    match overlap:
        case Overlap.QUEUE:
            return dues
        case Overlap.SKIP:
            return _keep_only(dues, wanted[:1] if not active_run_ids else [], STILL_ACTIVE)
        case Overlap.CANCEL_RUNNING:
            return _keep_only(dues, wanted[-1:], REPLACED)


def _keep_only(dues: tuple[PlannedDue, ...], kept: Sequence[datetime], reason: str) -> tuple[PlannedDue, ...]:
    return tuple(
        PlannedDue(due_at=due.due_at, outcome=Outcome.SKIPPED, reason=reason)
        if due.outcome is Outcome.PENDING and due.due_at not in kept
        else due
        for due in dues
    )


def _replaced_runs(overlap: Overlap, dues: Sequence[PlannedDue], active_run_ids: Sequence[str]) -> tuple[str, ...]:
    runs = any(due.outcome is Outcome.PENDING for due in dues)
    return tuple(active_run_ids) if overlap is Overlap.CANCEL_RUNNING and runs else ()
