"""Cards a second of each renderer and each kind of card, beside json.dumps and Slack's own block classes."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks.measure import Comparison, Figure, Report
from blocks.elements import Card
from blocks.fit import fit
from blocks.limits import DISCORD, SLACK
from blocks.render import discord, html, slack, text
from store.kernel.canonical import JsonObject
from tests.blocks.samples import ordinary_cards, worst_cards


@dataclass(frozen=True)
class Size:
    """How long each contender draws in each round."""

    slice_seconds: float
    rounds: int
    cards: int | None
    """None measures every kind; a number only so many of them."""


FULL = Size(slice_seconds=0.1, rounds=7, cards=None)
TINY = Size(slice_seconds=0.0, rounds=1, cards=2)
BASELINE = "slack_sdk: Block.parse, to_dict"

NOTES = """\
- Ours begins at the neutral card: it fits the card to the surface, makes every text inert, renders, and for Slack
  and Discord checks the result against the platform's limits. slack_sdk begins with our finished blocks, makes
  objects of them and dictionaries of those; json.dumps only writes our finished message down.
- HTML is drawn by Jinja2 with automatic escaping. The cards are the samples that the tests draw; `worst` ones have
  hostile texts of great length in every field.
- One core, one thread, one process; the contenders of a card take turns.
"""


def run(size: Size) -> Report:
    """Every card with every contender."""
    compared = tuple(_compare(name, card, size) for name, card in _cards(size))
    return Report("cards", "How many cards a second does each renderer draw?", compared, NOTES)


def _cards(size: Size) -> Iterator[tuple[str, Card]]:
    """The first card of each kind, then the heaviest."""
    first: dict[str, Card] = {}
    for _, card in ordinary_cards():
        first.setdefault(card.kind, card)
    worst = max((card for _, card in worst_cards()), key=lambda card: len(card.model_dump_json()))
    found = [*first.items(), (f"worst {worst.kind}", worst)]
    yield from found[: size.cards]


def _compare(name: str, card: Card, size: Size) -> Comparison:
    rates: dict[str, list[float]] = {}
    message = slack.render(card)
    for number in range(size.rounds + 1):
        for contender, work in _contenders(card, message).items():
            rate = _rate(work, size.slice_seconds)
            if number:  # the first warms up
                rates.setdefault(contender, []).append(rate)
    figures = tuple(Figure(contender, tuple(values)) for contender, values in rates.items())
    return Comparison(f"{name} ({len(json.dumps(message)):,} bytes of JSON on Slack)", "cards/s", BASELINE, figures)


def _contenders(card: Card, message: JsonObject) -> dict[str, Callable[[], object]]:
    return {
        "Slack": partial(slack.render, card),
        "Discord": partial(discord.render, card),
        "HTML": partial(html.render, card),
        "text": partial(text.render, card),
        "fit alone, Slack": partial(fit, card, SLACK),
        "fit alone, Discord": partial(fit, card, DISCORD),
        BASELINE: partial(_through_slack_sdk, message),
        "json.dumps of the Slack message": partial(json.dumps, message),
    }


def _through_slack_sdk(message: JsonObject) -> list[object]:
    from slack_sdk.models.blocks import Block

    blocks = message["blocks"]
    assert isinstance(blocks, list)
    parsed = [Block.parse(block) for block in blocks if isinstance(block, dict)]
    return [block.to_dict() for block in parsed if block is not None]


def _rate(work: Callable[[], object], slice_seconds: float) -> float:
    """How often a second the work is done; it is done at least once."""
    done, start = 0, time.perf_counter()
    while True:
        work()
        done += 1
        seconds = time.perf_counter() - start
        if seconds >= slice_seconds:
            return done / seconds
