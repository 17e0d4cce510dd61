"""Runs: made once per cause, moved only along their lifecycle, ended with a reason."""

from datetime import timedelta

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import close_cause, strike
from store.actions.insert import insert_once
from store.actions.locked import locked_run
from store.actions.offers import settle_claims
from store.actions.run_log import redraw_log
from store.actions.task_claims import end_claims, rest_claims, resume_claims
from store.kernel.canonical import JsonObject
from store.kernel.errors import Refused
from store.kernel.ids import derive
from store.kernel.ports import Segment
from store.records.actor import SYSTEM, Actor
from store.records.agent import AgentState
from store.records.approval import ApprovalState
from store.records.card import CardKind
from store.records.receipt import Receipt
from store.records.run import UNDO_OF, Run, RunLimits, RunState, Trigger
from store.records.schedule import Outcome
from store.records.step import StepState
from store.rules.lifecycles import RUN, require_move
from store.transaction import Tx

ENGINE_MARGIN_SECONDS = 300
"""How much longer than a segment's own deadline the engine's wall-clock backstop waits."""


@action("runs.request")
def request_run(
    tx: Tx, *, agent_id: str, trigger: Trigger, limits: RunLimits, workspace_digest: str, tainted: bool = False
) -> Run:
    """Makes the one run of this trigger and enqueues its first segment; a repeated trigger returns the run it made.

    `tainted` says that the trigger's input holds text by strangers. Raises Refused (rule `agent.paused`) while the
    agent is paused.
    """
    if is_paused(tx, agent_id):
        raise Refused(f"{agent_id} is paused; resume it first.", "agent.paused")
    return start_run(
        tx, agent_id=agent_id, trigger=trigger, limits=limits, workspace_digest=workspace_digest, tainted=tainted
    )


def start_run(
    tx: Tx, *, agent_id: str, trigger: Trigger, limits: RunLimits, workspace_digest: str, tainted: bool = False
) -> Run:
    """The part of making a run that other actions share: row, audit event, card and first segment."""
    run = Run(
        id=derive("run", agent_id, trigger.key),
        agent_id=agent_id,
        trigger=trigger,
        state=RunState.QUEUED,
        segment=0,
        attempt=1,
        limits=limits,
        tainted=tainted,
        created_at=tx.now,
        workspace_digest=workspace_digest,
    )
    keys = {"trigger_key": f"{agent_id}:{trigger.key}", "schedule_id": trigger.schedule_id}
    if not insert_once(tx, schema.runs, {**rows.values(run), **keys}):
        return locked_run(tx, run.id)
    tx.audit(
        "run.requested",
        trigger.initiator,
        ("run", run.id),
        agent=agent_id,
        trigger=trigger.kind.value,
        due_at=trigger.due_at,
        tainted=tainted or None,
    )
    show_run(tx, run)
    _redraw_taken_back(tx, run)
    tx.enqueue(segment_of(run))
    return run


@action("runs.begin_segment")
def begin_segment(tx: Tx, run_id: str, number: int) -> Run | None:
    """Moves a queued run to running, or finds it running the same segment after a crash; returns it.

    None when this segment has nothing left to do: it was done, stopped or replaced meanwhile. Marks the due time as
    ran, or late when it starts after the schedule's lateness limit.
    """
    run = locked_run(tx, run_id)
    if run.segment != number or run.state not in (RunState.QUEUED, RunState.RUNNING):
        return None
    deadline = tx.now + timedelta(seconds=run.limits.wall_seconds)
    if run.state is RunState.RUNNING:
        tx.audit("run.resumed", SYSTEM, ("run", run_id), segment=number)
        resume_claims(tx, run_id)
        return _change(tx, run, deadline_at=deadline)  # the time nobody ran is not the session's
    first = run.started_at is None
    run = move_run(tx, run, RunState.RUNNING, started_at=run.started_at or tx.now, deadline_at=deadline, reason=None)
    if first:
        _settle_occurrence_start(tx, run)
    else:
        resume_claims(tx, run_id)
    tx.audit("run.started" if first else "run.continued", SYSTEM, ("run", run_id), segment=number, attempt=run.attempt)
    return run


@action("runs.save_receipt")
def save_receipt(tx: Tx, receipt: Receipt) -> None:
    """Keeps what the session knew when it began; the first receipt of a run stands."""
    if insert_once(tx, schema.receipts, rows.values(receipt)):
        tx.audit("run.booted", SYSTEM, ("run", receipt.run_id), receipt=receipt.digest, layers=len(receipt.layers))


@action("runs.finish")
def finish_run(
    tx: Tx,
    run_id: str,
    *,
    state: RunState,
    result: JsonObject | None = None,
    reason: str | None = None,
    owner: str | None = None,
    segment: int | None = None,
) -> Run:
    """Ends a running run. `owner` is whom to ask; required in meaning, not in form, for needs_attention.

    A run that has already ended, or has moved past `segment`, is returned as it is: a late writer changes nothing.
    """
    run = locked_run(tx, run_id)
    if run.state is not RunState.RUNNING or (segment is not None and run.segment != segment):
        return run
    return end_run(tx, run, state, actor=SYSTEM, reason=reason, owner=owner, result=result)


