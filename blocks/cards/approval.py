"""The approval card: one exact call, everything needed to decide it, and afterwards who decided and what came of it."""

from collections.abc import Sequence

from blocks.arguments import argument_fields, argument_table
from blocks.cards.call import asked_by, asked_title, exact_call, vote_list, whole_summary
from blocks.cards.decided import decided_actions, decided_elements, decided_sentence
from blocks.cards.view import CardView
from blocks.elements import (
    Action,
    Button,
    Card,
    Confirm,
    Context,
    Element,
    Fact,
    Facts,
    FieldKind,
    Form,
    FormButton,
    FormField,
    LinkButton,
    Quoted,
    Style,
    Text,
)
from blocks.text import count, mixed_script_words, one_line, sentence
from blocks.tokens import Verb, encode
from blocks.words import approval_tone, approval_word
from store.records import Approval, Undo, Vote

REASON_FIELD = "reason"
"""The name under which a rejection's reason comes back."""


def approval_card(
    approval: Approval,
    votes: Sequence[Vote],
    view: CardView,
    *,
    revision: int | None = None,
    undo: Undo | None = None,
) -> Card:
    """The approval as its record stands; drawn from the stored payload, so what is seen is what would run.

    Buttons exist only while it is open and carry the approval's own revision; `revision` is the card row's and
    defaults to that. `undo` is the latest attempt to take the call back; None when nobody asked for one.
    """
    is_open = approval.state.is_open
    return Card(
        key=f"approval:{approval.id}",
        revision=approval.revision if revision is None else revision,
        kind="approval",
        tone=approval_tone(approval.state, undo),
        state=approval_word(approval.state, undo),
        title=asked_title(approval),
        summary=_open_sentence(approval, view) if is_open else decided_sentence(approval, view, undo),
        simulated=view.simulated,
        elements=_open_elements(approval, votes, view) if is_open else decided_elements(approval, votes, view, undo),
        actions=_open_actions(approval, view) if is_open else decided_actions(approval, view, undo),
    )


def _open_sentence(approval: Approval, view: CardView) -> str:
    summary = one_line(approval.summary).rstrip(".")
    return f"Approval needed by {view.when(approval.expires_at)}. {view.agent(approval.agent_id)} asks: {summary}."


def _open_elements(approval: Approval, votes: Sequence[Vote], view: CardView) -> tuple[Element, ...]:
    listed = argument_table(approval.arguments)
    elements: list[Element] = [*whole_summary(approval), _facts(approval, view)]
    elements += [listed] if listed else []
    elements.append(exact_call(approval))
    if words := mixed_script_words(approval.payload):
        elements.append(
            Text(heading="Look closely", text=f"Letters of different alphabets are mixed in: {', '.join(words)}")
        )
    if approval.claim:
        source = f"Claim by {view.agent(approval.agent_id)}, not checked"
        elements.append(Quoted(text=approval.claim, source=source))
    if votes:
        elements.append(vote_list(votes, view))
    elements += [_why(approval), _small_print(approval)]
    return tuple(elements)


def _facts(approval: Approval, view: CardView) -> Facts:
    return Facts(
        rows=(
            Fact(label="Asked by", value=asked_by(approval, view)),
            Fact(label="Needs", value=_needs(approval)),
            Fact(label="Decide by", value=view.when(approval.expires_at), at=approval.expires_at),
            Fact(label="Can be undone", value=_undo_in_words(approval)),
        )
    )


def _needs(approval: Approval) -> str:
    requirement = approval.requirement
    return f"{count(requirement.quorum, 'person', 'people')} with role {requirement.role}"


def _undo_in_words(approval: Approval) -> str:
    """Whether the call can be taken back, and how."""
    if approval.irreversible:
        return "No, this is final"
    return f"Yes. {sentence(approval.undo)}" if approval.undo else "Not by Quarterdeck"


def _why(approval: Approval) -> Text:
    return Text(heading="Why you are asked", text=approval.rule_reason or "The rule asks for a person.")


def _small_print(approval: Approval) -> Context:
    edited = (f"edited from {approval.supersedes}",) if approval.supersedes else ()
    return Context(parts=(f"rule {approval.rule_id}", approval.id, *edited))


def _open_actions(approval: Approval, view: CardView) -> tuple[Action, ...]:
    actions: list[Action] = [_approve(approval), _reject(approval)]
    if fields := argument_fields(approval.arguments):
        actions.append(_edit(approval, fields))
    actions.append(Button(label="Allow like this…", token=encode(Verb.ALLOW_LIKE, approval.id, approval.revision)))
    if url := view.link("approvals", approval.id):
        actions.append(LinkButton(label="Open in console", url=url))
    return tuple(actions)


def _approve(approval: Approval) -> Button:
    confirm = Confirm(
        title="Approve? This cannot be undone.",
        text=approval.summary,
        verb="Approve",
    )
    return Button(
        label="Approve",
        token=encode(Verb.APPROVE, approval.id, approval.revision),
        style=Style.PRIMARY,
        confirm=confirm if approval.irreversible else None,
        about=approval.summary,
    )


def _reject(approval: Approval) -> FormButton:
    reason = FormField(
        name=REASON_FIELD,
        label="Why not?",
        kind=FieldKind.MULTILINE,
        hint="The agent is told, so that it does not ask the same again.",
    )
    form = Form(
        title="Reject",
        submit="Reject",
        token=encode(Verb.REJECT, approval.id, approval.revision),
        intro=approval.summary,
        fields=(reason,),
    )
    return FormButton(label="Reject…", form=form, style=Style.DANGER, about=approval.summary)


def _edit(approval: Approval, fields: tuple[FormField, ...]) -> FormButton:
    form = Form(
        title="Edit the call",
        submit="Ask again",
        token=encode(Verb.EDIT, approval.id, approval.revision),
        intro=_edit_intro(approval, len(fields)),
        fields=fields,
    )
    return FormButton(label="Edit…", form=form, about=approval.summary)


def _edit_intro(approval: Approval, editable: int) -> str:
    kept = len(approval.arguments) - editable
    rest = (
        f" {count(kept, 'more argument')} cannot be edited here and {'stays' if kept == 1 else 'stay'} as it was."
        if kept
        else ""
    )
    return f"This makes a new call, which somebody else must approve.{rest}"
