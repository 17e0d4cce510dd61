"""The tables, one file for each subject; a new table is named here, or no migration and no test sees it."""

from store.schema.alert_answers import alert_answers
from store.schema.approvals import approvals, votes
from store.schema.audit import audit, audit_head
from store.schema.cards import cards, channels, deliveries, homes, uploads
from store.schema.columns import PREFIX, Moment, Words, metadata
from store.schema.findings import alerts, digests, feedback, incidents, readings
from store.schema.handoffs import breakers, handoffs
from store.schema.inbox import inbox
from store.schema.minds import minds
from store.schema.restores import restores
from store.schema.runs import agents, day_spend, receipts, run_messages, runs, steps, workers
from store.schema.schedules import evidence, occurrences, schedules
from store.schema.sought import sought
from store.schema.tasks import tasks
from store.schema.tracing import mark_roots, marks, uses
from store.schema.watching import watch_cursors, watch_offers, watch_readers, watched_messages
from store.schema.work import acknowledgements, decisions, notes, proposals, topic_versions

__all__ = [
    "PREFIX",
    "Moment",
    "Words",
    "acknowledgements",
    "agents",
    "alert_answers",
    "alerts",
    "approvals",
    "audit",
    "audit_head",
    "breakers",
    "cards",
    "channels",
    "day_spend",
    "decisions",
    "deliveries",
    "digests",
    "evidence",
    "feedback",
    "handoffs",
    "homes",
    "inbox",
    "incidents",
    "mark_roots",
    "marks",
    "metadata",
    "minds",
    "notes",
    "occurrences",
    "proposals",
    "readings",
    "receipts",
    "restores",
    "run_messages",
    "runs",
    "schedules",
    "sought",
    "steps",
    "tasks",
    "topic_versions",
    "uploads",
    "uses",
    "votes",
    "watch_cursors",
    "watch_offers",
    "watch_readers",
    "watched_messages",
    "workers",
]
