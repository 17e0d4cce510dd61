"""What a form came from: the event that led to it, as it is on record, and the message it is about."""

from dataclasses import dataclass

from bot.inbound.desk import Desk
from bot.surfaces.base import QUOTED, InboundEvent, InboundKind
from store.queries.inbox import inbox_event
from store.records import QuotedMessage

NOTHING = "new"
"""Stands for the event of a form that no message and no shortcut led to."""


@dataclass(frozen=True)
class Origin:
    """What a form came from: its key in the inbox, the words to begin with, and the message it is about."""

    key: str = NOTHING
    text: str = ""
    quoted: QuotedMessage | None = None


def origin_of(desk: Desk, event: InboundEvent) -> Origin:
    """The origin that a message or a shortcut is. Its author goes by the team's name, else by the surface's."""
    quoted = event.payload.get(QUOTED)
    if not isinstance(quoted, dict):
        return Origin(event.key, event.text if event.kind is InboundKind.MESSAGE else "")
    author = str(quoted.get("author"))
    known = desk.team.person_for(event.surface, author)
    source = QuotedMessage(
        surface=event.surface,
        author=known.name if known else str(quoted.get("author_name", author)),
        text=str(quoted.get("text")),
        url=str(quoted["url"]) if "url" in quoted else None,
    )
    return Origin(event.key, "", source)


def origin_named(desk: Desk, surface: str, key: str) -> Origin:
    """The origin a token names; one that is no longer on record gives an empty form."""
    row = inbox_event(desk.store, surface, key)
    return origin_of(desk, InboundEvent.model_validate(row.payload)) if row else Origin()
