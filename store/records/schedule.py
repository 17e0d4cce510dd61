"""Schedules and their occurrences: every due time ends as exactly one row."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from store.kernel.canonical import JsonObject
from store.records.record import Record
from store.records.run import RunLimits


class Misfire(StrEnum):
    """What happens to due times that passed while nobody could run them."""

    RUN_LATEST = "run_latest"
    RUN_ALL = "run_all"
    SKIP = "skip"


class Overlap(StrEnum):
    """What happens to a due time while an earlier run of its schedule is queued or running (parked does not count)."""

    SKIP = "skip"
    QUEUE = "queue"
    CANCEL_RUNNING = "cancel_running"


class Outcome(StrEnum):
    """How a due time ended; `pending` until its run starts.

    ran: started within the lateness limit · late: started after it · skipped: on purpose, with a reason ·
    missed: not run and not on purpose · unknown: its run ended before it started.
    """

    PENDING = "pending"
    RAN = "ran"
    LATE = "late"
    SKIPPED = "skipped"
    MISSED = "missed"
    UNKNOWN = "unknown"


class Schedule(Record):
    """One schedule as it stands. Exactly one of `cron` and `every_seconds` is set.

    `next_fire_at` is the authority for what is due: due times are planned from it and it advances in the same
    transaction that inserts their runs. `lateness_seconds` is how late a start may be and still count as on time;
    `misfire_max` bounds run_all. `limits` are given to every run; a `retired` one is no longer in the workspace.
    """

    id: str
    agent_id: str
    cron: str | None = None
    every_seconds: int | None = None
    anchor_at: datetime | None = None
    timezone: str
    misfire: Misfire
    misfire_max: int = 1
    overlap: Overlap
    lateness_seconds: int
    input: JsonObject = Field(default_factory=dict)
    limits: RunLimits
    workspace_digest: str
    next_fire_at: datetime | None
    paused: bool = False
    retired: bool = False


class Occurrence(Record):
    """One due time of one schedule; (schedule_id, due_at) is unique.

    `evidence` holds what the alarm clock said about this due time (APScheduler's own events), oldest first.
    """

    schedule_id: str
    due_at: datetime
    outcome: Outcome
    reason: str | None = None
    run_id: str | None = None
    recorded_at: datetime
    evidence: tuple[JsonObject, ...] = ()


class PlannedDue(Record):
    """What is to become of one due time: PENDING makes a run, SKIPPED and MISSED only a row with its reason."""

    due_at: datetime
    outcome: Outcome
    reason: str | None = None


class FirePlan(Record):
    """How a schedule advances from `from_fire_at`, oldest due time first.

    Applied only while the schedule's next_fire_at still equals `from_fire_at`: whoever comes second changes nothing.
    `until_fire_at` is the first due time after the planned ones; None when there is none ever again.
    `cancel_run_ids` are runs that cancel_running replaces.
    """

    schedule_id: str
    from_fire_at: datetime
    until_fire_at: datetime | None
    dues: tuple[PlannedDue, ...]
    cancel_run_ids: tuple[str, ...] = ()
