"""Asking before a press counts, where Discord has no dialog: what stands in a button's custom_id, and the question.

A button with a question carries its token behind a mark, so that pressing it asks. Only the button under the question
carries the mark by which a press counts: https://docs.discord.com/developers/components/reference, 2026-11-21.
"""

from enum import StrEnum
from typing import NamedTuple

from blocks.elements import Button, Style, Token
from blocks.fit import fit_action
from blocks.limits import DISCORD
from blocks.render.discord_elements import shown_label, text_display
from blocks.render.discord_text import inline
from blocks.text import discord_markdown
from store.kernel.canonical import Json, JsonObject


class Way(StrEnum):
    """What pressing a button does, by what its custom_id begins with."""

    COUNTS = ""
    ASKS = "?"
    CONFIRMS = "!"


MARKS = f"[{Way.ASKS}{Way.CONFIRMS}]?"
"""What may stand before a token in a custom_id, as a regular expression."""
BACK = "q1back"
"""The custom_id of the button that leaves a question unanswered."""

_ROW, _BUTTON, _CONTAINER = 1, 2, 17
_ACCENT = 0xE0A100
_STYLE = {Style.PRIMARY: 3, Style.PLAIN: 1, Style.DANGER: 4}


class Marked(NamedTuple):
    """A custom_id taken apart."""

    way: Way
    token: str


def asking_first(token: Token) -> str:
    """The custom_id of a button that asks before its press counts."""
    return f"{Way.ASKS}{token}"


def read_mark(custom_id: str) -> Marked:
    """What pressing a button of this custom_id does, and the token it carries, whatever that is worth."""
    if custom_id[:1] in (Way.ASKS.value, Way.CONFIRMS.value):
        return Marked(Way(custom_id[0]), custom_id[1:])
    return Marked(Way.COUNTS, custom_id)


def render_question(button: Button) -> list[Json]:
    """The components of the question this button asks first. Raises ValueError for a button that asks none."""
    shown = fit_action(button, DISCORD)
    if not isinstance(shown, Button) or shown.confirm is None:
        raise ValueError(f"the button {button.label!r} asks no question")
    confirm = shown.confirm
    words = text_display(f"### {inline(confirm.title)}\n{discord_markdown(confirm.text)}")
    goes_on = _button(confirm.verb, _STYLE[shown.style], f"{Way.CONFIRMS}{shown.token}")
    buttons: list[Json] = [goes_on, _button(confirm.back, 2, BACK)]
    row: JsonObject = {"type": _ROW, "components": buttons}
    return [{"type": _CONTAINER, "accent_color": _ACCENT, "components": [words, row]}]


def _button(label: str, style: int, custom_id: str) -> JsonObject:
    return {"type": _BUTTON, "style": style, "label": shown_label(label), "custom_id": custom_id}
