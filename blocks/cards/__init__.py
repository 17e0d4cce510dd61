"""Records as cards: one builder for each kind, and the table that finds it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from blocks.cards.agents import agents_card
from blocks.cards.alert import alert_card
from blocks.cards.approval import REASON_FIELD, approval_card
from blocks.cards.budget import budget_card
from blocks.cards.decision import AFFECTS_FIELD, CHOICE_FIELD, SUBJECT_FIELD, decision_card
from blocks.cards.digest import digest_card, whole_digest_card
from blocks.cards.fleet import fleet_card
from blocks.cards.home import home_page, strangers_page
from blocks.cards.home_needs import Viewer
from blocks.cards.incident import incident_card
from blocks.cards.log import log_card
from blocks.cards.marks import FIGURE_FIELD, WRONG_FIELD, alert_questions, read_figure, with_marks, wrong_form
from blocks.cards.notice import notice_card
from blocks.cards.proposal import proposal_card
from blocks.cards.role import role_card
from blocks.cards.run import UNREAD, run_card
from blocks.cards.task import EVIDENCE_FIELD, OWNER_FIELD, owner_name, task_card
from blocks.cards.view import CardView
from blocks.cards.why import why_card
from blocks.cards.why_figure import figure_text, why_figure_card
from blocks.elements import Card
from store.records import CardKind

BUILDERS: Mapping[CardKind, Callable[..., Card]] = MappingProxyType(
    {
        CardKind.RUN: run_card,
        CardKind.APPROVAL: approval_card,
        CardKind.DIGEST: digest_card,
        CardKind.ALERT: alert_card,
        CardKind.INCIDENT: incident_card,
        CardKind.FLEET: fleet_card,
        CardKind.LOG: log_card,
        CardKind.ROLE: role_card,
        CardKind.TASK: task_card,
        CardKind.DECISION: decision_card,
        CardKind.PROPOSAL: proposal_card,
    }
)
"""Kind → builder. Run takes (run, steps, view), approval (approval, votes, view), log (run, steps,
approvals, messages, view), every other kind (record, view);
each also takes the card row's `revision` by name."""

__all__ = [
    "AFFECTS_FIELD",
    "BUILDERS",
    "CHOICE_FIELD",
    "EVIDENCE_FIELD",
    "FIGURE_FIELD",
    "OWNER_FIELD",
    "REASON_FIELD",
    "SUBJECT_FIELD",
    "UNREAD",
    "WRONG_FIELD",
    "CardView",
    "Viewer",
    "agents_card",
    "alert_card",
    "alert_questions",
    "approval_card",
    "budget_card",
    "decision_card",
    "digest_card",
    "figure_text",
    "fleet_card",
    "home_page",
    "incident_card",
    "log_card",
    "notice_card",
    "owner_name",
    "proposal_card",
    "read_figure",
    "role_card",
    "run_card",
    "strangers_page",
    "task_card",
    "whole_digest_card",
    "why_card",
    "why_figure_card",
    "with_marks",
    "wrong_form",
]
