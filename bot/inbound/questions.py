"""The question a button asks before its press counts, for a surface that must look it up when it is pressed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from blocks.elements import Button, Card, find_pressable, pressables
from blocks.tokens import Press, Verb, decode
from bot.inbound.allowing import rule_button
from bot.inbound.hiring import hire_button
from store.handle import Store
from store.kernel.errors import UserMistake
from store.queries.cards import all_cards, card_of_message
from store.records import CardRow

_UNKEPT: Mapping[Verb, Callable[[str], Button]] = MappingProxyType({Verb.HIRE: hire_button, Verb.ADD_RULE: rule_button})
"""Buttons of answers, which are not on record: what they ask follows from their token."""


class StoredQuestions:
    """Finds questions on the cards as they stand, and in the tokens of buttons that were on no card."""

    def __init__(self, store: Store, surface: str) -> None:
        self._store = store
        self._surface = surface

    def __call__(self, token: str, channel_id: str, message_id: str) -> Button | None:
        """The button that asks, as its card stands now; None when the card has it no more, or it asks nothing.

        Its token is the present card's: the words that are read are the words that are agreed to. Blocks.
        """
        try:
            press = decode(token)
        except UserMistake:
            return None
        row = card_of_message(self._store, self._surface, channel_id, message_id)
        rows = all_cards(self._store, record_id=press.record_id) if row is None else [row]
        found = next((button for one in rows if (button := _on(one, token, press)) is not None), None)
        if found is not None or row is not None:
            return found
        unkept = _UNKEPT.get(press.verb)
        return None if unkept is None else unkept(press.record_id)


def _on(row: CardRow, token: str, press: Press) -> Button | None:
    if row.snapshot is None:
        return None
    card = Card.model_validate(row.snapshot)
    exact = find_pressable(card, token)
    same = (one for one in pressables(card) if isinstance(one, Button) and decode(one.token)[:2] == press[:2])
    found = exact if isinstance(exact, Button) else next(same, None)
    return found if found is not None and found.confirm is not None else None
