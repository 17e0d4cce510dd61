"""Sentences that every renderer says in the same words."""

from blocks.elements import Card, Payload
from blocks.home import Home
from blocks.text import count

SIMULATED = "Simulated time"
"""What every card of a simulated team says on every surface."""


def simulation(card: Card | Home) -> str | None:
    """What is not of this world about a card or a page, in words; None for one that is all real."""
    return " · ".join(part for part in (SIMULATED if card.simulated else None, card.made_up) if part) or None


def hidden_in_words(payload: Payload) -> str:
    """How much of an exact text is shown, and that its hash covers all of it."""
    whole = f"Shown: the first {len(payload.text):,} of {count(payload.total_chars, 'character')}."
    return f"{whole} The hash covers all of them." if payload.note else whole


def earlier(number: int) -> str:
    """How the absence of the first `number` steps is said."""
    return f"… {number:,} earlier"
