"""The decision card: what was chosen about a subject, whom it affects, and whether it still stands."""

from collections.abc import Collection

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
from blocks.text import one_line, sentence
from blocks.tokens import Verb, encode
from blocks.words import DECISION_TONE, DECISION_WORD
from store.records import Decision, DecisionStanding

CHOICE_FIELD, SUBJECT_FIELD, AFFECTS_FIELD = "choice", "subject", "affects"
"""What is answered in the forms of a decision, besides the reason."""


def decision_card(
    decision: Decision, view: CardView, *, revision: int = 0, taken: Collection[str] = frozenset()
) -> Card:
    """The decision; `taken` are those who have acknowledged it."""
    return Card(
        key=f"decision:{decision.id}",
        revision=revision,
        kind="decision",
        tone=DECISION_TONE[decision.standing],
        state=DECISION_WORD[decision.standing],
        title=decision.subject,
        summary=f"{DECISION_WORD[decision.standing]}: {one_line(decision.subject)}: {one_line(decision.choice)}.",
        simulated=view.simulated,
        elements=_elements(decision, view, taken),
        actions=_actions(decision, view, taken),
    )


def named(who: str, view: CardView) -> str:
    """An agent's or a person's name."""
    return view.agent_names.get(who) or view.person(who)


def _elements(decision: Decision, view: CardView, taken: Collection[str]) -> tuple[Element, ...]:
    elements: list[Element] = list(_said(decision, view))
    elements.append(_facts(decision, view, taken))
    if decision.standing is DecisionStanding.CONTESTED:
        elements.append(Text(text="Another decision of this subject says something else."))
    elements.append(
        Context(parts=(decision.id, f"{view.when(decision.decided_at)} by {view.actor(decision.decided_by)}"))
    )
    return tuple(elements)


def _said(decision: Decision, view: CardView) -> tuple[Element, ...]:
    """What was chosen and why; apart, where strangers' words had been read before."""
    if decision.tainted:
        words = "\n".join(said for said in (decision.choice, decision.why) if said)
        return (
            Quoted(text=words, source=f"Written by {view.actor(decision.decided_by)} after reading strangers' words"),
        )
    why = (Text(heading="Because", text=sentence(decision.why)),) if decision.why else ()
    return (Text(text=sentence(decision.choice)), *why)


def _facts(decision: Decision, view: CardView, taken: Collection[str]) -> Facts:
    missing = [who for who in decision.affects if who not in taken]
    rows = [Fact(label="Affects", value=_listed(decision.affects, view) or "nobody in particular")]
    if decision.affects:
        rows.append(Fact(label="Not acknowledged by", value=_listed(missing, view) or "nobody: all have"))
    if decision.superseded_by:
        rows.append(Fact(label="Superseded by", value=decision.superseded_by))
    return Facts(rows=tuple(rows))


def _listed(who: Collection[str], view: CardView) -> str:
    return ", ".join(named(one, view) for one in who)


def _actions(decision: Decision, view: CardView, taken: Collection[str]) -> tuple[Action, ...]:
    if decision.standing is DecisionStanding.SUPERSEDED:
        return ()
    actions: list[Action] = []
    if decision.standing is DecisionStanding.CONTESTED:
        token = encode(Verb.DECISION_UPHOLD, decision.id, decision.revision)
        actions.append(Button(label="Let this one stand", token=token, style=Style.PRIMARY, about=decision.subject))
    if any(who not in taken for who in decision.affects if who in view.person_names):
        token = encode(Verb.DECISION_ACKNOWLEDGE, decision.id, decision.revision)
        actions.append(Button(label="Acknowledge", token=token, about=decision.subject))
    actions.append(_supersede(decision))
    if decision.run_id and (url := view.link("runs", decision.run_id)):
        actions.append(LinkButton(label="Open run", url=url))
    return tuple(actions)


def _supersede(decision: Decision) -> FormButton:
    fields = (
        FormField(name=CHOICE_FIELD, label="What holds instead?", kind=FieldKind.MULTILINE),
        FormField(name=REASON_FIELD, label="Why?", kind=FieldKind.MULTILINE, required=False),
    )
    token = encode(Verb.DECISION_SUPERSEDE, decision.id, decision.revision)
    form = Form(
        title="Decide anew",
        submit="Decide",
        token=token,
        intro=f"{one_line(decision.subject)}: {one_line(decision.choice)}",
        fields=fields,
    )
    return FormButton(label="Supersede…", form=form, about=decision.subject)
