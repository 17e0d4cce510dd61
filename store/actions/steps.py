"""Steps: intent on record before the call, outcome after it, money held in between."""

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import strike
from store.actions.insert import insert_once
from store.actions.locked import locked_run, locked_step
from store.actions.marks import note_uses
from store.actions.run_log import log_step
from store.actions.runs import show_run
from store.kernel.canonical import Json
from store.kernel.errors import IllegalTransition, Refused
from store.kernel.money import format_usd
from store.records.actor import SYSTEM, Actor, ActorKind
from store.records.approval import ApprovalState
from store.records.card import CardKind
from store.records.intent import Made, StepIntent
from store.records.run import Run, RunState
from store.records.step import Step, StepState
from store.rules.budget import Purse
from store.rules.lifecycles import STEP, require_move
from store.transaction import Tx


@action("steps.begin")
def begin_step(tx: Tx, intent: StepIntent) -> Step:
    """Puts the intent on record and holds its worst case, before anything happens outside.

    A step already started (its process died) is started again: attempts grows, its old hold counts as spent, the new
    one is held beside it. Raises Refused with rule `limit.steps`, `budget.run` or `budget.day`, and IllegalTransition
    when the run has moved on without this caller: then nothing may be executed.
    """
    run = _running(tx, intent)
    known = locked_step(tx, intent.run_id, intent.key)
    _require_room(tx, run, intent, fresh=known is None)
    step = _restarted(tx, run, known, intent) if known else _inserted(tx, intent)
    _hold(tx, run, intent.hold_micros, fresh=known is None)
    _audit(tx, run, "step.started", step, rule=intent.rule_id, held_micros=intent.hold_micros, attempt=step.attempts)
    return step


@action("steps.settle")
def settle_step(
    tx: Tx,
    run_id: str,
    key: str,
    *,
    state: StepState,
    result: Json = None,
    error: str | None = None,
    spent_micros: int = 0,
    taint: bool = False,
    made: Made | None = None,
) -> Step:
    """Records the outcome of a started step and settles its hold; a step already settled is returned as it is.

    The outcome is recorded even when the run has ended meanwhile: what happened, happened. An unknown outcome keeps
    the hold as spent and opens an incident. The step's approval moves to executed, failed or unknown with it.
    `made` is what the call has made of which values.
    """
    run = locked_run(tx, run_id)
    step = locked_step(tx, run_id, key)
    if step is None:
        raise IllegalTransition(f"step {key} of {run_id} was settled before it was started")
    if step.state.is_final:
        return step
    require_move(STEP, step.state, state)
    spent = max(spent_micros, step.held_micros) if state is StepState.UNKNOWN else spent_micros
    settled = _finish(
        tx, step, state, result=result, error=error, spent_micros=step.spent_micros + spent, held_micros=0
    )
    _release(tx, run, held=step.held_micros, spent=spent, day=step.started_at.date().isoformat(), taint=taint)
    _settle_approval(tx, settled)
    if made is not None and state is StepState.DONE:
        note_uses(tx, made.kind, made.id, made.origins)
    _audit(tx, run, f"step.{state.value}", settled, error=error, spent_micros=spent, tainted=taint or None)
    log_step(tx, run, settled)
    if state is StepState.UNKNOWN:
        _unknown_incident(tx, run, settled)
    return settled


@action("steps.record_read")
def record_read(tx: Tx, intent: StepIntent, *, result: Json, taint: bool = False) -> Step:
    """Records a read that cost nothing, after it was made; one already recorded is returned as it is."""
    run = _running(tx, intent)
    known = locked_step(tx, intent.run_id, intent.key)
    if known is not None and known.state.is_final and known.state is not StepState.FAILED:
        return known
    _require_room(tx, run, intent, fresh=known is None)
    step = _restarted(tx, run, known, intent) if known else _inserted(tx, intent)
    done = _finish(tx, step, StepState.DONE, result=result, error=None)
    _count(tx, run, fresh=known is None, taint=taint)
    log_step(tx, run, done)
    _audit(tx, run, "step.read", done, rule=intent.rule_id, tainted=taint or None)
    return done


@action("steps.refuse")
def refuse_step(tx: Tx, intent: StepIntent, *, reason: str, rule_id: str) -> Step:
    """Records that a call was refused and why; nothing was executed. A step already recorded is returned as it is.

    Only one that failed, and that a later attempt of its run may no longer make, becomes refused.
    """
    run = _running(tx, intent)
    known = locked_step(tx, intent.run_id, intent.key)
    if known is not None and known.state is not StepState.FAILED:
        return known
    if known is not None:
        _require_same(known, intent)
    step = known or _inserted(tx, intent)
    refused = _finish(tx, step, StepState.REFUSED, result=None, error=reason, rule_id=rule_id, segment=intent.segment)
    _count(tx, run, fresh=known is None, taint=False)
    log_step(tx, run, refused)
    _audit(tx, run, "step.refused", refused, rule=rule_id, reason=reason)
    return refused


