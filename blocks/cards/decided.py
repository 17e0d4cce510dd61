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
from blocks.words import APPROVAL_WORD, UNDO_WORD, place
from store.records import Approval, ApprovalState, Undo, UndoState, Vote

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


def decided_sentence(approval: Approval, view: CardView, undo: Undo | None = None) -> str:
    """The outcome as one sentence."""
    summary = one_line(approval.summary).rstrip(".")
    if undo is not None:
        return f"{UNDO_WORD[undo.state]}: {summary}. {what_happened(approval, view, undo)}"
    by = f" by {view.people(approval.decided_by)}" if approval.decided_by else ""
    return f"{APPROVAL_WORD[approval.state]}{by}: {summary}. {what_happened(approval, view)}"


def what_happened(approval: Approval, view: CardView, undo: Undo | None = None) -> str:
    """What the state means for the world, what was recorded about it, and how taking it back went."""
    return _outcome(approval) if undo is None else f"{undo_sentence(undo, view)} {_outcome(approval)}"


def undo_sentence(undo: Undo, view: CardView) -> str:
    """How taking the call back goes or went: by whom, when, and why it failed."""
    who, when = view.person(undo.by), view.when(undo.at)
    why = sentence(undo.reason) if undo.reason else "No reason is on record."
    return {
        UndoState.WORKING: f"It is being taken back; {who} asked for it at {when}.",
        UndoState.UNDONE: f"Undone by {who} at {when}.",
        UndoState.NOTHING: f"{who} asked to take it back. {why}",
        UndoState.FAILED: f"Taking it back, as {who} asked, failed at {when}: {why} Undo may be pressed again.",
    }[undo.state]


def _outcome(approval: Approval) -> str:
    meaning = _MEANING[approval.state]
    if not approval.outcome or approval.state in _MEANING_SAYS_ALL:
        return meaning
    return f"{meaning} {sentence(approval.outcome)}"


def decided_elements(
    approval: Approval, votes: Sequence[Vote], view: CardView, undo: Undo | None = None
) -> tuple[Element, ...]:
    """What was asked and what came of it, then who decided; the exact call stays, open where it still matters."""
    elements: list[Element] = [*whole_summary(approval), Text(text=what_happened(approval, view, undo))]
    elements.append(Facts(rows=_rows(approval, view)))
    if approval.decision_reason:
        elements.append(Text(heading="Reason given", text=approval.decision_reason))
    elements.append(exact_call(approval, folded=approval.state not in _PAYLOAD_STILL_MATTERS))
    if len(votes) > 1:
        elements.append(vote_list(votes, view))
    elements.append(_small_print(approval))
    return tuple(elements)


def decided_actions(approval: Approval, view: CardView, undo: Undo | None = None) -> tuple[Action, ...]:
    """Undo where the tool offers it and the call was made and still stands; otherwise only where to look."""
    actions: list[Action] = []
    stands = approval.state is ApprovalState.EXECUTED and (undo is None or undo.may_try)
    if stands and approval.undo and not approval.irreversible:
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
