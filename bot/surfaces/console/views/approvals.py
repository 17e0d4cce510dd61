"""Approvals: what is open as full cards, what was decided as rows, and one approval with everything known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blocks.cards.approval import approval_card
from blocks.cards.decided import what_happened
from blocks.cards.view import CardView
from blocks.elements import Card
from bot.surfaces.console.marks import Mark, approval_mark
from bot.surfaces.console.views.run import EventLine, event_lines
from store.records import Approval, AuditEvent, Undo, Vote

DECIDED_SHOWN = 50


@dataclass(frozen=True)
class OpenApproval:
    """One that waits, with its card: drawn from the record now, so it can never be older than what is decided."""

    approval: Approval
    card: Card


@dataclass(frozen=True)
class DecidedLine:
    """One that no longer waits; `by` is empty when nobody decided."""

    approval: Approval
    agent_name: str
    mark: Mark
    by: str


@dataclass(frozen=True)
class ApprovalsPage:
    """Open ones oldest first, decided ones latest first."""

    waiting: tuple[OpenApproval, ...]
    decided: tuple[DecidedLine, ...]


@dataclass(frozen=True)
class ApprovalPage:
    """One approval: its card, the whole payload, votes and audit trail."""

    approval: Approval
    agent_name: str
    mark: Mark
    card: Card
    outcome: str | None
    votes: tuple[tuple[str, Vote], ...]
    events: tuple[EventLine, ...]


def approvals_page(
    waiting: Sequence[tuple[Approval, Sequence[Vote]]],
    decided: Sequence[Approval],
    undos: Mapping[str, Undo],
    view: CardView,
) -> ApprovalsPage:
    """The page for what waits (each with its votes) and what was decided; `undos` are by approval id."""
    return ApprovalsPage(
        waiting=tuple(OpenApproval(item, approval_card(item, votes, view)) for item, votes in waiting),
        decided=tuple(_decided(item, undos.get(item.id), view) for item in decided),
    )


def approval_page(
    item: Approval, votes: Sequence[Vote], events: Sequence[AuditEvent], undo: Undo | None, view: CardView
) -> ApprovalPage:
    """The page of one approval."""
    return ApprovalPage(
        approval=item,
        agent_name=view.agent(item.agent_id),
        mark=approval_mark(item.state, undo),
        card=approval_card(item, votes, view, undo=undo),
        outcome=None if item.state.is_open else what_happened(item, view, undo),
        votes=tuple((view.person(vote.person_id), vote) for vote in votes),
        events=event_lines(events, view),
    )


def _decided(item: Approval, undo: Undo | None, view: CardView) -> DecidedLine:
    by = view.people(item.decided_by) if item.decided_by else ""
    return DecidedLine(item, view.agent(item.agent_id), approval_mark(item.state, undo), by)
