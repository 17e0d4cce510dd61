"""The proposal card: a new text for a topic, whose it is, and what there is to decide."""

from blocks.cards.approval import REASON_FIELD
from blocks.cards.view import CardView
from blocks.elements import (
    Action,
    Button,
    Card,
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
from blocks.limits import DISCORD, SLACK
from blocks.text import one_line, sentence
from blocks.tokens import Verb, encode
from blocks.words import PROPOSAL_TONE, PROPOSAL_WORD
from store.records import Proposal, ProposalState

QUARANTINE = (
    "The session that wrote this had read what strangers wrote. Only a person may let it in: read it all first."
)
READABLE_CHARS = min(SLACK.text_chars, DISCORD.text_chars)
"""What every chat shows of a text without cutting it."""
TOO_LONG = "It is too long to be read here. It can be accepted on the topic's page, where all of it stands."


def proposal_card(proposal: Proposal, view: CardView, *, revision: int = 0, whole: bool = False) -> Card:
    """The proposed text with what may be decided about it.

    Nobody accepts what they cannot read: a text too long for a chat is accepted only where the card is shown `whole`.
    """
    return Card(
        key=f"proposal:{proposal.id}",
        revision=revision,
        kind="proposal",
        tone=PROPOSAL_TONE[proposal.state],
        state=_state(proposal),
        title=f"New text for {proposal.topic}",
        summary=f"{_state(proposal)}: new text for {proposal.topic} by {view.actor(proposal.proposed_by)}.",
        simulated=view.simulated,
        elements=_elements(proposal, view, too_long=_is_too_long(proposal) and not whole),
        actions=_actions(proposal, view, too_long=_is_too_long(proposal) and not whole),
    )


def _state(proposal: Proposal) -> str:
    return PROPOSAL_WORD[proposal.state]


def _is_too_long(proposal: Proposal) -> bool:
    return len(proposal.text) > READABLE_CHARS


def _elements(proposal: Proposal, view: CardView, *, too_long: bool) -> tuple[Element, ...]:
    by = view.actor(proposal.proposed_by)
    elements: list[Element] = []
    if proposal.state is ProposalState.QUARANTINED:
        elements.append(Text(text=QUARANTINE))
    elements.append(_facts(proposal, view))
    if proposal.why:
        elements.append(Quoted(text=one_line(proposal.why), source=f"Why, in the words of {by}"))
    if proposal.state.is_waiting:
        elements.append(Quoted(text=proposal.text, source=f"Proposed by {by}, not checked"))
    if proposal.state.is_waiting and too_long:
        elements.append(Text(text=TOO_LONG))
    if proposal.reason:
        elements.append(Text(heading="Decided because", text=sentence(proposal.reason)))
    elements.append(Context(parts=(proposal.id, f"proposed {view.when(proposal.proposed_at)}")))
    return tuple(elements)


def _facts(proposal: Proposal, view: CardView) -> Facts:
    rows = [
        Fact(label="Topic", value=proposal.topic),
        Fact(label="Kept by", value=view.agent(proposal.agent_id)),
        Fact(label="Written against", value=f"version {proposal.based_on}" if proposal.based_on else "nothing yet"),
    ]
    if proposal.decided_by and proposal.decided_at:
        decided = f"{view.when(proposal.decided_at)} by {view.actor(proposal.decided_by)}"
        rows.append(Fact(label="Decided", value=decided, at=proposal.decided_at))
    return Facts(rows=tuple(rows))


def _actions(proposal: Proposal, view: CardView, *, too_long: bool) -> tuple[Action, ...]:
    read = (LinkButton(label="Read the topic", url=url),) if (url := view.link("topics", proposal.topic)) else ()
    if not proposal.state.is_waiting:
        return read
    if too_long:
        return (_decline(proposal), *read)
    accept = Button(
        label="Accept",
        token=encode(Verb.PROPOSAL_ACCEPT, proposal.id, proposal.revision),
        style=Style.PRIMARY,
        about=f"the new text for {proposal.topic}",
    )
    return (accept, _decline(proposal), *read)


def _decline(proposal: Proposal) -> FormButton:
    field = FormField(name=REASON_FIELD, label="Why not?", kind=FieldKind.MULTILINE)
    token = encode(Verb.PROPOSAL_DECLINE, proposal.id, proposal.revision)
    intro = f"The new text for {proposal.topic} is not let in; whoever proposed it is told why."
    form = Form(title="Decline this text", submit="Decline", token=token, intro=intro, fields=(field,))
    return FormButton(label="Decline…", form=form, about=f"the new text for {proposal.topic}")
