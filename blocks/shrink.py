"""Brings a whole card under a surface's total: the heaviest part gives way first, and says so."""

import math
from typing import NamedTuple, TypeVar

from blocks.elements import Card, Chart, Context, Element, Facts, Items, Payload, Prose, Quoted, Steps, Table, Text
from blocks.limits import Limits
from blocks.text import clip_exact, count
from blocks.weight import Weight, weigh, weigh_head

_LEAST_CHARS = 160
"""A text is not cut below this: less says nothing."""

Cut = TypeVar("Cut", bound=Prose)
Rowed = TypeVar("Rowed", Facts, Items, Table)


def within_total(card: Card, limits: Limits) -> Card:
    """The card within the total of characters and pieces; every action and the first line stay."""
    parts = [_within_part(element, limits) for element in card.elements]
    room = limits.total_chars - weigh_head(card, limits).chars
    kept = _few_pieces(parts, limits)
    while (excess := _chars([*kept, *_note(len(parts) - len(kept), limits)]) - room) > 0:
        kept = _lighter(kept, excess, limits) or _without_last(kept)
    shown = [*kept, *_note(len(parts) - len(kept), limits)]
    return card.model_copy(update={"elements": tuple(part.element for part in shown)})


class _Part(NamedTuple):
    """An element with its weight, which is costly to find."""

    element: Element
    weight: Weight


def shorten(prose: Cut, limit: int, limits: Limits) -> Cut:
    """The text cut to at most `limit`, with the length of the whole kept beside it."""
    text = clip_exact(prose.text, limit, limits.length)
    return prose.model_copy(update={"text": text, "total_chars": max(prose.total_chars, len(prose.text))})


def _note(left_out: int, limits: Limits) -> list[_Part]:
    """The statement that parts are left out, which takes room too; nothing when none are."""
    if not left_out:
        return []
    note = Context(parts=(f"… {count(left_out, 'more part')} left out here",))
    return [_Part(note, weigh(note, limits))]


def _within_part(element: Element, limits: Limits) -> _Part:
    """The element within what one part may take; the total is another matter."""
    cap = limits.table_chars if isinstance(element, Table) else limits.element_chars
    part = _Part(element, weigh(element, limits))
    while part.weight.chars > cap and (smaller := _smaller(part, part.weight.chars - cap, limits)):
        part = smaller
    return part


def _few_pieces(parts: list[_Part], limits: Limits) -> list[_Part]:
    kept = parts
    while _pieces([*kept, *_note(len(parts) - len(kept), limits)]) > limits.total_pieces:
        kept = _without_last(kept)
    return kept


def _pieces(parts: list[_Part]) -> int:
    return sum(part.weight.pieces for part in parts)


def _without_last(parts: list[_Part]) -> list[_Part]:
    """The parts without the last one that is not small print: that is short, and says what the card is about."""
    large = [index for index, part in enumerate(parts) if not isinstance(part.element, Context)]
    last = large[-1] if large else len(parts) - 1
    return [*parts[:last], *parts[last + 1 :]]


def _chars(parts: list[_Part]) -> int:
    return sum(part.weight.chars for part in parts)


def _lighter(parts: list[_Part], excess: int, limits: Limits) -> list[_Part] | None:
    """One step lighter: the heaviest element that can give way does. None when an element has to go.

    Where the first element comes first for a reason (`keeps_first`), it gives way last.
    """
    for index in sorted(range(len(parts)), key=lambda at: (limits.keeps_first and at == 0, -parts[at].weight.chars)):
        if smaller := _smaller(parts[index], excess, limits):
            return [*parts[:index], smaller, *parts[index + 1 :]]
    return None


def _smaller(part: _Part, excess: int, limits: Limits) -> _Part | None:
    """The element lighter by about `excess`, at most by half; None when it is as small as it may get."""
    element = _less(part.element, max(0.5, 1 - excess / part.weight.chars), limits)
    return None if element is None else _Part(element, weigh(element, limits))


def _less(element: Element, keep: float, limits: Limits) -> Element | None:
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
