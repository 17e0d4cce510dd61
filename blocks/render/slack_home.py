"""The home page as a Slack Home view, a page at a time, with no text Slack could take for markup.

https://docs.slack.dev/reference/views/home-tab-views and …/block-elements/overflow-menu-element, checked 2026-11-21.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from blocks.elements import LinkButton, Option
from blocks.fit import fit_action, fit_element
from blocks.home import Home, HomeEntry, HomeRow, HomeSection
from blocks.limits import HOME, HOME_ROW_CHARS, SLACK_HEADER_CHARS, SLACK_HOME_BLOCKS, SLACK_MESSAGE_CHARS
from blocks.render.slack_actions import LINK, action_elements
from blocks.render.slack_check import text_chars, view_problems
from blocks.render.slack_elements import Page, blocks_of
from blocks.render.slack_rich import plain, rich, run, section, small_print
from blocks.render.words import simulation
from blocks.text import clip, one_line, slack_length
from blocks.tokens import Verb, encode
from blocks.words import TONE_EMOJI
from store.kernel.canonical import Json, JsonObject, fingerprint

_ENTRY_BLOCKS = SLACK_HOME_BLOCKS - 10
"""What the entries of one page may take; head, one heading and the turning take the rest."""
_ENTRY_CHARS = SLACK_MESSAGE_CHARS - 2500
"""The limit of messages, kept for views too, for which no number is documented."""
_NO_FEATURES = Page(files={}, agent_features=False)


def render_home(home: Home, page: int = 1) -> JsonObject:
    """The view to publish: page `page` of the home, from 1; one that is not there becomes the nearest that is.

    Raises ValueError if the view would break a limit, which is a bug here and never the page's fault.
    """
    pages = _pages(home)
    shown = min(max(page, 1), len(pages))
    blocks = [*_head(home), *pages[shown - 1], *_turning(home, shown, len(pages))]
    mark = fingerprint(blocks)[:16]  # new with every change, so that a menu forgets what was picked in it
    numbered = [{**block, "block_id": f"{mark}:{number}"} for number, block in enumerate(blocks)]
    if found := view_problems(numbered):
        raise ValueError(f"the home page breaks Slack's limits: {'; '.join(found)}")
    return {"type": "home", "callback_id": "home", "blocks": list[Json](numbered)}


def _head(home: Home) -> Iterator[JsonObject]:
    first_line = f"{TONE_EMOJI[home.tone]} {home.state} · {one_line(home.title)}"
    yield {"type": "header", "text": plain(clip(first_line, SLACK_HEADER_CHARS, slack_length))}
    if said := simulation(home):
        yield {"type": "context", "elements": [plain(said)]}
    parts = [*home.facts, *([home.as_of] if home.as_of else [])]
    if parts:
        yield small_print(_short(part) for part in parts)
    if home.note:
        yield rich([section([run(clip(home.note, HOME.text_chars, slack_length), bold=True)])])
    if home.choices:
        buttons = action_elements([fit_action(action, HOME) for action in home.actions])
        yield {"type": "actions", "elements": [_chooser(home), *buttons]}


def _chooser(home: Home) -> JsonObject:
    options: list[Json] = [
        {"text": plain(choice.label), "value": encode(Verb.SHOW_HOME, choice.show.value, 1)} for choice in home.choices
    ]
    chosen = [choice.show for choice in home.choices].index(home.show)
    return {
        "type": "static_select",
        "action_id": "home:show",
        "placeholder": plain("Show"),
        "options": options,
        "initial_option": options[chosen],
    }


class _Part(NamedTuple):
    """Blocks that stay together on one page, under their section's heading."""

    heading: JsonObject
    blocks: tuple[JsonObject, ...]
    chars: int


def _pages(home: Home) -> list[list[JsonObject]]:
    """The entries in reading order, as many on a page as fit; a section that goes on has its heading again."""
    pages: list[list[JsonObject]] = [[]]
    chars, heading = 0, None
    for part in chain.from_iterable(_parts(each) for each in home.sections):
        if pages[-1] and (len(pages[-1]) + len(part.blocks) + 1 > _ENTRY_BLOCKS or chars + part.chars > _ENTRY_CHARS):
            pages.append([])
            chars, heading = 0, None
        if part.heading is not heading:
            pages[-1].append(part.heading)
            heading = part.heading
        pages[-1] += part.blocks
        chars += part.chars
    return pages


def _parts(home_section: HomeSection) -> Iterator[_Part]:
    heading: JsonObject = {"type": "header", "text": plain(_short(home_section.heading))}
    groups = [_entry(entry) for entry in home_section.entries] or [_words(home_section.empty)]
    for blocks in [*groups, *([_words(home_section.more)] if home_section.more else [])]:
        yield _Part(heading, blocks, text_chars(list(blocks)) + text_chars(heading))


def _words(text: str) -> tuple[JsonObject, ...]:
    return (rich([section([run(_short(text), italic=True)])]),)


def _entry(entry: HomeEntry) -> tuple[JsonObject, ...]:
    if isinstance(entry, HomeRow):
        return (_row(entry),)
    shown = chain.from_iterable(blocks_of(fit_element(element, HOME), _NO_FEATURES) for element in entry.elements)
    buttons = action_elements([fit_action(action, HOME) for action in entry.actions])
    # The line says which thing the buttons are for.
    return (*shown, {"type": "actions", "elements": buttons}, {"type": "divider"}) if buttons else tuple(shown)


def _row(row: HomeRow) -> JsonObject:
    lines = [clip(one_line(line), HOME_ROW_CHARS, slack_length) for line in (row.text, row.detail) if line]
    block: JsonObject = {"type": "section", "text": plain("\n".join(lines))}
    return {**block, "accessory": _overflow(row.more)} if row.more else block


def _overflow(more: Sequence[Option | LinkButton]) -> JsonObject:
    return {"type": "overflow", "action_id": "home:more", "options": [_more_option(one) for one in more]}


def _more_option(one: Option | LinkButton) -> JsonObject:
    label = plain(clip(one_line(one.label), HOME.option_chars, slack_length))
    if isinstance(one, LinkButton):
        return {"text": label, "value": LINK, "url": one.url}
    return {"text": label, "value": one.token}


def _turning(home: Home, page: int, pages: int) -> Iterator[JsonObject]:
    if pages == 1:
        return
    turns = [("Previous page", page - 1)] * (page > 1) + [("Next page", page + 1)] * (page < pages)
    elements: list[Json] = [
        {
            "type": "button",
            "action_id": f"home:page:{to}",
            "text": plain(label),
            "value": encode(Verb.SHOW_HOME, home.show.value, to),
            "accessibility_label": f"{label}: page {to} of {pages}",
        }
        for label, to in turns
    ]
    yield {"type": "context", "elements": [plain(f"Page {page} of {pages}")]}
    yield {"type": "actions", "elements": elements}


def _short(text: str) -> str:
    return clip(one_line(text), HOME.value_chars, slack_length)