@action("runs.retry")
def retry_run(tx: Tx, run_id: str, reason: str) -> bool:
    """Queues another attempt of a running run whose finished steps stay done; False when no retries are left."""
    run = locked_run(tx, run_id)
    if run.state is not RunState.RUNNING or run.attempt > run.limits.retries:
        return False
    run = move_run(
        tx, run, RunState.QUEUED, segment=run.segment + 1, attempt=run.attempt + 1, deadline_at=None, reason=reason
    )
    tx.audit("run.retried", SYSTEM, ("run", run_id), attempt=run.attempt, reason=reason)
    tx.enqueue(segment_of(run))
    return True


@action("runs.request_stop")
def request_stop(tx: Tx, run_id: str, actor: Actor) -> Run:
    """Stops a run: at once when it is queued or waits, at its next step when it runs. An ended run is left as it is."""
    run = locked_run(tx, run_id)
    if run.state is RunState.RUNNING:
        return ask_to_stop(tx, run, actor, by=actor.id)
    if run.state.is_final:
        return run
    tx.audit("run.stop_requested", actor, ("run", run_id), state=run.state.value)
    return end_run(tx, run, RunState.CANCELLED, actor=actor, reason=f"stopped by {actor.id}")


@action("runs.time_out")
def time_out_run(tx: Tx, run_id: str) -> Run:
    """Ends a run whose deadline has passed and whose own session has not ended it; any other run is left as it is."""
    run = locked_run(tx, run_id)
    if run.state is not RunState.RUNNING or run.deadline_at is None or run.deadline_at > tx.now:
        return run
    return end_run(tx, run, RunState.TIMED_OUT, actor=SYSTEM, reason=f"no end within {run.limits.wall_seconds} s")


def segment_of(run: Run) -> Segment:
    """The run's present segment, as the engine takes it."""
    return Segment(run.id, run.segment, run.agent_id, run.limits.wall_seconds + ENGINE_MARGIN_SECONDS)


def show_run(tx: Tx, run: Run, *, progress: bool = False) -> None:
    """Redraws the run's card. Runs of one schedule or one watch share a card, so what recurs edits one message."""
    tx.show(CardKind.RUN, run.id, run.agent_id, slot=run.trigger.slot, progress=progress)


def move_run(tx: Tx, run: Run, state: RunState, **changes: object) -> Run:
    """Moves a locked run along its lifecycle and redraws its card. Raises IllegalTransition."""
    require_move(RUN, run.state, state)
    if run.state is RunState.RUNNING and not state.is_final:
        rest_claims(tx, run.id)
    return _change(tx, run, state=state, **changes)


def ask_to_stop(tx: Tx, run: Run, actor: Actor, *, by: str, why: str | None = None) -> Run:
    """Asks a locked run that runs to stop at its next step; the first to ask is remembered."""
    if run.stop_requested_by is not None:
        return run
    tx.audit("run.stop_requested", actor, ("run", run.id), state=run.state.value, why=why)
    return _change(tx, run, stop_requested_by=by)


def requeue_waiting(tx: Tx, run_id: str) -> None:
    """Enqueues the segment a waiting run waits for; a run that no longer waits is left as it is."""
    run = locked_run(tx, run_id)
    if run.state is RunState.WAITING:
        run = move_run(tx, run, RunState.QUEUED, deadline_at=None, reason=None)
        tx.enqueue(segment_of(run))


def end_run(
    tx: Tx,
    run: Run,
    state: RunState,
    *,
    actor: Actor,
    reason: str | None = None,
    owner: str | None = None,
    result: JsonObject | None = None,
) -> Run:
    """Ends a locked run: withdraws its questions, settles due time and claims, raises or closes its incident."""
    ended = move_run(
        tx,
        run,
        state,
        finished_at=tx.now,
        deadline_at=None,
        reason=reason,
        owner=owner,
        result=result,
        held_micros=0,
        spent_micros=run.spent_micros + run.held_micros,  # a hold nobody settled counts as spent
    )
    _settle_held_day(tx, run)
    _withdraw_open(tx, ended)
    redraw_log(tx, run.id)
    _redraw_taken_back(tx, ended)
    _settle_occurrence_end(tx, ended)
    settle_claims(tx, ended)
    end_claims(tx, ended)
    tx.audit(f"run.{state.value}", actor, ("run", run.id), reason=reason, spent_micros=ended.spent_micros)
    _note_incident(tx, ended)
    return ended


def _redraw_taken_back(tx: Tx, run: Run) -> None:
    """Redraws the card of the approval whose call this run takes back; its card says how that goes."""
    approval_id = run.trigger.input.get(UNDO_OF)
    if isinstance(approval_id, str):
        tx.redraw(CardKind.APPROVAL, approval_id)


def _change(tx: Tx, run: Run, **changes: object) -> Run:
    changed = run.model_copy(update=changes)
    columns = {name: value for name, value in rows.values(changed).items() if name in changes}
    tx.connection.execute(schema.runs.update().where(schema.runs.c.id == run.id).values(columns))
    show_run(tx, run)
    return changed


