"""What the buttons of decisions, proposals and notes do."""

from agents.roster import Team
from blocks.cards import AFFECTS_FIELD, CHOICE_FIELD, REASON_FIELD, SUBJECT_FIELD, decision_card, proposal_card
from blocks.elements import Card, FieldKind, Form, FormButton, FormField, find_pressable
from blocks.text import one_line
from blocks.tokens import Verb, encode
from bot.inbound.desk import Desk, Pressed
from bot.inbound.owners import owner_named
from bot.surfaces.base import Answer
from store.actions.decisions import acknowledge_decision, record_decision, uphold_decision
from store.actions.notes import acknowledge_note
from store.actions.topics import review_proposal
from store.kernel.errors import UserMistake
from store.kernel.ids import derive
from store.queries.decisions import decision
from store.queries.topics import proposal
from store.records import Decision, DecisionStanding

SUBJECT_CHARS = 200
NEW = "new"
"""What the token of an empty form names in place of a record."""


def acknowledge(desk: Desk, pressed: Pressed) -> Answer:
    """Somebody the decision affects has taken note of it."""
    fresh = acknowledge_decision(desk.store, pressed.press.record_id, pressed.actor)
    return Answer(text="Acknowledged." if fresh else "You had acknowledged it already.")


def uphold(desk: Desk, pressed: Pressed) -> Answer:
    """This decision stands; those that contradict it no longer do."""
    upheld = uphold_decision(desk.store, pressed.press.record_id, pressed.actor)
    return Answer(text=f"It stands: {one_line(upheld.choice)}.")


def supersede(desk: Desk, pressed: Pressed) -> Answer:
    """A person decides anew; what was decided before no longer stands."""
    old = decision(desk.store, pressed.press.record_id)
    if old.standing is DecisionStanding.SUPERSEDED:
        raise UserMistake("This decision was superseded already.")
    made = _made(desk, pressed, subject=old.subject, affects=old.affects, supersedes=old.id, agent_id=old.agent_id)
    return Answer(text=f"Decided: {one_line(made.choice)}.")


def make(desk: Desk, pressed: Pressed) -> Answer:
    """Puts a person's decision on record."""
    subject = one_line(pressed.field(SUBJECT_FIELD))[:SUBJECT_CHARS]
    if not subject:
        raise UserMistake("Say what it is about.")
    affects = _affected(desk.team, pressed.field(AFFECTS_FIELD))
    made = _made(desk, pressed, subject=subject, affects=affects)
    contested = " It contradicts another decision; see the card." if made.standing is DecisionStanding.CONTESTED else ""
    return Answer(text=f"Decided: {one_line(made.choice)}.{contested}")


def accept(desk: Desk, pressed: Pressed) -> Answer:
    """The proposed text is the topic's next version, in the name of whoever accepts it."""
    return _review(desk, pressed, accept=True, reason="")


def decline(desk: Desk, pressed: Pressed) -> Answer:
    """The proposed text is not let in, and why."""
    reason = pressed.field(REASON_FIELD)
    if not reason:
        raise UserMistake("Say why, in a few words.")
    return _review(desk, pressed, accept=False, reason=reason)


def acknowledge_for(desk: Desk, pressed: Pressed) -> Answer:
    """A person acknowledges a note in its reader's place."""
    note = acknowledge_note(desk.store, pressed.press.record_id, pressed.actor)
    return Answer(text=f"Acknowledged for {desk.presenter.view.agent(note.to_agent)}.")


def decision_form() -> Form:
    """Asks what was decided about what, and whom it affects."""
    fields = (
        FormField(name=SUBJECT_FIELD, label="What is it about?"),
        FormField(name=CHOICE_FIELD, label="What is decided?", kind=FieldKind.MULTILINE),
        FormField(name=REASON_FIELD, label="Why?", kind=FieldKind.MULTILINE, required=False),
        FormField(
            name=AFFECTS_FIELD,
            label="Whom does it affect?",
            required=False,
            hint="Names or ids of agents and people, with commas between; each is asked to acknowledge it.",
        ),
    )
    intro = "It is put on record, and those it affects are told until they acknowledge it."
    return Form(
        title="New decision",
        submit="Decide",
        token=encode(Verb.MAKE_DECISION, NEW, 0),
        intro=intro,
        fields=fields,
    )


def form_on_card(desk: Desk, pressed: Pressed) -> Form | None:
    """The form behind a button of the decision's or proposal's card; None when it asks nothing."""
    button = find_pressable(_card(desk, pressed), pressed.event.token or "")
    return button.form if isinstance(button, FormButton) else None


def new_decision_form(_: Desk, __: Pressed) -> Form:
    """The empty form."""
    return decision_form()


def _card(desk: Desk, pressed: Pressed) -> Card:
    record_id, view = pressed.press.record_id, desk.presenter.view
    if pressed.press.verb is Verb.PROPOSAL_DECLINE:
        return proposal_card(proposal(desk.store, record_id), view)
    return decision_card(decision(desk.store, record_id), view)


def _made(
    desk: Desk,
    pressed: Pressed,
    *,
    subject: str,
    affects: tuple[str, ...],
    supersedes: str | None = None,
    agent_id: str | None = None,
) -> Decision:
    choice = pressed.field(CHOICE_FIELD)
    if not choice:
        raise UserMistake("Say what is decided.")
    made = Decision(
        id=derive("decision", pressed.event.surface, pressed.event.key),
        subject=subject,
        subject_key="",
        choice=choice,
        why=pressed.field(REASON_FIELD),
        decided_by=pressed.actor,
        decided_at=desk.store.clock.now(),
        affects=affects,
        supersedes=supersedes,
        agent_id=agent_id,
    )
    return record_decision(desk.store, made)


def _affected(team: Team, names: str) -> tuple[str, ...]:
    owners = [owner_named(team, name) for name in names.split(",") if name.strip()]
    return tuple(dict.fromkeys(one.agent_id or one.person_id or "" for one in owners))


def _review(desk: Desk, pressed: Pressed, *, accept: bool, reason: str) -> Answer:
    decided = review_proposal(desk.store, pressed.press.record_id, pressed.actor, accept=accept, reason=reason)
    said = "It is what the topic says now." if accept else "It is not let in; the card says why."
    return Answer(text=said if decided.decided_by == pressed.actor else "Somebody had decided it already.")
