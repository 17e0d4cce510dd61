"""Sentences that every renderer says in the same words."""

from blocks.elements import Payload
from blocks.text import count

SIMULATED = "Simulated time"
"""What every card of a simulated team says on every surface."""


def hidden_in_words(payload: Payload) -> str:
    """How much of an exact text is shown, and that its hash covers all of it."""
    whole = f"Shown: the first {len(payload.text):,} of {count(payload.total_chars, 'character')}."
    return f"{whole} The hash covers all of them." if payload.note else whole


def earlier(number: int) -> str:
    """How the absence of the first `number` steps is said."""
    return f"… {number:,} earlier"