def is_paused(tx: Tx, agent_id: str) -> bool:
    """True while the agent starts nothing."""
    state = tx.connection.execute(sa.select(schema.agents.c.state).where(schema.agents.c.agent_id == agent_id)).scalar()
    return state == AgentState.PAUSED.value


def _occurrence_of(run: Run) -> sa.ColumnElement[bool]:
    return schema.occurrences.c.run_id == run.id


def _settle_occurrence_start(tx: Tx, run: Run) -> None:
    if run.trigger.due_at is None or run.trigger.schedule_id is None:
        return
    query = sa.select(schema.schedules.c.lateness_seconds).where(schema.schedules.c.id == run.trigger.schedule_id)
    limit = timedelta(seconds=tx.connection.execute(query).scalar() or 0)
    behind = tx.now - run.trigger.due_at
    outcome, reason = (
        (Outcome.RAN, None)
        if behind <= limit
        else (Outcome.LATE, f"started {int(behind.total_seconds())} s after it was due")
    )
    _set_occurrence(tx, run, outcome, reason)
    if outcome is Outcome.LATE:
        _late_incident(tx, run, str(reason))


def _settle_occurrence_end(tx: Tx, run: Run) -> None:
    if run.trigger.schedule_id is None or run.started_at is not None:
        return
    if run.state is RunState.CANCELLED:
        _set_occurrence(tx, run, Outcome.SKIPPED, run.reason or "stopped before it started")
    else:
        _set_occurrence(tx, run, Outcome.UNKNOWN, run.reason or "its run ended before it started")


def _set_occurrence(tx: Tx, run: Run, outcome: Outcome, reason: str | None) -> None:
    table = schema.occurrences
    tx.connection.execute(
        table.update()
        .where(_occurrence_of(run), table.c.outcome == Outcome.PENDING.value)
        .values(outcome=outcome.value, reason=reason, recorded_at=tx.now)
    )


def _settle_held_day(tx: Tx, run: Run) -> None:
    """Counts the run's outstanding holds as spent in their days' sums; a late outcome still corrects them."""
    table, step = schema.day_spend, schema.steps
    held = sa.select(step.c.held_micros, step.c.started_at).where(step.c.run_id == run.id, step.c.held_micros > 0)
    for row in tx.connection.execute(held).all():
        day = table.c.agent_id == run.agent_id, table.c.day == row.started_at.date().isoformat()
        sums = {
            "held_micros": table.c.held_micros - row.held_micros,
            "spent_micros": table.c.spent_micros + row.held_micros,
        }
        tx.connection.execute(table.update().where(*day).values(sums))


def _withdraw_open(tx: Tx, run: Run) -> None:
    table, words = schema.approvals, f"its run ended: {run.reason or run.state.value}"
    open_ones = sa.select(table.c.id).where(
        table.c.run_id == run.id, table.c.state.in_([ApprovalState.OPEN.value, ApprovalState.APPROVED.value])
    )
    for approval_id in tx.connection.execute(open_ones).scalars().all():
        tx.connection.execute(
            table.update()
            .where(table.c.id == approval_id)
            .values(
                state=ApprovalState.WITHDRAWN.value,
                outcome=words,
                revision=table.c.revision + 1,
            )
        )
        tx.audit("approval.withdrawn", SYSTEM, ("approval", approval_id), run=run.id)
        tx.show(CardKind.APPROVAL, approval_id, run.agent_id)
    _end_waiting_steps(tx, run, words)


def _end_waiting_steps(tx: Tx, run: Run, words: str) -> None:
    table = schema.steps
    tx.connection.execute(
        table.update()
        .where(table.c.run_id == run.id, table.c.state == StepState.WAITING.value)
        .values(state=StepState.REFUSED.value, error=words, finished_at=tx.now)
    )


_TROUBLE = {
    RunState.FAILED: "could not finish",
    RunState.TIMED_OUT: "ran out of time",
    RunState.NEEDS_ATTENTION: "needs attention",
}


def _note_incident(tx: Tx, run: Run) -> None:
    cause = f"run.failed:{run.agent_id}"
    if run.state is RunState.DONE:
        close_cause(tx, cause, closed_by=None)
    if run.state not in _TROUBLE:
        return
    owner = f"{run.owner} is asked to look. " if run.owner else ""
    strike(
        tx,
        cause=cause,
        kind=run.state.value,
        title=f"{run.agent_id} {_TROUBLE[run.state]}",
        detail=run.reason or run.state.value,
        next_step=f"{owner}Open the run to see its last step; run it again when the cause is gone.",
        agent_id=run.agent_id,
        run_id=run.id,
        example={"run": run.id, "at": tx.now.isoformat(), "reason": run.reason},
    )


def _late_incident(tx: Tx, run: Run, reason: str) -> None:
    strike(
        tx,
        cause="schedules.late",
        kind="late",
        title="Work started late",
        detail=reason,
        next_step="Nothing is lost. If it keeps happening, give the agents longer intervals or more room.",
        agent_id=None,
        run_id=run.id,
        example={"schedule": run.trigger.schedule_id, "run": run.id, "reason": reason},
    )