def insert_waiting_step(tx: Tx, run: Run, intent: StepIntent, approval_id: str) -> Run:
    """Records a step that waits for a decision, holding nothing, and returns the locked run with the step counted.

    A step that failed without having been asked about may wait now; any other that is on record raises
    IllegalTransition. Raises Refused (`limit.steps`) when the run has no step left.
    """
    known = locked_step(tx, run.id, intent.key)
    waits = intent.model_copy(update={"approval_id": approval_id, "hold_micros": 0})
    _require_room(tx, run, waits, fresh=known is None)
    if known is None:
        tx.connection.execute(schema.steps.insert().values(rows.values(_new(tx, waits, StepState.WAITING, attempts=0))))
    else:
        _wait_after_failure(tx, known, waits)
    _count(tx, run, fresh=known is None, taint=False)
    return run.model_copy(update={"step_count": run.step_count + int(known is None)})


def _wait_after_failure(tx: Tx, known: Step, waits: StepIntent) -> None:
    _require_same(known, waits)
    _require_unapproved(known)
    require_move(STEP, known.state, StepState.WAITING)
    changes = {"segment": waits.segment, "rule_id": waits.rule_id, "approval_id": waits.approval_id}
    _update(tx, known, state=StepState.WAITING, finished_at=None, error=None, result=None, **changes)


def start_waiting_step(tx: Tx, run_id: str, key: str) -> Step:
    """Moves a waiting step to started: its decision has come. Raises IllegalTransition when it does not wait."""
    step = locked_step(tx, run_id, key)
    if step is None:
        raise IllegalTransition(f"there is no step {key} in {run_id}")
    require_move(STEP, step.state, StepState.STARTED)
    return _update(tx, step, state=StepState.STARTED, attempts=step.attempts + 1, started_at=tx.now)


def refuse_waiting_step(tx: Tx, run_id: str, key: str, reason: str) -> None:
    """Ends a waiting step without executing it; a step that no longer waits is left as it is."""
    step = locked_step(tx, run_id, key)
    if step is not None and step.state is StepState.WAITING:
        _finish(tx, step, StepState.REFUSED, result=None, error=reason)


def _running(tx: Tx, intent: StepIntent) -> Run:
    run = locked_run(tx, intent.run_id)
    if run.state is not RunState.RUNNING or run.segment != intent.segment:
        raise IllegalTransition(
            f"run {run.id} has moved on (segment {run.segment}, {run.state.value}); this caller may not act"
        )
    return run


def _require_room(tx: Tx, run: Run, intent: StepIntent, *, fresh: bool) -> None:
    if fresh and run.step_count >= run.limits.max_steps:
        raise Refused(f"The run's limit of {run.limits.max_steps} steps is reached.", "limit.steps")
    if intent.hold_micros == 0:
        return
    own = Purse(run.spent_micros, run.held_micros, run.limits.max_cost_micros)
    if not own.admits(intent.hold_micros):
        raise Refused(_over("run", own, intent.hold_micros), "budget.run")
    day = _day_purse(tx, run)
    if not day.admits(intent.hold_micros):
        raise Refused(_over("day", day, intent.hold_micros), "budget.day")


def _over(scope: str, purse: Purse, worst_micros: int) -> str:
    used = format_usd(purse.spent_micros + purse.held_micros)
    cap = format_usd(purse.cap_micros or 0)
    return (
        f"The {scope}'s budget of {cap} has {used} used or held; this call could cost {format_usd(worst_micros)} more."
    )


def _day_purse(tx: Tx, run: Run) -> Purse:
    table, day = schema.day_spend, tx.now.date().isoformat()
    _open_day(tx, run.agent_id, day)
    query = table.select().where(table.c.agent_id == run.agent_id, table.c.day == day).with_for_update()
    row = tx.connection.execute(query).one()
    return Purse(row.spent_micros, row.held_micros, run.limits.max_day_cost_micros)


def _hold(tx: Tx, run: Run, hold_micros: int, *, fresh: bool) -> None:
    table = schema.runs
    tx.connection.execute(
        table.update()
        .where(table.c.id == run.id)
        .values(held_micros=table.c.held_micros + hold_micros, step_count=table.c.step_count + int(fresh))
    )
    if hold_micros:
        _change_day(tx, run.agent_id, tx.now.date().isoformat(), held=hold_micros, spent=0)
    show_run(tx, run, progress=True)


def _release(tx: Tx, run: Run, *, held: int, spent: int, day: str, taint: bool) -> None:
    table = schema.runs
    ended = run.state.is_final  # its outstanding holds were counted as spent when it ended
    tx.connection.execute(
        table.update()
        .where(table.c.id == run.id)
        .values(
            held_micros=table.c.held_micros - (0 if ended else held),
            spent_micros=table.c.spent_micros + spent - (held if ended else 0),
            tainted=run.tainted or taint,
        )
    )
    if held or spent:
        _change_day(tx, run.agent_id, day, held=0 if ended else -held, spent=spent - (held if ended else 0))
    show_run(tx, run, progress=True)


