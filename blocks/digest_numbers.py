"""Every number a digest's words give must be one its record holds, or one that its moments and sums make when said."""

from collections.abc import Iterator
from datetime import datetime

from blocks.cards.view import CardView, age
from blocks.elements import Card, Context, Element, Items, Text
from store.kernel.money import format_usd
from store.kernel.numerals import numbers_in, numbers_of
from store.records import Digest


def numbers_not_on_record(card: Card, digest: Digest, view: CardView) -> tuple[str, ...]:
    """Numbers that the card's words give and its record does not hold, in reading order, each once."""
    known = set(_known_numbers(digest, view))
    said = (number for text in _prose(card) for number in numbers_in(text))
    return tuple(dict.fromkeys(number for number in said if number not in known))


def _known_numbers(digest: Digest, view: CardView) -> Iterator[str]:
    """The numbers of the record, and those of the moments, ages and sums that its own fields make when said."""
    record = digest.model_dump(mode="json")
    yield from numbers_of(record)
    for text in (*_moments_said(digest, view, record), *_sums_said(digest)):
        yield from numbers_in(text)


def _moments_said(digest: Digest, view: CardView, value: object) -> Iterator[str]:
    now = digest.frame.as_of if digest.frame else digest.published_at
    if isinstance(value, dict):
        for inner in value.values():
            yield from _moments_said(digest, view, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _moments_said(digest, view, inner)
    elif isinstance(value, str) and (moment := _moment(value)):
        yield from (view.when(moment), view.at_time(moment, now), age(moment, now))
        yield view.at_time(moment, digest.window_until)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _sums_said(digest: Digest) -> Iterator[str]:
    if digest.frame:
        yield format_usd(digest.frame.spent_micros)
        yield format_usd(digest.frame.cap_micros or 0)


def _prose(card: Card) -> Iterator[str]:
    yield from (card.title, card.summary)
    for part in card.elements:
        yield from _prose_of(part)


def _prose_of(part: Element) -> Iterator[str]:
    if isinstance(part, Text):
        yield part.text
    elif isinstance(part, Items):
        yield from (text for row in part.rows for text in (row.text, row.detail or ""))
    elif isinstance(part, Context):
        yield from (text for text in part.parts if not text.startswith("…"))
