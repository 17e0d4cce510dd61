"""A figure's two questions, "why?" and "is it wrong?", and what a card says that uses a figure somebody disputes."""

from collections.abc import Sequence

from blocks.cards.view import CardView
from blocks.elements import Button, Card, Choice, FieldKind, Form, FormButton, FormField, Item, Items, Menu, Option
from blocks.text import clip, one_line, with_unit
from blocks.tokens import Verb, encode
from store.records import Digest, Mark, OutputKind

FIGURE_FIELD, WRONG_FIELD = "figure", "reason"
DISPUTED = "Disputed"
"""The heading of what people say is wrong."""
ASKED_MAX = 20
"""Figures of one card that can be asked about; a menu takes a few more."""
_LABEL_CHARS = 70


def subject_of(kind: OutputKind, output_id: str, number: int = 0) -> str:
    """How a token names a figure: the output and the figure's number in it, from 0."""
    return f"{kind.value}/{output_id}/{number}"


def read_figure(subject: str) -> tuple[OutputKind, str, int] | None:
    """What a token names; None when it names no figure."""
    kind, _, rest = subject.partition("/")
    output_id, _, number = rest.partition("/")
    known = next((one for one in OutputKind if one.value == kind), None)
    return (known, output_id, int(number)) if known and output_id and number.isdecimal() else None


def digest_questions(digest: Digest) -> Menu | None:
    """One entry for each figure, and one to say that a figure is wrong; None for a digest without figures."""
    if not digest.figures:
        return None
    asked = tuple(
        Option(
            label=clip(f"Why {one.label} {with_unit(one.value, one.unit)}?", _LABEL_CHARS),
            token=encode(Verb.WHY, subject_of(OutputKind.DIGEST, digest.id, number), 0),
        )
        for number, one in enumerate(digest.figures[:ASKED_MAX])
    )
    wrong = Option(label="A figure is wrong…", token=encode(Verb.WRONG, subject_of(OutputKind.DIGEST, digest.id), 0))
    return Menu(label="Why?", options=(*asked, wrong))


def alert_questions(alert_id: str) -> Menu:
    """Why an alert says what it says, and that it is wrong."""
    subject = subject_of(OutputKind.ALERT, alert_id)
    return Menu(
        label="Why?",
        options=(
            Option(label="Why this value?", token=encode(Verb.WHY, subject, 0)),
            Option(label="This is wrong…", token=encode(Verb.WRONG, subject, 0)),
        ),
    )


def wrong_form(subject: str, figures: Sequence[str], chosen: int) -> Form:
    """Which figure is wrong, and why; every card that used it will say so."""
    which = FormField(
        name=FIGURE_FIELD,
        label="Which figure?",
        kind=FieldKind.CHOICE,
        initial=str(chosen),
        options=tuple(
            Choice(label=clip(text, _LABEL_CHARS), value=str(number)) for number, text in enumerate(figures[:ASKED_MAX])
        ),
    )
    why = FormField(name=WRONG_FIELD, label="What is wrong with it?", kind=FieldKind.MULTILINE)
    return Form(
        title="This is wrong",
        submit="Mark it",
        token=encode(Verb.WRONG, subject, 0),
        intro="Every card that used this figure will say so, with your name and reason. You can take it back.",
        fields=(which, why) if len(figures) > 1 else (why,),
    )


def mark_button(subject: str, figure: str, mine: Mark | None) -> Button | FormButton:
    """To dispute a figure, or to take the mark back that disputes it."""
    if mine is None:
        return FormButton(label="This is wrong…", form=wrong_form(subject, (figure,), 0), about=figure)
    return Button(label="Take the mark back", token=encode(Verb.WITHDRAW_WRONG, mine.id, 0), about=figure)


def mark_line(mark: Mark, view: CardView, *, own: bool) -> Item:
    """One mark: whose word it is, what about, why and when."""
    who = view.person(mark.by)
    text = f"{who} says {mark.figure} is wrong" if own else f"Uses a figure {who} says is wrong: {mark.figure}"
    return Item(text=text, detail=f"{one_line(mark.reason)} ({view.when(mark.at)})")


def with_marks(card: Card, marks: Sequence[Mark], own: tuple[OutputKind, str], view: CardView) -> Card:
    """The card, saying after its first part what is disputed; unchanged when nothing is."""
    if not marks:
        return card
    rows = tuple(mark_line(one, view, own=(one.output_kind, one.output_id) == own) for one in marks)
    said = Items(heading=DISPUTED, rows=rows, total=len(rows))
    summary = f"{card.summary} {rows[0].text}."
    return card.model_copy(update={"elements": (*card.elements[:1], said, *card.elements[1:]), "summary": summary})
