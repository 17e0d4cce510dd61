"""A session: one segment of one run, from booting to an end that is on record."""

import asyncio
from typing import Any

import structlog

from agents import closeout
from agents.begun import as_begun
from agents.boot import boot
from agents.memo import Memo
from agents.minds import model, places, routine, undo
from agents.outcomes import Halt, Parked, early_end, mismatch
from agents.parts import Session, SessionParts
from agents.roster import ModelMind, RoutineMind
from agents.tools.gate import Gate
from agents.watch import watched
from store.actions.runs import begin_segment, finish_run, retry_run
from store.kernel.canonical import JsonObject
from store.kernel.errors import DatabaseUnavailable, IllegalTransition, QuarterdeckError, Refused, UserMistake
from store.kernel.ports import Segment
from store.queries import runs
from store.records import UNDO_OF, Run, RunState

log = structlog.get_logger()


def run_segment(parts: SessionParts, segment: Segment) -> None:
    """Runs one segment to its end: the run waits, is queued again, or is over, and the record says which and why.

    Safe to call again after a crash: finished steps are answered from the record, and a segment with nothing left to
    do returns at once. Blocks its thread; runs its own event loop. Raises DatabaseUnavailable, after which calling it
    again is safe, and nothing else but bugs of this program.
    """
    run = begin_segment(parts.store, segment.run_id, segment.number)
    if run is None:
        return
    with structlog.contextvars.bound_contextvars(run=run.id, segment=run.segment, agent=run.agent_id):
        try:
            _run(parts, run)
        except IllegalTransition as moved:
            # Somebody else ended the run meanwhile (a stop, a deadline, another process): theirs is the record.
            log.warning("session.overtaken", why=moved.message)


def _run(parts: SessionParts, run: Run) -> None:
    agent = parts.team.agents.get(run.agent_id)
    if agent is None:
        _finish(parts, run, Halt(RunState.FAILED, f"{run.agent_id} is no longer part of this team."))
        return
    receipt = boot(parts.store, parts.team, agent, run)
    memo = Memo(runs.steps(parts.store, run.id), run.segment)
    begun = as_begun(parts.store, agent, receipt)
    session = Session(
        parts=parts,
        run=run,
        agent=begun.agent,
        receipt=receipt,
        memo=memo,
        began_in=begun.digest,
        routine_source=begun.source,
    )
    try:
        _require_model(session)
        result = _think(session)
    except (Parked, Halt) as early:
        _end_early(session, early)
    except (DatabaseUnavailable, IllegalTransition):
        raise
    except Exception as error:
        log.exception("session.failed")
        _end_failed(session, error)
    else:
        finish_run(parts.store, run.id, state=RunState.DONE, result=result, segment=run.segment)


def _require_model(session: Session) -> None:
    """Raises Halt for a run that began with a model which the team has no more."""
    mind = session.agent.mind
    if isinstance(mind, ModelMind) and mind.model is not None and mind.model not in session.team.models:
        reason = f"The run began with the model {mind.model}, which this team no longer has."
        raise Halt(RunState.NEEDS_ATTENTION, reason)


def _think(session: Session) -> JsonObject:
    """The mind's accepted result. Raises Parked, Halt, or whatever the mind raised."""

    async def main() -> JsonObject:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(places.task_factory)
        loop.set_exception_handler(_note_stray)
        gate = Gate(session)
        try:
            result = await watched(session, gate, _mind(session, gate))
        except BaseException as error:  # noqa: BLE001 - raised again, once every call on its way is on record
            raise await gate.closed() or early_end(error) or error from None
        ended = await gate.closed()
        if ended is not None:
            raise ended
        return _accepted(session, result)

    return asyncio.run(main())


def _note_stray(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An error in a branch nobody waited for is logged; an early end there is no error."""
    error = context.get("exception")
    if error is None or early_end(error) is None:
        log.error("session.stray_error", what=context.get("message"), exc_info=error)


async def _mind(session: Session, gate: Gate) -> JsonObject:
    undone = session.run.trigger.input.get(UNDO_OF)
    if isinstance(undone, str):
        return await undo.think(session, gate, undone)
    if isinstance(session.agent.mind, RoutineMind):
        return await routine.think(session, gate)
    return await model.think(session, gate)


def _accepted(session: Session, result: JsonObject) -> JsonObject:
    """The result, once the session has accounted for its work. Raises Halt when it has not."""
    unvisited = session.memo.unvisited
    if unvisited:
        raise mismatch(unvisited[0].key, unvisited[0].name, "nothing at that place")
    objections = closeout.objections(session, result)
    if objections:
        raise closeout.not_accepted(objections)
    return result


def _end_early(session: Session, early: Parked | Halt) -> None:
    if isinstance(early, Parked):
        log.info("session.parked", approval=early.approval_id)
        return
    _finish(session.parts, session.run, early, owner=session.owner())


def _finish(parts: SessionParts, run: Run, halt: Halt, owner: str | None = None) -> None:
    finish_run(parts.store, run.id, state=halt.state, reason=halt.reason, owner=owner, segment=run.segment)


def _end_failed(session: Session, error: Exception) -> None:
    """Ends or retries the run: what nobody handled needs a person, a mistake fails every time, the rest may pass."""
    if isinstance(error, Refused) or getattr(error, "unknown", False):
        _finish(session.parts, session.run, Halt(RunState.NEEDS_ATTENTION, str(error)), owner=session.owner())
        return
    reason = str(error) if isinstance(error, QuarterdeckError) else f"{type(error).__name__}: {error}"
    if not isinstance(error, UserMistake) and retry_run(session.store, session.run.id, reason):
        return
    _finish(session.parts, session.run, Halt(RunState.FAILED, reason), owner=session.owner())
