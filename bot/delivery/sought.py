"""What search finds a record by: the words of its card, as a reader sees them."""

import asyncio

import structlog
from pydantic import ValidationError

from blocks.elements import Card
from blocks.render.text import element_text
from store.actions.outbox import make_findable
from store.handle import Store
from store.kernel.errors import QuarterdeckError
from store.queries.sought import unsought_cards
from store.records import CardRow, Sought
from store.records.sought import SUMMARY_CHARACTERS, UNSOUGHT

BATCH = 100
BREATH_SECONDS = 0.05
"""Between two batches, so that whoever waits to write comes first."""
AGAIN_SECONDS = 600.0

log = structlog.get_logger()


def sought_in(row: CardRow, card: Card) -> tuple[Sought, str] | None:
    """The record behind a card and the words it is found by; None for a card that shows no record of its own."""
    if row.kind in UNSOUGHT:
        return None
    summary = card.summary[:SUMMARY_CHARACTERS]
    sought = _sought(row, card.state, card.title, summary)
    ids = f"{row.key} {row.record_id} {row.channel or ''}"
    said = [ids, card.state, card.title, card.summary, *(element_text(element) for element in card.elements)]
    return sought, "\n".join(said)


async def keep_findable(store: Store) -> None:
    """Lets search find what was drawn before it knew of it, until cancelled; what is drawn later it knows at once."""
    while True:
        some = 0
        try:
            some = await asyncio.to_thread(_some_findable, store)
        except QuarterdeckError as trouble:
            log.warning("search_not_caught_up", reason=trouble.message)
        await asyncio.sleep(BREATH_SECONDS if some else AGAIN_SECONDS)


def _some_findable(store: Store) -> int:
    found = tuple(_stored(row) for row in unsought_cards(store, BATCH))
    if found:
        make_findable(store, found)
    return len(found)


def _stored(row: CardRow) -> tuple[Sought, str]:
    try:
        found = sought_in(row, Card.model_validate(row.snapshot))
    except ValidationError:  # an older version's card: found by its id until it is drawn again
        found = None
    return found or (_sought(row, "", row.key, ""), f"{row.key} {row.record_id}")


def _sought(row: CardRow, state: str, title: str, summary: str) -> Sought:
    return Sought(
        kind=row.kind,
        record_id=row.record_id,
        card_key=row.key,
        channel=row.channel,
        at=row.changed_at,
        state=state,
        title=title,
        summary=summary,
    )
