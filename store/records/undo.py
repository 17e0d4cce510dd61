"""Taking an approved call back: how its runs are told apart, and what the latest of them came to."""

from datetime import datetime
from enum import StrEnum

from store.records.approval import Approval
from store.records.record import Record
from store.records.run import Run, RunState


class UndoState(StrEnum):
    """How far taking back has come. nothing: the call had changed nothing · failed: the call still stands."""

    WORKING = "working"
    UNDONE = "undone"
    NOTHING = "nothing"
    FAILED = "failed"


class Undo(Record):
    """The latest attempt to take an approved call back. `attempt` counts from 1; `by` is whoever asked for it.

    `at` is when it ended, or was asked for while it works. `reason` says why it did not take back; None when it did.
    """

    approval_id: str
    attempt: int
    state: UndoState
    by: str
    at: datetime
    reason: str | None = None

    @property
    def may_try(self) -> bool:
        """True when taking back may be tried again."""
        return self.state is UndoState.FAILED


def undo_key(approval_id: str, attempt: int) -> str:
    """The trigger key of one attempt: however often it is asked for, an attempt is one run."""
    return f"undo:{approval_id}" if attempt == 1 else f"undo:{approval_id}:{attempt}"


def undo_of(approval: Approval, attempt: int, run: Run) -> Undo:
    """What this run, which is that attempt, came to."""
    return Undo(
        approval_id=approval.id,
        attempt=attempt,
        state=_state(run),
        by=run.trigger.initiator.id,
        at=run.finished_at or run.created_at,
        reason=run.reason,
    )


def _state(run: Run) -> UndoState:
    if not run.state.is_final:
        return UndoState.WORKING
    if run.state is not RunState.DONE:
        return UndoState.FAILED
    return UndoState.UNDONE if run.reason is None else UndoState.NOTHING
