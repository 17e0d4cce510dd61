"""How a call ends, which is data a mind sees; and how a segment ends early, which no mind can catch by accident."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from store.kernel.canonical import JsonObject
from store.records import Run, RunState


@dataclass(frozen=True, slots=True)
class Done:
    """The call was executed. `arguments` are those it was executed with: a person may have edited them (`edited`)."""

    result: JsonObject
    arguments: JsonObject
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """The call was not executed and will not be. `rule` names what said no: a policy rule, the gate, a decision."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The call was tried. `unknown` is True when it may have taken effect; it is never repeated then."""

    reason: str
    unknown: bool = False


Outcome: TypeAlias = Done | Refusal | Failure


class Parked(BaseException):
    """The run now waits for people; this segment is over. Not an Exception, so `except Exception` lets it pass."""

    def __init__(self, approval_id: str) -> None:
        super().__init__(approval_id)
        self.approval_id = approval_id


class Halt(BaseException):
    """The runtime ends the run: a stop was asked for, a limit or a guard was reached, or the memory does not fit.

    Not an Exception, so a mind cannot swallow it. `state` is final; `reason` is one sentence for a person.
    """

    def __init__(self, state: RunState, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


def halt_now(run: Run, now: datetime) -> Halt | None:
    """Why this run must stop at once: it is over, somebody stopped it, or its time is up; None when it may go on."""
    if run.state.is_final:
        return Halt(run.state, run.reason or "the run is over")
    if run.stop_requested_by is not None:
        return Halt(RunState.CANCELLED, f"stopped by {run.stop_requested_by}")
    if run.deadline_at is not None and run.deadline_at <= now:
        return Halt(RunState.TIMED_OUT, f"no end within {run.limits.wall_seconds} s")
    return None


def mismatch(key: str, recorded: str, asked: str) -> Halt:
    """The halt for a run whose record does not fit what its mind now does: repeating anything could do it twice."""
    return Halt(
        RunState.NEEDS_ATTENTION,
        f"This run cannot go on: step {key} was recorded as {recorded}, but the mind now asks for {asked}. "
        "The routine, prompt or tools were probably changed while the run was under way. "
        "Nothing was repeated; start a new run.",
    )


def early_end(error: BaseException) -> Parked | Halt | None:
    """The early end inside an exception, also inside the group a TaskGroup makes of it; None when there is none."""
    if isinstance(error, Parked | Halt):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next((found for inner in error.exceptions if (found := early_end(inner)) is not None), None)
    return None
