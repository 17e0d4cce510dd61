"""What one person is told, as the message that only they see."""

from typing import NamedTuple

from blocks.elements import Button, Card
from blocks.limits import DISCORD_MESSAGE_CHARS
from blocks.render.discord import IS_COMPONENTS_V2, files_of, render
from blocks.render.discord_confirm import render_question
from blocks.render.discord_elements import text_display
from blocks.text import clip, discord_length, discord_markdown
from bot.surfaces.base import Answer
from bot.surfaces.discord.payload import EPHEMERAL
from bot.surfaces.discord.web import Attached
from store.kernel.canonical import Json, JsonObject

DONE = "Done."
KEPT = "Your request is on record."


class Private(NamedTuple):
    """A message and its files."""

    body: JsonObject
    files: tuple[Attached, ...] = ()


def private_message(answer: Answer) -> Private | None:
    """The answer's words or card; None when there is nothing to tell. A form is not told but opened.

    What of a card is cut comes along as files. A chart is said in words and figures: to draw it takes too long.
    """
    if answer.card is not None:
        return _of_card(answer.card)
    return private_words(answer.text) if answer.text else None


def private_words(text: str) -> Private:
    """Plain words, letter for letter, cut to what a message holds."""
    shown = discord_markdown(clip(text, DISCORD_MESSAGE_CHARS, discord_length))
    return _message([text_display(shown)])


def private_question(button: Button) -> Private:
    """The question this button asks before its press counts, with the buttons that answer it."""
    return _message(render_question(button))


def _of_card(card: Card) -> Private:
    files = tuple(_attached(each.name, each.content, each.description) for each in files_of(card) if each.content)
    body = render(card, files=[each.file_name for each in files])
    return Private({**body, "flags": IS_COMPONENTS_V2 | EPHEMERAL}, files)


def _attached(name: str, content: bytes, description: str) -> Attached:
    return Attached(file_name=name, content=content, description=description)


def _message(components: list[Json]) -> Private:
    flags = IS_COMPONENTS_V2 | EPHEMERAL
    return Private({"flags": flags, "components": components, "allowed_mentions": {"parse": []}})
