"""A simple answer: something was done, refused or is worth knowing."""

from blocks.elements import Card, Text, Tone
from blocks.words import TONE_WORD


def notice_card(title: str, text: str, tone: Tone, *, key: str = "notice", simulated: bool = False) -> Card:
    """A card without a record: it is told once and never redrawn."""
    elements = (Text(text=text),) if text else ()
    summary = f"{TONE_WORD[tone]}: {title}. {text}".strip()
    return Card(
        key=key,
        revision=0,
        kind="notice",
        tone=tone,
        state=TONE_WORD[tone],
        title=title,
        summary=summary,
        simulated=simulated,
        elements=elements,
    )
