"""An approved call of which nobody can say now whether it may still be made: it waits, and is tried again."""

from datetime import datetime, timedelta

from store.records.approval import Approval
from store.records.run import Run, RunState

SOONEST, LATEST = timedelta(seconds=2), timedelta(minutes=10)
"""Between two tries, whatever the wait has been."""
SHARE = 4
"""The next try comes after a further quarter of the time that has passed since the decision."""


def is_put_off(approval: Approval, run: Run) -> bool:
    """True while the run waits for nothing but to learn whether this approved call may still be made.

    One that waits for something else, as a run that makes several calls at once may, says so as its own reason.
    """
    return run.state is RunState.WAITING and approval.outcome is not None and run.reason == approval.outcome


def next_try_at(decided_at: datetime | None, now: datetime) -> datetime:
    """When to try again: soon after the decision, then ever more rarely, so that a long outage leaves a short trail."""
    waited = now - (decided_at or now)
    return now + min(max(waited / SHARE, SOONEST), LATEST)
