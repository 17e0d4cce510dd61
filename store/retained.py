"""What may be forgotten, and when: one table of rules that the sweep, the dry run and the tests read.

Nothing that is open is ever in it: no run that has not ended, no approval that waits, no task, alert or incident that
nobody has closed, no message that an agent has still to read.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import sqlalchemy as sa

from store import schema
from store.records.alert import AlertState
from store.records.approval import FINAL_APPROVAL_STATES
from store.records.card import CardKind
from store.records.handoff import HandoffState
from store.records.inbox import InboxState
from store.records.incident import IncidentState
from store.records.retention import Cutoffs
from store.records.run import FINAL_RUN_STATES
from store.records.schedule import Outcome
from store.records.task import TaskState
from store.records.watch import OfferState

Where: TypeAlias = Callable[[Cutoffs], tuple[sa.ColumnElement[bool], ...]]

_FINAL_RUNS = [state.value for state in FINAL_RUN_STATES]
_CLOSED_TASKS = [state.value for state in TaskState if state.is_closed]
_SETTLED_HANDOFFS = [state.value for state in HandoffState if state not in (HandoffState.SENT, HandoffState.HELD)]
_DECIDED = [state.value for state in FINAL_APPROVAL_STATES]


class Rule(NamedTuple):
    """Rows of one table that are forgotten. `values` None: the row goes; else these columns are emptied."""

    what: str
    table: sa.Table
    where: Where
    values: Mapping[str, object] | None = None


class RunStage(NamedTuple):
    """How much of an ended run is forgotten at an age; `mark` is what its row then says."""

    what: str
    mark: str
    unmarked: tuple[str | None, ...]
    before: Callable[[Cutoffs], datetime]


CONTENT, RECORDS = "content", "records"

RUN_STAGES = (
    RunStage("words of ended runs", CONTENT, (None,), lambda cut: cut.content),
    RunStage("steps of ended runs", RECORDS, (None, CONTENT), lambda cut: cut.records),
)


def due_runs(stage: RunStage, cut: Cutoffs) -> sa.Select[str]:
    """Ids of the ended runs this stage is due for, oldest first."""
    runs = schema.runs
    marked = sa.or_(*(runs.c.forgotten.is_not_distinct_from(mark) for mark in stage.unmarked))
    old = runs.c.finished_at < stage.before(cut)
    return sa.select(runs.c.id).where(runs.c.state.in_(_FINAL_RUNS), old, marked).order_by(runs.c.finished_at)


def _unread_elsewhere() -> sa.ColumnElement[bool]:
    offers, messages = schema.watch_offers, schema.watched_messages
    same = (
        offers.c.surface == messages.c.surface,
        offers.c.channel_id == messages.c.channel_id,
        offers.c.message_id == messages.c.message_id,
    )
    return sa.exists().where(*same, offers.c.state != OfferState.READ.value)


def _old_cards(cut: Cutoffs) -> tuple[sa.ColumnElement[bool], ...]:
    cards = schema.cards
    return (
        cards.c.changed_at < cut.records,
        sa.not_(cards.c.pending),
        cards.c.kind.in_(_PASSING),
        ~_open_record(cards),
    )


_PASSING = [kind.value for kind in CardKind if kind not in (CardKind.FLEET, CardKind.ROLE)]


def _open_record(shown: sa.Table) -> sa.ColumnElement[bool]:
    """What it shows is still open: its record is not one of those that ended."""
    open_rows = (
        (schema.runs, schema.runs.c.state.not_in(_FINAL_RUNS)),
        (schema.approvals, schema.approvals.c.state.not_in(_DECIDED)),
        (schema.tasks, schema.tasks.c.state.not_in(_CLOSED_TASKS)),
        (schema.alerts, schema.alerts.c.state != AlertState.CLEARED.value),
        (schema.incidents, schema.incidents.c.state == IncidentState.OPEN.value),
    )
    return sa.or_(*(sa.exists().where(table.c.id == shown.c.record_id, is_open) for table, is_open in open_rows))


def _orphaned_deliveries(_: Cutoffs) -> tuple[sa.ColumnElement[bool], ...]:
    return (~sa.exists().where(schema.cards.c.key == schema.deliveries.c.card_key),)


RULES: tuple[Rule, ...] = (
    Rule(
        "events from surfaces",
        schema.inbox,
        lambda cut: (schema.inbox.c.state != InboxState.RECEIVED.value, schema.inbox.c.received_at < cut.content),
    ),
    Rule(
        "words in watched channels",
        schema.watched_messages,
        lambda cut: (
            schema.watched_messages.c.author != "",
            schema.watched_messages.c.written_at < cut.content,
            ~_unread_elsewhere(),
        ),
        MappingProxyType({"author": "", "text": "", "fields": [], "link": None, "files": []}),
    ),
    Rule(
        "due times",
        schema.occurrences,
        lambda cut: (
            schema.occurrences.c.outcome != Outcome.PENDING.value,
            schema.occurrences.c.due_at < cut.records,
        ),
    ),
    Rule("evidence of the alarm clock", schema.evidence, lambda cut: (schema.evidence.c.recorded_at < cut.records,)),
    Rule(
        "closed incidents",
        schema.incidents,
        lambda cut: (
            schema.incidents.c.state == IncidentState.CLOSED.value,
            schema.incidents.c.closed_at < cut.records,
        ),
    ),
    Rule(
        "cleared alerts",
        schema.alerts,
        lambda cut: (schema.alerts.c.state == AlertState.CLEARED.value, schema.alerts.c.since < cut.records),
    ),
    Rule("answers to alerts", schema.alert_answers, lambda cut: (schema.alert_answers.c.at < cut.records,)),
    Rule("digests", schema.digests, lambda cut: (schema.digests.c.published_at < cut.records,)),
    Rule("feedback", schema.feedback, lambda cut: (schema.feedback.c.at < cut.records,)),
    Rule(
        "strangers' words in read notes",
        schema.notes,
        lambda cut: (
            schema.notes.c.tainted,
            schema.notes.c.text != "",
            schema.notes.c.acknowledged_at < cut.content,
        ),
        MappingProxyType({"text": "", "answer": None}),
    ),
    Rule("read notes", schema.notes, lambda cut: (schema.notes.c.acknowledged_at < cut.records,)),
    Rule(
        "finished handoffs",
        schema.handoffs,
        lambda cut: (schema.handoffs.c.state.in_(_SETTLED_HANDOFFS), schema.handoffs.c.sent_at < cut.records),
    ),
    Rule(
        "decided proposals",
        schema.proposals,
        lambda cut: (schema.proposals.c.decided_at < cut.records,),
    ),
    Rule("withdrawn marks", schema.marks, lambda cut: (schema.marks.c.withdrawn_at < cut.records,)),
    Rule(
        "closed tasks",
        schema.tasks,
        lambda cut: (schema.tasks.c.state.in_(_CLOSED_TASKS), schema.tasks.c.closed_at < cut.records),
    ),
    Rule("cards", schema.cards, _old_cards),
    Rule(
        "words that search knows",
        schema.sought,
        lambda cut: (schema.sought.c.at < cut.records, ~_open_record(schema.sought)),
    ),
    Rule("deliveries of cards that are gone", schema.deliveries, _orphaned_deliveries),
    Rule(
        "decided approvals",
        schema.approvals,
        lambda cut: (schema.approvals.c.state.in_(_DECIDED), schema.approvals.c.created_at < cut.approvals),
    ),
    Rule(
        "calls whose approval is gone",
        schema.steps,
        lambda _: (
            schema.steps.c.approval_id.is_not(None),
            ~sa.exists().where(schema.approvals.c.id == schema.steps.c.approval_id),
        ),
    ),
    Rule(
        "superseded decisions",
        schema.decisions,
        lambda cut: (
            schema.decisions.c.superseded_by.is_not(None),
            schema.decisions.c.decided_at < cut.approvals,
        ),
    ),
    Rule(
        "votes of approvals that are gone",
        schema.votes,
        lambda _: (~sa.exists().where(schema.approvals.c.id == schema.votes.c.approval_id),),
    ),
)
"""In the order of the sweep."""

OF_RUNS = frozenset({schema.runs, schema.steps, schema.receipts, schema.run_messages})
"""What goes with its run, by stages."""

KEPT: Mapping[sa.Table, str] = MappingProxyType(
    {
        schema.audit: "the trail is never shortened",
        schema.audit_head: "its end",
        schema.agents: "one row for each agent",
        schema.schedules: "one row for each schedule",
        schema.workers: "forgotten a day after the process fell silent",
        schema.day_spend: "sums of a day, with nobody's words",
        schema.readings: "values that expected ranges are formed from",
        schema.channels: "where each channel is",
        schema.homes: "one row for each person and surface",
        schema.uploads: "which pictures need not be uploaded again",
        schema.watch_cursors: "how far each channel was read",
        schema.watch_readers: "who reads what",
        schema.watch_offers: "which message was read by whom, without its words: none is offered twice",
        schema.restores: "one row for each restore",
        schema.minds: "what runs under way go by",
        schema.breakers: "one row for each route",
        schema.topic_versions: "what the team knows, and how it came to know it",
        schema.acknowledgements: "who knows of a decision",
        schema.uses: "which output used which value",
        schema.mark_roots: "what a mark of wrongness reaches",
    }
)
"""Tables that no sweep touches, and why; a new table stands here or in a rule."""
