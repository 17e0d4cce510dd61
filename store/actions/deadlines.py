"""Deadlines are rows on our clock: this looks for those that have passed and ends what they bound."""

from store.actions.alerts import wake_alert
from store.actions.approvals import expire_approval, resume_approved
from store.actions.notes import escalate_note
from store.actions.runs import time_out_run
from store.actions.task_claims import lapse_claim
from store.actions.tasks import escalate_task
from store.handle import Store
from store.queries import alerts, deadlines

SESSION_GRACE_SECONDS = 30
"""How long a session may take to end itself after its deadline before the sweep ends it."""


def enforce_deadlines(store: Store) -> int:
    """Expires approvals, times out runs, wakes alerts, ends claims and says what is overdue; returns how many changed.

    What was put off is tried again. Safe to repeat and to race.
    """
    now = store.clock.now()
    expired = sum(expire_approval(store, approval_id) for approval_id in deadlines.expired_approvals(store, now))
    overdue = deadlines.overdue_runs(store, now, SESSION_GRACE_SECONDS)
    ended = sum(time_out_run(store, run_id).state.is_final for run_id in overdue)
    woken = sum(wake_alert(store, alert_id) for alert_id in alerts.ended_snoozes(store, now))
    resumed = sum(resume_approved(store, approval_id) for approval_id in deadlines.put_off_approvals(store, now))
    return expired + ended + woken + resumed + _shared_work(store)


def _shared_work(store: Store) -> int:
    now = store.clock.now()
    lapsed = sum(lapse_claim(store, task_id) for task_id in deadlines.lapsed_claims(store, now))
    late_tasks = sum(escalate_task(store, task_id) for task_id in deadlines.untold_overdue_tasks(store, now))
    late_notes = sum(escalate_note(store, note_id) for note_id in deadlines.untold_overdue_notes(store, now))
    return lapsed + late_tasks + late_notes