def _count(tx: Tx, run: Run, *, fresh: bool, taint: bool) -> None:
    table = schema.runs
    tx.connection.execute(
        table.update()
        .where(table.c.id == run.id)
        .values(step_count=table.c.step_count + int(fresh), tainted=run.tainted or taint)
    )
    show_run(tx, run, progress=True)


def _open_day(tx: Tx, agent_id: str, day: str) -> None:
    insert_once(tx, schema.day_spend, {"agent_id": agent_id, "day": day, "held_micros": 0, "spent_micros": 0})


def _change_day(tx: Tx, agent_id: str, day: str, *, held: int, spent: int) -> None:
    table = schema.day_spend
    sums = {"held_micros": table.c.held_micros + held, "spent_micros": table.c.spent_micros + spent}
    change = table.update().where(table.c.agent_id == agent_id, table.c.day == day).values(sums)
    if tx.connection.execute(change).rowcount == 0:  # billed, although nothing was held: the day has no row yet
        _open_day(tx, agent_id, day)
        tx.connection.execute(change)


def _new(tx: Tx, intent: StepIntent, state: StepState, attempts: int) -> Step:
    fields = intent.model_dump(exclude={"hold_micros"})
    return Step(**fields, state=state, attempts=attempts, started_at=tx.now, held_micros=intent.hold_micros)


def _inserted(tx: Tx, intent: StepIntent) -> Step:
    step = _new(tx, intent, StepState.STARTED, attempts=1)
    tx.connection.execute(schema.steps.insert().values(rows.values(step)))
    return step


def _restarted(tx: Tx, run: Run, known: Step, intent: StepIntent) -> Step:
    _require_same(known, intent)
    if known.state is not StepState.STARTED:
        _require_unapproved(known)
    require_move(STEP, known.state, StepState.STARTED)
    if known.held_micros:
        _release(
            tx,
            run,
            held=known.held_micros,
            spent=known.held_micros,
            day=known.started_at.date().isoformat(),
            taint=False,
        )
    return _update(
        tx,
        known,
        state=StepState.STARTED,
        attempts=known.attempts + 1,
        segment=intent.segment,
        started_at=tx.now,
        finished_at=None,
        error=None,
        held_micros=intent.hold_micros,
        spent_micros=known.spent_micros + known.held_micros,
    )


def _require_same(known: Step, intent: StepIntent) -> None:
    if known.request_hash != intent.request_hash:
        raise IllegalTransition(f"step {known.key} of {known.run_id} was recorded for another request")


def _require_unapproved(known: Step) -> None:
    """An approval is used once, by its claim: nothing else starts the step it binds, or asks about it again."""
    if known.approval_id is not None:
        raise IllegalTransition(f"step {known.key} of {known.run_id} is bound to approval {known.approval_id}")


def _finish(tx: Tx, step: Step, state: StepState, **changes: object) -> Step:
    return _update(tx, step, state=state, finished_at=tx.now, **changes)


def _update(tx: Tx, step: Step, **changes: object) -> Step:
    changed = step.model_copy(update=changes)
    columns = {name: value for name, value in rows.values(changed).items() if name in changes}
    table = schema.steps
    tx.connection.execute(table.update().where(table.c.run_id == step.run_id, table.c.key == step.key).values(columns))
    return changed


_APPROVAL_OUTCOME = {
    StepState.DONE: ApprovalState.EXECUTED,
    StepState.FAILED: ApprovalState.FAILED,
    StepState.REFUSED: ApprovalState.FAILED,
    StepState.UNKNOWN: ApprovalState.UNKNOWN,
}


def _settle_approval(tx: Tx, step: Step) -> None:
    if step.approval_id is None:
        return
    table = schema.approvals
    changed = tx.connection.execute(
        table.update()
        .where(table.c.id == step.approval_id, table.c.state == ApprovalState.EXECUTING.value)
        .values(
            state=_APPROVAL_OUTCOME[step.state].value,
            executed_at=tx.now,
            outcome=step.error,
            revision=table.c.revision + 1,
        )
        .returning(table.c.agent_id)
    ).first()
    if changed is not None:
        tx.show(CardKind.APPROVAL, step.approval_id, changed.agent_id)


def _unknown_incident(tx: Tx, run: Run, step: Step) -> None:
    strike(
        tx,
        cause=f"step.unknown:{run.id}:{step.key}",
        kind="unknown",
        title=f"{step.name} may or may not have happened",
        detail=step.error or "The process ended during the call.",
        next_step="Look at the outside system, then close this card. The machine will not repeat the call.",
        agent_id=run.agent_id,
        run_id=run.id,
        example={"run": run.id, "step": step.key, "idempotency_key": step.idempotency_key},
    )


def _audit(tx: Tx, run: Run, kind: str, step: Step, **data: object) -> None:
    actor = Actor(kind=ActorKind.AGENT, id=run.agent_id) if step.rule_id else SYSTEM
    facts = {"step": step.key, "name": step.name, "request": step.request_hash, "approval": step.approval_id}
    tx.audit(kind, actor, ("run", run.id), **facts, **data)
