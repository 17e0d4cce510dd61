"""Deadlines are rows on our clock: this looks for those that have passed and ends what they bound."""

from store.actions.approvals import expire_approval
from store.actions.runs import time_out_run
from store.handle import Store
from store.queries import deadlines

SESSION_GRACE_SECONDS = 30
"""How long a session may take to end itself after its deadline before the sweep ends it."""


def enforce_deadlines(store: Store) -> int:
    """Expires approvals and times out runs that are past due; returns how many changed. Safe to repeat and to race."""
    now = store.clock.now()
    expired = sum(expire_approval(store, approval_id) for approval_id in deadlines.expired_approvals(store, now))
    overdue = deadlines.overdue_runs(store, now, SESSION_GRACE_SECONDS)
    return expired + sum(time_out_run(store, run_id).state.is_final for run_id in overdue)
