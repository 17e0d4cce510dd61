"""What a thumb up or down does: noted at once, thanked for privately, words asked for only where something is wrong."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from blocks.cards.feedback import WORDS_FIELD, read_subject, words_form
from blocks.text import clip
from bot.inbound.desk import Desk, Pressed
from bot.surfaces.base import Answer
from store.actions.feedback import give_feedback
from store.handle import Store
from store.kernel.errors import UserMistake
from store.queries import findings, runs
from store.records import CardKind, Feedback, FeedbackVerdict, card_key

WORDS_CHARS = 1000
"""Of what a person writes; the rest is cut, visibly."""


def useful(desk: Desk, pressed: Pressed) -> Answer:
    """Notes the verdict. Raises UserMistake or NotFound for a card that nobody is asked about."""
    _give(desk, pressed, FeedbackVerdict.USEFUL)
    return Answer(text="Thank you. Noted as useful.")


def not_useful(desk: Desk, pressed: Pressed) -> Answer:
    """Notes the verdict, then asks what was wrong; an answer replaces earlier words, and none is asked twice."""
    words = pressed.event.fields.get(WORDS_FIELD)
    _give(desk, pressed, FeedbackVerdict.NOT_USEFUL, words.strip() or None if words else None)
    if words is None:
        return Answer(form=words_form(pressed.press.record_id))
    return Answer(text="Thank you. The agent will read this at its next runs.")


def _give(desk: Desk, pressed: Pressed, verdict: FeedbackVerdict, words: str | None = None) -> None:
    subject = read_subject(pressed.press.record_id)
    if subject is None:
        raise UserMistake("There is nothing to judge here.", "Open the card again and press there.")
    kind, record_id = subject
    given = Feedback(
        card_key=card_key(kind, record_id),
        person_id=pressed.person.id,
        agent_id=_WHOSE[kind](desk.store, record_id),
        record_id=record_id,
        verdict=verdict,
        words=clip(words, WORDS_CHARS) if words else None,
        surface=pressed.event.surface,
        at=desk.store.clock.now(),
    )
    give_feedback(desk.store, given)


_WHOSE: Mapping[CardKind, Callable[[Store, str], str]] = MappingProxyType(
    {
        CardKind.DIGEST: lambda store, record_id: findings.digest(store, record_id).agent_id,
        CardKind.ALERT: lambda store, record_id: findings.alert(store, record_id).agent_id,
        CardKind.RUN: lambda store, record_id: runs.run(store, record_id).agent_id,
    }
)
"""Whose work a card shows; NotFound when its record is gone."""
