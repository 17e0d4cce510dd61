"""Cards as Discord messages: Components V2 as plain dictionaries, inside Discord's limits, pinging nobody unasked."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from blocks.elements import Card, Element, Items, LinkButton, Tone
from blocks.fit import fit
from blocks.limits import DISCORD, DISCORD_COMPONENTS, DISCORD_LIST
from blocks.render.discord_actions import (
    MENU_PREFIX,
    action_rows,
    form_answers,
    form_files,
    pressed_token,
    render_form,
)
from blocks.render.discord_check import component_count, problems
from blocks.render.discord_elements import Page, components_of, file_component, separator, text_display
from blocks.render.discord_files import FileSpec, Whole, files_of, wholes_of
from blocks.render.discord_links import is_for_everybody, links_line
from blocks.render.discord_text import inline, small
from blocks.render.words import simulation
from blocks.words import TONE_EMOJI
from store.kernel.canonical import Json, JsonObject

__all__ = [
    "MENU_PREFIX",
    "FileSpec",
    "files_of",
    "form_answers",
    "form_files",
    "pressed_token",
    "render",
    "render_form",
]

CONTAINER = 17
IS_COMPONENTS_V2 = 1 << 15
"""The flag of a message made of components: https://docs.discord.com/developers/resources/message, 2026-11-21."""
MAX_ROLES = 5
"""Roles that one message calls."""

_ROLE_ID = re.compile(r"[0-9]{1,20}")
_BESIDE_ROWS = 5
"""Rows of a list that may each have a button; a longer list is read as a list."""

_ACCENT = {
    Tone.NEUTRAL: 0x80848E,
    Tone.GOOD: 0x2E9E5B,
    Tone.WARNING: 0xE0A100,
    Tone.BAD: 0xD13B3B,
    Tone.WAITING: 0x3B7DD8,
}


def render(card: Card, *, files: Collection[str] = (), roles: Sequence[str] = ()) -> JsonObject:
    """The body of a create-message or edit-message request, without nonce and attachments.

    `files` are the names of the files attached to it, of those that `files_of` asks for; what is not among them is
    said in words and figures. Mentions are switched off for the whole message, but those of `roles` (ids of at most
    five), which are called. Raises ValueError if the message would break a limit, which is a bug here and never the
    card's fault.
    """
    shown = fit(card, DISCORD_LIST if _is_list(card) else DISCORD)
    wholes = [whole for whole in wholes_of(card, shown) if whole.spec.name in files]
    called = list(dict.fromkeys(roles))  # Discord refuses one that is named twice
    head = [text_display("\n".join(_first_lines(shown, called)))]
    tail = [*_strays(shown, wholes), *_ending(shown)]
    room = DISCORD_COMPONENTS - component_count([*head, *tail]) - 1
    components: list[Json] = [*head, *_body(shown, _pages(shown, frozenset(files), wholes), room), *tail]
    container: JsonObject = {"type": CONTAINER, "accent_color": _ACCENT[shown.tone], "components": components}
    mentions: JsonObject = {"parse": [], **({"roles": list[Json](called)} if called else {})}
    message: JsonObject = {"flags": IS_COMPONENTS_V2, "components": [container], "allowed_mentions": mentions}
    if found := problems(message):
        raise ValueError(f"card {card.key} breaks Discord's limits: {'; '.join(found)}")
    return message


def _is_list(card: Card) -> bool:
    return len(card.elements) == 1 and isinstance(card.elements[0], Items)


def _first_lines(card: Card, roles: Sequence[str]) -> Iterator[str]:
    yield f"### {TONE_EMOJI[card.tone]} {inline(card.state)} · {inline(card.title)}"
    if said := simulation(card):
        yield small(said)
    if roles:
        yield f"-# {_called(roles)}"


def _called(roles: Sequence[str]) -> str:
    if len(roles) > MAX_ROLES or not all(_ROLE_ID.fullmatch(role) for role in roles):
        raise ValueError(f"at most {MAX_ROLES} roles can be called, by their ids")
    return " ".join(f"<@&{role}>" for role in roles)


def _pages(card: Card, drawn: frozenset[str], wholes: Sequence[Whole]) -> Iterator[Page]:
    """What each element needs to know."""
    names: dict[tuple[type[Element], int], str] = {(one.kind, one.number): one.spec.name for one in wholes}
    seen: Counter[type[Element]] = Counter()
    for element in card.elements:
        kind = type(element)
        yield Page(drawn=drawn, whole=names.get((kind, seen[kind])), simulated=card.simulated)
        seen[kind] += 1


def _body(card: Card, pages: Iterable[Page], room: int) -> list[JsonObject]:
    """The elements in at most `room` components.

    The rows of the first list have their addresses on buttons if there is room: it says what needs somebody.
    """
    placed = list(zip(card.elements, pages, strict=True))
    drawn = [list(components_of(element, page)) for element, page in placed]
    first = next((number for number, element in enumerate(card.elements) if isinstance(element, Items)), None)
    if first is not None and _can_all_be_opened(placed[first][0]):
        beside = list(components_of(placed[first][0], replace(placed[first][1], beside=True)))
        if sum(map(component_count, [*drawn[:first], beside, *drawn[first + 1 :]])) <= room:
            drawn[first] = beside
    return [component for components in drawn for component in components]


def _can_all_be_opened(element: Element) -> bool:
    """True for a short list of things to be opened, each of which anybody can open."""
    if not isinstance(element, Items) or not 0 < len(element.rows) <= _BESIDE_ROWS:
        return False
    return all(row.url is not None and is_for_everybody(row.url) for row in element.rows)


def _strays(card: Card, wholes: Sequence[Whole]) -> Iterator[JsonObject]:
    """The files of what the card itself has no room for at all."""
    for whole in wholes:
        if whole.number >= sum(isinstance(element, whole.kind) for element in card.elements):
            yield file_component(whole.spec.name)


def _ending(card: Card) -> Iterator[JsonObject]:
    """What can be pressed, set off from what is said; links that are no buttons come last."""
    if not card.actions:
        return
    yield separator()
    here = [one for one in card.actions if isinstance(one, LinkButton) and not is_for_everybody(one.url)]
    line = links_line(here)
    yield from action_rows([one for one in card.actions if line is None or one not in here])
    if line:
        yield text_display(line)
