"""What an approval's card says once nobody can decide it any more: who, when, where, and what came of it."""

from collections.abc import Sequence

from blocks.cards.call import asked_by, exact_call, vote_list, whole_summary
from blocks.cards.view import CardView
from blocks.elements import (
    Action,
    Button,
    Confirm,
    Context,
    Element,
    Fact,
    Facts,
    LinkButton,
    Text,
)
from blocks.text import one_line, sentence
from blocks.tokens import Verb, encode
from blocks.words import APPROVAL_WORD, place
from store.records import Approval, ApprovalState, Vote

_MEANING = {
    ApprovalState.APPROVED: "Not executed yet.",
    ApprovalState.REJECTED: "The call was not made.",
    ApprovalState.EXPIRED: "Nobody decided in time. That is not a no; the call was not made.",
    ApprovalState.SUPERSEDED: "The call was edited; the new one is decided on its own card.",
    ApprovalState.WITHDRAWN: "The run ended before a decision; the call was not made.",
    ApprovalState.EXECUTING: "The call is being made now.",
    ApprovalState.EXECUTED: "The call was made.",
    ApprovalState.FAILED: "The call was made and failed.",
    ApprovalState.LAPSED: "Approved, but not executed in time; the approval has lapsed and the call was not made.",
    ApprovalState.REFUSED: "Approved, but no longer allowed when it was to be executed; the call was not made.",
    ApprovalState.UNKNOWN: "It may or may not have happened. Nothing repeats it by itself: look at the outside system.",
}

_PAYLOAD_STILL_MATTERS = frozenset({ApprovalState.FAILED, ApprovalState.UNKNOWN})


_MEANING_SAYS_ALL = frozenset({ApprovalState.EXPIRED, ApprovalState.LAPSED})
"""States whose recorded outcome would only say it again."""


def decided_sentence(approval: Approval, view: CardView) -> str:
    """The outcome as one sentence."""
    summary = one_line(approval.summary).rstrip(".")
    by = f" by {view.people(approval.decided_by)}" if approval.decided_by else ""
    return f"{APPROVAL_WORD[approval.state]}{by}: {summary}. {what_happened(approval)}"


def what_happened(approval: Approval) -> str:
    """What the state means for the world, then what was recorded about it."""
    meaning = _MEANING[approval.state]
    if not approval.outcome or approval.state in _MEANING_SAYS_ALL:
        return meaning
    return f"{meaning} {sentence(approval.outcome)}"


def decided_elements(approval: Approval, votes: Sequence[Vote], view: CardView) -> tuple[Element, ...]:
    """What was asked and what came of it, then who decided; the exact call stays, open where it still matters."""
    elements: list[Element] = [*whole_summary(approval), Text(text=what_happened(approval))]
    elements.append(Facts(rows=_rows(approval, view)))
    if approval.decision_reason:
        elements.append(Text(heading="Reason given", text=approval.decision_reason))
    elements.append(exact_call(approval, folded=approval.state not in _PAYLOAD_STILL_MATTERS))
    if len(votes) > 1:
        elements.append(vote_list(votes, view))
    elements.append(_small_print(approval))
    return tuple(elements)


def decided_actions(approval: Approval, view: CardView) -> tuple[Action, ...]:
    """Undo where the tool offers it and the call was made; otherwise only where to look."""
    actions: list[Action] = []
    if approval.state is ApprovalState.EXECUTED and approval.undo and not approval.irreversible:
        actions.append(_undo(approval, approval.undo))
    if url := view.link("approvals", approval.id):
        actions.append(LinkButton(label="Open in console", url=url))
    return tuple(actions)


def _rows(approval: Approval, view: CardView) -> tuple[Fact, ...]:
    rows = [Fact(label="Asked by", value=asked_by(approval, view))]
    if approval.decided_by:
        where = f" {place(approval.decided_on)}" if approval.decided_on else ""
        rows.append(Fact(label="Decided by", value=view.people(approval.decided_by) + where))
    if approval.decided_at:
        label = "Decided at" if approval.decided_by else f"{APPROVAL_WORD[approval.state]} at"
        rows.append(Fact(label=label, value=view.when(approval.decided_at), at=approval.decided_at))
    if approval.executed_at:
        rows.append(Fact(label="Executed at", value=view.when(approval.executed_at), at=approval.executed_at))
    elif approval.state is ApprovalState.APPROVED and approval.execute_before:
        rows.append(Fact(label="Execute before", value=view.when(approval.execute_before), at=approval.execute_before))
    return tuple(rows)


def _small_print(approval: Approval) -> Context:
    parts = [f"rule {approval.rule_id}", approval.id]
    if approval.superseded_by:
        parts.append(f"now {approval.superseded_by}")
    return Context(parts=tuple(parts))


def _undo(approval: Approval, undo: str) -> Button:
    return Button(
        label="Undo",
        token=encode(Verb.UNDO, approval.id, approval.revision),
        confirm=Confirm(title="Undo this?", text=sentence(undo), verb="Undo"),
        about=approval.summary,
    )
