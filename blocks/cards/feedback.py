"""The small question on what an agent delivers: was it useful?"""

from blocks.elements import Feedback, FieldKind, Form, FormField, Option
from blocks.tokens import Verb, encode
from store.records import CardKind

WORDS_FIELD = "words"
"""The name under which the words about what was wrong come back."""

_ABOUT = {CardKind.DIGEST: "this digest", CardKind.ALERT: "this alert", CardKind.RUN: "this run"}


def feedback_on(kind: CardKind, record_id: str) -> Feedback:
    """Two presses on the card of one record; the same at every revision, for the verdict is on the record."""
    subject = f"{kind.value}/{record_id}"
    return Feedback(
        label=f"Was {_ABOUT[kind]} useful?",
        good=Option(label="Useful", token=encode(Verb.USEFUL, subject, 0)),
        bad=Option(label="Not useful", token=encode(Verb.NOT_USEFUL, subject, 0)),
    )


def words_form(subject: str) -> Form:
    """What was wrong, in a few words; the verdict itself is on record before this is asked."""
    field = FormField(
        name=WORDS_FIELD,
        label="What was wrong?",
        kind=FieldKind.MULTILINE,
        required=False,
        hint="The agent reads this at its next runs, and it stands in the weekly report.",
    )
    return Form(
        title="Not useful",
        submit="Send",
        token=encode(Verb.NOT_USEFUL, subject, 0),
        intro="Your verdict is noted. You may add a few words.",
        fields=(field,),
    )


def read_subject(subject: str) -> tuple[CardKind, str] | None:
    """The kind of card and the record a verdict is about; None when nobody is asked about such a thing."""
    name, _, record_id = subject.partition("/")
    kind = next((kind for kind in _ABOUT if kind.value == name), None)
    return (kind, record_id) if kind is not None and record_id else None
