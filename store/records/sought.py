"""One record as search finds it."""

from datetime import datetime

from store.records.card import CardKind
from store.records.record import Record

FOLDED_CHARACTERS = 4_000
"""Of what a card says, this much is searched."""
SUMMARY_CHARACTERS = 300
UNSOUGHT = frozenset({CardKind.FLEET, CardKind.ROLE, CardKind.LOG})
"""What shows no record of its own."""
_PAGES = {CardKind.RUN: "runs", CardKind.APPROVAL: "approvals"}


class Sought(Record):
    """What a record's card said when it was last drawn. `at` is when the record first had one."""

    kind: CardKind
    record_id: str
    card_key: str
    channel: str | None
    at: datetime
    state: str
    title: str
    summary: str

    @property
    def page(self) -> tuple[str, str]:
        """Where it is seen whole: the kind of page and the id on it."""
        if self.kind in _PAGES:
            return _PAGES[self.kind], self.record_id
        return "cards", self.card_key


def folded(text: str) -> str:
    """Text as it is compared: without case, in one line, cut to what is searched."""
    return " ".join(text.casefold().split())[:FOLDED_CHARACTERS]
