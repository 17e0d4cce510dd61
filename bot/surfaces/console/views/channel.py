"""A channel: its cards, newest last, as they would look in chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from blocks.cards.notice import notice_card
from blocks.elements import Card, Tone
from bot.surfaces.console.views.rail import channel_href
from store.records import AgentView, CardRow, Fleet

PAGE_CARDS = 30


@dataclass(frozen=True)
class ShownCard:
    """A card in its place. `href` is its own page; `changed_at` None when it is as it was first posted."""

    card: Card
    position: int
    href: str
    posted_at: datetime
    changed_at: datetime | None


@dataclass(frozen=True)
class ChannelPage:
    """One channel. `agent` is None for the team's own; `older_href` None when there is nothing older."""

    name: str
    purpose: str
    channel: str | None
    agent: AgentView | None
    cards: tuple[ShownCard, ...]
    older_href: str | None
    is_latest: bool


def channel_page(fleet: Fleet, agent: AgentView | None, rows: Sequence[CardRow], before: int | None) -> ChannelPage:
    """The page for the latest rows before a position: one row more than a page says that there are older ones."""
    shown = tuple(card for row in rows[-PAGE_CARDS:] if (card := shown_card(row)) is not None)
    more = len(rows) > PAGE_CARDS
    channel = agent.agent_id if agent else None
    return ChannelPage(
        name=agent.name if agent else "Team",
        purpose=agent.purpose if agent else f"What concerns all of {fleet.team}: the fleet and its incidents.",
        channel=channel,
        agent=agent,
        cards=shown,
        older_href=f"{channel_href(channel)}?before={rows[-PAGE_CARDS].position}" if more else None,
        is_latest=before is None,
    )


def shown_card(row: CardRow) -> ShownCard | None:
    """The card as last built; None before it was first built, when no surface shows it."""
    if row.snapshot is None:
        return None
    changed = row.changed_at if row.changed_at != row.created_at else None
    return ShownCard(_card(row), row.position, f"/cards/{row.key}", row.created_at, changed)


def _card(row: CardRow) -> Card:
    try:
        return Card.model_validate(row.snapshot)
    except ValidationError:
        words = "Its record is kept, but this version cannot read the card as it was stored."
        return notice_card("A card of another version", words, Tone.WARNING, key=row.key)
