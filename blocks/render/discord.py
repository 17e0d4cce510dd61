"""Cards as Discord messages: Components V2 as plain dictionaries, inside Discord's limits, pinging nobody."""

from collections.abc import Collection, Iterator

from blocks.elements import Card, Tone
from blocks.fit import fit
from blocks.limits import DISCORD
from blocks.render.discord_actions import (
    MENU_PREFIX,
    action_rows,
    form_answers,
    form_files,
    pressed_token,
    render_form,
)
from blocks.render.discord_check import problems
from blocks.render.discord_elements import components_of, inline, text_display
from blocks.render.words import simulation
from blocks.words import TONE_EMOJI
from store.kernel.canonical import JsonObject

__all__ = ["MENU_PREFIX", "form_answers", "form_files", "pressed_token", "render", "render_form"]

CONTAINER = 17
IS_COMPONENTS_V2 = 1 << 15
"""The flag of a message made of components: https://docs.discord.com/developers/resources/message, 2026-11-21."""

_ACCENT = {
    Tone.NEUTRAL: 0x80848E,
    Tone.GOOD: 0x2E9E5B,
    Tone.WARNING: 0xE0A100,
    Tone.BAD: 0xD13B3B,
    Tone.WAITING: 0x3B7DD8,
}


def render(card: Card, *, files: Collection[str] = ()) -> JsonObject:
    """The body of a create-message or edit-message request, without nonce and attachments.

    `files` are the names of the files attached to it; a chart that is not among them is said in words and figures.
    Mentions are switched off for the whole message. Raises ValueError if the message would break a limit, which is a
    bug here and never the card's fault.
    """
    shown = fit(card, DISCORD)
    container: JsonObject = {
        "type": CONTAINER,
        "accent_color": _ACCENT[shown.tone],
        "components": list(_components(shown, files)),
    }
    message: JsonObject = {"flags": IS_COMPONENTS_V2, "components": [container], "allowed_mentions": {"parse": []}}
    if found := problems(message):
        raise ValueError(f"card {card.key} breaks Discord's limits: {'; '.join(found)}")
    return message


def _components(card: Card, files: Collection[str]) -> Iterator[JsonObject]:
    yield text_display(f"### {TONE_EMOJI[card.tone]} {inline(card.state)} · {inline(card.title)}")
    if said := simulation(card):
        yield text_display(f"-# {inline(said)}")
    for element in card.elements:
        yield from components_of(element, files)
    yield from action_rows(card.actions)
