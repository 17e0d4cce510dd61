"""Search: every word must occur, anywhere in a word and whatever its case; newest first.

A plain table is read from its newest row on, the same on both databases, so a part of an id, a path or a word in any
language is found. The cost is bounded: at most SEARCHED rows are looked at.
"""

import sqlalchemy as sa

from store import rows, schema
from store.handle import Store
from store.records.card import CardKind, CardRow
from store.records.sought import UNSOUGHT, Sought

SEARCHED = 200_000
"""Newest records that are looked through."""
MAX_CHARACTERS = 200
MAX_WORDS = 8
_SHOWN = tuple(column for column in schema.sought.c if column.name != "folded")


def find(store: Store, words: str, kind: CardKind | None = None, limit: int = 40) -> list[Sought]:
    """The newest records, of one kind where given, whose words hold all of these; no words find nothing."""
    wanted = words[:MAX_CHARACTERS].casefold().split()[:MAX_WORDS]
    if not wanted:
        return []
    table = schema.sought
    eldest = sa.select(table.c.at).order_by(table.c.at.desc()).offset(SEARCHED).limit(1).scalar_subquery()
    query = sa.select(*_SHOWN).where(*(table.c.folded.contains(word, autoescape=True) for word in wanted))
    query = query.where(table.c.at > sa.func.coalesce(eldest, -1))
    query = query.where(table.c.kind == kind.value) if kind else query
    with store.database.read() as connection:
        # In the order of the index: what is common is found at once, and only what is rare costs a full look.
        found = connection.execute(query.order_by(table.c.at.desc(), table.c.record_id).limit(limit))
        return [rows.read(Sought, row) for row in found]


def unsought_cards(store: Store, limit: int) -> list[CardRow]:
    """Cards that were drawn before search knew of them, newest first."""
    cards, table = schema.cards, schema.sought
    known = sa.exists().where(table.c.kind == cards.c.kind, table.c.record_id == cards.c.record_id)
    query = sa.select(cards).where(cards.c.snapshot.is_not(sa.null()), ~known, cards.c.kind.not_in(UNSOUGHT))
    with store.database.read() as connection:
        found = connection.execute(query.order_by(cards.c.position.desc()).limit(limit))
        return [rows.read(CardRow, row) for row in found]
