"""What one person is told, as the message that only they see."""

from blocks.elements import Button, Card
from blocks.limits import DISCORD_MESSAGE_CHARS
from blocks.render.discord import IS_COMPONENTS_V2, render
from blocks.render.discord_confirm import render_question
from blocks.render.discord_elements import text_display
from blocks.text import clip, discord_length, discord_markdown
from bot.surfaces.base import Answer
from store.kernel.canonical import Json, JsonObject

EPHEMERAL = 1 << 6
"""The flag of a message that one person sees: https://docs.discord.com/developers/resources/message, 2026-11-21."""

DONE = "Done."
KEPT = "Your request is on record."


def private_message(answer: Answer) -> JsonObject | None:
    """The answer's words or card; None when there is nothing to tell. A form is not told but opened."""
    if answer.card is not None:
        return _of_card(answer.card)
    return private_words(answer.text) if answer.text else None


def private_words(text: str) -> JsonObject:
    """Plain words, letter for letter, cut to what a message holds."""
    shown = discord_markdown(clip(text, DISCORD_MESSAGE_CHARS, discord_length))
    return _message([text_display(shown)])


def private_question(button: Button) -> JsonObject:
    """The question this button asks before its press counts, with the buttons that answer it."""
    return _message(render_question(button))


def _of_card(card: Card) -> JsonObject:
    return {**render(card), "flags": IS_COMPONENTS_V2 | EPHEMERAL}


def _message(components: list[Json]) -> JsonObject:
    flags = IS_COMPONENTS_V2 | EPHEMERAL
    return {"flags": flags, "components": components, "allowed_mentions": {"parse": []}}
