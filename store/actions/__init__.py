"""The only writes. Importing this package declares every action, and with it every transaction's crash points."""

from store.actions import (  # noqa: F401 - imported for the names they declare
    agents,
    approvals,
    arrivals,
    channels,
    deadlines,
    decisions,
    feedback,
    findings,
    handoffs,
    homes,
    inbox,
    incidents,
    marks,
    messages,
    notes,
    offers,
    outbox,
    restores,
    retention,
    runs,
    schedules,
    steps,
    task_claims,
    tasks,
    topics,
    watching,
    workers,
    workspaces,
)
from store.handle import Store

__all__ = ["Store"]
