"""Schedules: installed from the workspace, fired once per due time, every due time one row."""

from collections.abc import Sequence

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import strike
from store.actions.insert import insert_once
from store.actions.locked import locked_run
from store.actions.runs import ask_to_stop, end_run, start_run
from store.kernel.canonical import JsonObject
from store.kernel.errors import NotFound
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.run import RunState, Trigger, TriggerKind
from store.records.schedule import FirePlan, Outcome, PlannedDue, Schedule
from store.transaction import Tx

_DEFINITION = (
    "agent_id",
    "cron",
    "every_seconds",
    "anchor_at",
    "timezone",
    "misfire",
    "misfire_max",
    "overlap",
    "lateness_seconds",
    "input",
    "limits",
    "workspace_digest",
)


@action("schedules.install")
def install_schedules(tx: Tx, wanted: list[Schedule]) -> None:
    """Makes the schedules those of the workspace: new ones start at their `next_fire_at`, gone ones are retired.

    A schedule whose timing is unchanged keeps its own `next_fire_at`, so what fell due while nobody ran is not lost.
    """
    put_schedules(tx, wanted)


def put_schedules(tx: Tx, wanted: Sequence[Schedule]) -> None:
    """The shared part of installing schedules."""
    for schedule in wanted:
        _install(tx, schedule)
    table = schema.schedules
    gone = table.c.retired.is_(False) & table.c.id.not_in([schedule.id for schedule in wanted])
    retired = tx.connection.execute(table.update().where(gone).values(retired=True).returning(table.c.id))
    for schedule_id in sorted(retired.scalars()):
        tx.audit("schedule.retired", SYSTEM, ("schedule", schedule_id))


@action("schedules.fire")
def fire_schedule(tx: Tx, plan: FirePlan) -> bool:
    """Applies a plan: advances the schedule, inserts one row per due time and the runs, and enqueues their segments.

    False, and nothing changed, when the schedule has moved since the plan was made: somebody else fired it.
    """
    table = schema.schedules
    row = tx.connection.execute(
        table.update()
        .where(table.c.id == plan.schedule_id, table.c.next_fire_at == plan.from_fire_at, table.c.retired.is_(False))
        .values(next_fire_at=plan.until_fire_at)
        .returning(*table.c)
    ).first()
    if row is None:
        return False
    schedule = rows.read(Schedule, row)
    for run_id in plan.cancel_run_ids:
        _replace(tx, run_id)
    for due in plan.dues:
        _record_due(tx, schedule, due)
    _note_missed(tx, schedule, plan.dues)
    return True


@action("schedules.evidence")
def add_evidence(tx: Tx, schedule_id: str, due_at: object, evidence: JsonObject) -> None:
    """Keeps what the alarm clock said about a due time, beside its row."""
    tx.connection.execute(
        schema.evidence.insert().values(schedule_id=schedule_id, due_at=due_at, recorded_at=tx.now, data=evidence)
    )


@action("schedules.pause")
def pause_schedule(tx: Tx, schedule_id: str, actor: Actor, *, paused: bool) -> None:
    """Switches a schedule; while paused its due times are recorded as skipped. Raises NotFound."""
    table = schema.schedules
    changed = tx.connection.execute(
        table.update().where(table.c.id == schedule_id, table.c.retired.is_(False)).values(paused=paused)
    )
    if changed.rowcount == 0:
        raise NotFound(f"There is no schedule {schedule_id}.")
    tx.audit("schedule.paused" if paused else "schedule.resumed", actor, ("schedule", schedule_id))


def _install(tx: Tx, wanted: Schedule) -> None:
    table, row = schema.schedules, rows.values(wanted)
    known = None
    if not insert_once(tx, table, row):
        # Locked: another process may be firing it, and next_fire_at must never go back.
        found = tx.connection.execute(sa.select(table).where(table.c.id == wanted.id).with_for_update()).one()
        known = rows.read(Schedule, found)
        row |= _kept(wanted, known)
        tx.connection.execute(table.update().where(table.c.id == wanted.id).values(row))
    if known is None or known.retired or any(getattr(wanted, name) != getattr(known, name) for name in _DEFINITION):
        tx.audit(
            "schedule.installed",
            SYSTEM,
            ("schedule", wanted.id),
            agent=wanted.agent_id,
            workspace=wanted.workspace_digest,
        )


def _kept(wanted: Schedule, known: Schedule) -> dict[str, object]:
    timing = {"next_fire_at": known.next_fire_at, "anchor_at": known.anchor_at}
    return {"paused": known.paused, **(timing if _same_timing(wanted, known) else {})}


def _same_timing(wanted: Schedule, known: Schedule) -> bool:
    timing = ("cron", "every_seconds", "timezone")
    return not known.retired and all(getattr(wanted, name) == getattr(known, name) for name in timing)


def _replace(tx: Tx, run_id: str) -> None:
    run = locked_run(tx, run_id)
    why = "replaced by its next due time"
    if run.state is RunState.RUNNING:
        ask_to_stop(tx, run, SYSTEM, by="schedule", why=why)
    elif not run.state.is_final:
        end_run(tx, run, RunState.CANCELLED, actor=SYSTEM, reason=why)


def _record_due(tx: Tx, schedule: Schedule, due: PlannedDue) -> None:
    run_id = _run_for(tx, schedule, due) if due.outcome is Outcome.PENDING else None
    row = {
        "schedule_id": schedule.id,
        "due_at": due.due_at,
        "outcome": due.outcome.value,
        "reason": due.reason,
        "run_id": run_id,
        "recorded_at": tx.now,
    }
    insert_once(tx, schema.occurrences, row)
    if due.outcome is not Outcome.PENDING:
        tx.audit(f"due.{due.outcome.value}", SYSTEM, ("schedule", schedule.id), due_at=due.due_at, reason=due.reason)


def _run_for(tx: Tx, schedule: Schedule, due: PlannedDue) -> str:
    trigger = Trigger(
        kind=TriggerKind.SCHEDULE,
        key=f"{schedule.id}@{due.due_at.isoformat()}",
        initiator=Actor(kind=ActorKind.SYSTEM, id=f"schedule {schedule.id}"),
        input=schedule.input,
        schedule_id=schedule.id,
        due_at=due.due_at,
    )
    run = start_run(
        tx,
        agent_id=schedule.agent_id,
        trigger=trigger,
        limits=schedule.limits,
        workspace_digest=schedule.workspace_digest,
    )
    return run.id


def _note_missed(tx: Tx, schedule: Schedule, dues: tuple[PlannedDue, ...]) -> None:
    missed = [due for due in dues if due.outcome is Outcome.MISSED]
    if not missed:
        return
    strike(
        tx,
        cause="schedules.missed",
        kind="missed",
        title="Due times passed with nobody running",
        detail=f"The last: {schedule.id}, due {missed[-1].due_at.isoformat()} ({missed[-1].reason})",
        next_step="Nothing to repair: each is on record. Keep the process running, or run the agent now.",
        agent_id=None,
        run_id=None,
        example={
            "schedule": schedule.id,
            "from": missed[0].due_at.isoformat(),
            "until": missed[-1].due_at.isoformat(),
            "count": len(missed),
        },
        count=len(missed),
    )
