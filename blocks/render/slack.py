"""Cards as Slack messages: Block Kit dictionaries inside Slack's limits, with no text Slack could take for markup."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from blocks.elements import Action, Card, Feedback
from blocks.fit import fit
from blocks.limits import SLACK, SLACK_FALLBACK_CHARS
from blocks.render.slack_actions import (
    action_elements,
    feedback_element,
    form_answers,
    form_files,
    plain_feedback,
    pressed_token,
    render_form,
)
from blocks.render.slack_check import problems
from blocks.render.slack_elements import Page, blocks_of
from blocks.render.slack_rich import plain
from blocks.render.words import simulation
from blocks.text import clip, slack_fallback
from blocks.words import TONE_EMOJI
from store.kernel.canonical import Json, JsonObject

__all__ = ["METADATA_EVENT_TYPE", "form_answers", "form_files", "pressed_token", "render", "render_form"]

METADATA_EVENT_TYPE = "quarterdeck_card"
"""The event type of every card's message metadata, by which `find` recognises our own messages."""

_NO_FILES: Mapping[str, str] = MappingProxyType({})


def render(
    card: Card,
    *,
    files: Mapping[str, str] = _NO_FILES,
    agent_features: bool = True,
    native_charts: bool = False,
) -> JsonObject:
    """`blocks`, `text` (the card as a sentence) and `metadata` (key, revision, kind) to post or update a message with.

    `files` maps the file name of a chart or image to the id of the uploaded file; one that is missing is said in words
    and figures, or drawn by Slack itself where `native_charts` says that it may be. `agent_features` False replaces
    the plan block by a list. Send with unfurling switched off.
    Raises ValueError if the message would break a limit, which is a bug here and never the card's fault.
    """
    shown = fit(card, SLACK)
    blocks: list[Json] = [
        {**block, "block_id": _block_id(shown, number)}
        for number, block in enumerate(_blocks(shown, Page(files, agent_features, native_charts)))
    ]
    message: JsonObject = {"blocks": blocks, "text": _fallback(shown), "metadata": _metadata(shown)}
    if found := problems(message):
        raise ValueError(f"card {card.key} breaks Slack's limits: {'; '.join(found)}")
    return message


def _blocks(card: Card, page: Page) -> Iterator[JsonObject]:
    yield {"type": "header", "text": plain(f"{TONE_EMOJI[card.tone]} {card.state} · {card.title}")}
    if said := simulation(card):
        yield {"type": "context", "elements": [plain(said)]}
    for element in card.elements:
        yield from blocks_of(element, page)
    yield from _rows(card.actions, page)


def _rows(actions: Sequence[Action], page: Page) -> Iterator[JsonObject]:
    """One row of actions, and feedback in a quieter one of its own where the workspace has that."""
    asks = [action for action in actions if isinstance(action, Feedback)]
    pressed = [action for action in actions if not isinstance(action, Feedback)]
    if not page.agent_features:
        pressed += [button for ask in asks for button in plain_feedback(ask)]
    if pressed:
        yield {"type": "actions", "elements": action_elements(pressed)}
    if asks and page.agent_features:
        yield {
            "type": "context_actions",
            "elements": [feedback_element(ask, number) for number, ask in enumerate(asks)],
        }


def _block_id(card: Card, number: int) -> str:
    # New with every revision, as Slack asks for updated messages; hashed because a key may be long.
    digest = hashlib.sha256(card.key.encode()).hexdigest()[:16]
    return f"{digest}:{card.revision}:{number}"


def _fallback(card: Card) -> str:
    apart = simulation(card)
    said = f"{apart}. {card.summary}" if apart else card.summary
    short = clip(said or f"{card.state}: {card.title}", SLACK_FALLBACK_CHARS, lambda text: len(slack_fallback(text)))
    return slack_fallback(short)


def _metadata(card: Card) -> JsonObject:
    return {
        "event_type": METADATA_EVENT_TYPE,
        "event_payload": {"key": card.key, "revision": card.revision, "kind": card.kind},
    }
