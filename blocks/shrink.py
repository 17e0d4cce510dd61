"""Brings a whole card under a surface's total: the heaviest part gives way first, and says so."""

import math
from typing import TypeVar

from blocks.elements import Card, Chart, Context, Element, Facts, Items, Payload, Prose, Quoted, Steps, Table, Text
from blocks.limits import Limits
from blocks.text import clip_exact, count
from blocks.weight import weigh, weigh_card

_LEAST_CHARS = 160
"""A text is not cut below this: less says nothing."""

Cut = TypeVar("Cut", bound=Prose)
Rowed = TypeVar("Rowed", Facts, Items, Table)


def within_total(card: Card, limits: Limits) -> Card:
    """The card within the total of characters and pieces; every action and the first line stay."""
    elements, left_out = card.elements, 0
    while excess := _excess(_with(card, elements, left_out), limits):
        lighter = _lighter(elements, excess, limits)
        if lighter is None:
            elements, left_out = elements[:-1], left_out + 1
        else:
            elements = lighter
    return _with(card, elements, left_out)


def shorten(prose: Cut, limit: int, limits: Limits) -> Cut:
    """The text cut to at most `limit`, with the length of the whole kept beside it."""
    text = clip_exact(prose.text, limit, limits.length)
    return prose.model_copy(update={"text": text, "total_chars": max(prose.total_chars, len(prose.text))})


def _with(card: Card, elements: tuple[Element, ...], left_out: int) -> Card:
    note = (Context(parts=(f"… {count(left_out, 'more part')} left out here",)),) if left_out else ()
    return card.model_copy(update={"elements": (*elements, *note)})


def _excess(card: Card, limits: Limits) -> int:
    """Characters over the total; the whole total when there are too many pieces; 0 when the card fits."""
    weight = weigh_card(card, limits)
    if weight.pieces > limits.total_pieces:
        return limits.total_chars
    return max(0, weight.chars - limits.total_chars)


def _lighter(elements: tuple[Element, ...], excess: int, limits: Limits) -> tuple[Element, ...] | None:
    """One step lighter: the heaviest element that can give way does. None when an element has to go."""
    if sum(weigh(element, limits).pieces for element in elements) > limits.total_pieces:
        return None
    weights = [weigh(element, limits).chars for element in elements]
    for index in sorted(range(len(weights)), key=lambda index: -weights[index]):
        smaller = _smaller(elements[index], excess, weights[index], limits)
        if smaller is not None:
            return (*elements[:index], smaller, *elements[index + 1 :])
    return None


def _smaller(element: Element, excess: int, weight: int, limits: Limits) -> Element | None:
    """The element made lighter by about `excess`, at most by half; None when it is as small as it may get."""
    keep = max(0.5, 1 - excess / weight)
    match element:
        case Text() | Quoted() | Payload():
            return _shorter(element, keep, limits)
        case Facts():
            return _fewer(element, keep)
        case Items():
            return _fewer(element, keep)
        case Table():
            return _fewer(element, keep)
        case Steps():
            return _later(element, keep)
        case Chart():
            table = _fewer(element.table, keep)
            return None if table is None else element.model_copy(update={"table": table})
        case _:
            return None


def _shorter(prose: Text | Quoted | Payload, keep: float, limits: Limits) -> Text | Quoted | Payload | None:
    room = max(_LEAST_CHARS, math.floor(limits.length(prose.text) * keep))
    shorter = shorten(prose, room, limits)
    return shorter if len(shorter.text) < len(prose.text) else None


def _later(steps: Steps, keep: float) -> Steps | None:
    if len(steps.rows) <= 1:
        return None
    return steps.model_copy(update={"rows": steps.rows[-_rows(len(steps.rows), keep) :]})


def _fewer(element: Rowed, keep: float) -> Rowed | None:
    if len(element.rows) <= 1:
        return None
    return element.model_copy(update={"rows": element.rows[: _rows(len(element.rows), keep)]})


def _rows(number: int, keep: float) -> int:
    return max(1, min(number - 1, math.floor(number * keep)))
