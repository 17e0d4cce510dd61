"""Whether a digest is what a digest must be: its card held against its record, point by point. Pure.

The points are those of the project's checklist for digests. A machine can tell all but one of them: whether people read
it in a minute is for people. A card passes when nothing is found.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from blocks.cards.digest import is_quiet
from blocks.cards.digest_words import (
    COULD_NOT_SEE,
    NEEDS_YOU,
    NOTHING_NEEDED,
    RECOMMENDED,
    STANDING,
    cost_in_words,
    expected_in_words,
    work_in_words,
)
from blocks.cards.view import CardView, age
from blocks.digest_numbers import numbers_not_on_record
from blocks.elements import Card, Item, Items, Table, Text
from blocks.limits import DIGEST
from blocks.render.text import render as as_text
from blocks.text import one_line, with_unit
from blocks.weight import weigh, weigh_head
from store.records import Digest, Standing

PUNCTUAL = timedelta(minutes=5)
"""How long after its due time a digest is still on time."""
RECOMMENDATIONS_MAX = 3
WEEKLY = timedelta(days=6)
"""A digest over more than this is a weekly one, which also shows how alerts were answered."""


class Objection(NamedTuple):
    """One point of the checklist that a digest misses, and how."""

    point: int
    why: str


def check_digest(card: Card, digest: Digest, view: CardView) -> tuple[Objection, ...]:
    """Every point that the card of this record misses, in order; empty when it passes.

    A link is asked for only where the view has a console to link to.
    """
    found = _Look(card, digest, view)
    return tuple(Objection(point, why) for point, check in _CHECKS.items() for why in check(found))


class _Look:
    """A card taken apart once, for all checks."""

    def __init__(self, card: Card, digest: Digest, view: CardView) -> None:
        self.card, self.digest, self.view, self.frame = card, digest, view, digest.frame
        self.words = as_text(card)
        self.quiet = is_quiet(digest)

    def items(self, heading: str) -> Sequence[Item]:
        """The rows under a heading."""
        return [
            row
            for part in self.card.elements
            if isinstance(part, Items) and part.heading == heading
            for row in part.rows
        ]

    def hidden(self, heading: str) -> int:
        """How many rows under a heading are said to be left out."""
        return sum(part.hidden for part in self._lists(heading))

    def _lists(self, heading: str) -> list[Items]:
        return [part for part in self.card.elements if isinstance(part, Items) and part.heading == heading]

    def linked(self, item: Item) -> bool:
        """True when the item opens what it is about, or nothing can be opened."""
        return item.url is not None or self.view.console_url is None


def _needs_first(look: _Look) -> Iterator[str]:
    first = look.card.elements[0] if look.card.elements else None
    if look.quiet:
        if not (isinstance(first, Text) and first.text.startswith(NOTHING_NEEDED)):
            yield "a quiet day does not begin with what needs you"
        return
    if not (isinstance(first, Items) and first.heading == NEEDS_YOU):
        yield f"the first block is not {NEEDS_YOU!r}"
        return
    frame = look.frame
    for need in frame.needs if frame else ():
        shown = next((row for row in first.rows if _is_cut_of(row.text, need.text)), None)
        if shown is None:
            if not first.hidden:
                yield f"{need.text!r} needs somebody and is not there"
        elif frame and (age(need.since, frame.as_of) not in (shown.detail or "") or not look.linked(shown)):
            yield f"{need.text!r} is without its age or its link"
        elif look.view.person(need.owner) not in (shown.detail or ""):
            yield f"{need.text!r} is without its owner"


def _short(look: _Look) -> Iterator[str]:
    head, parts = weigh_head(look.card, DIGEST), [weigh(part, DIGEST) for part in look.card.elements]
    chars = head.chars + sum(part.chars for part in parts)
    if chars > DIGEST.total_chars:
        yield f"{chars} characters; at most {DIGEST.total_chars}"
    if len(look.card.elements) > DIGEST.total_pieces:
        yield f"{len(look.card.elements)} blocks; at most {DIGEST.total_pieces}"


def _figures_compared(look: _Look) -> Iterator[str]:
    for figure in look.digest.figures:
        if not figure.is_compared:
            yield f"{figure.label} has no baseline and no expected range"
        if figure.change is None:
            yield f"{figure.label} is not compared with the week before"
        if not look.quiet and not _row_shown(look, figure.label, expected_in_words(figure), figure.change):
            yield f"{figure.label} is not shown with what it is compared to"
    if look.digest.figures and not _says_as_of(look):
        yield "no moment is given for the figures"


def _row_shown(look: _Look, label: str, expected: str | None, change: str | None) -> bool:
    tables = [part for part in look.card.elements if isinstance(part, Table)]
    if any(table.hidden or table.hidden_columns for table in tables):
        return True
    rows = [row for table in tables for row in table.rows if _is_cut_of(row[0], label)]
    wanted = [one.removeprefix("usually ") for one in (expected, change) if one]
    return any(all(any(_is_cut_of(cell, one) for cell in row) for one in wanted) for row in rows)


def _is_cut_of(shown: str, text: str) -> bool:
    """True for the text itself, or a beginning of it that says it is one."""
    whole = one_line(text)
    return shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1].rstrip()))


def _says_as_of(look: _Look) -> bool:
    return "as of" in look.words or "window" in look.words


def _numbers_on_record(look: _Look) -> Iterator[str]:
    if unknown := numbers_not_on_record(look.card, look.digest, look.view):
        yield f"not in the record: {', '.join(unknown)}"


def _alerts_whole(look: _Look) -> Iterator[str]:
    for alert in look.frame.standing if look.frame else ():
        row = _row_of(look, alert)
        if row is None:
            if not (look.hidden(NEEDS_YOU) or look.hidden(STANDING)):
                yield f"the alert {alert.title!r} is not there"
            continue
        said = f"{row.text} {row.detail or ''}"
        wanted = (with_unit(alert.value, alert.unit), one_line(alert.expected), look.view.person(alert.owner), "since")
        if "…" not in said and not all(one in said for one in wanted):
            yield f"the alert {alert.title!r} is without its value, range, owner or beginning"
        if not alert.next_step or not look.linked(row):
            yield f"the alert {alert.title!r} is without its next step or link"


def _row_of(look: _Look, alert: Standing) -> Item | None:
    rows = (*look.items(NEEDS_YOU), *look.items(STANDING))
    return next((row for row in rows if _is_of(row, alert)), None)


def _is_of(row: Item, alert: Standing) -> bool:
    """True for the line of this alert: it begins with its title and its value, as far as it is shown."""
    begins = f"{alert.title}: {with_unit(alert.value, alert.unit)}"
    return row.text.startswith(one_line(begins)) or _is_cut_of(row.text, begins)


def _counts_shown(look: _Look) -> Iterator[str]:
    if look.frame is None:
        yield "the digest has no frame, so no counts"
    elif work_in_words(look.frame) not in look.words:
        yield "the counts of finished, running and blocked tasks are not those of the record"


def _missing_named(look: _Look) -> Iterator[str]:
    for missing in look.frame.missing if look.frame else ():
        line = f"{look.view.agent(missing.agent_id)} {missing.reason}"
        rows = [row for row in look.items(COULD_NOT_SEE) if _is_cut_of(row.text, line)]
        if not rows and not look.hidden(COULD_NOT_SEE):
            yield f"{missing.agent_id} did not run and is not named"
        for row in rows:
            if "data" not in (row.detail or ""):
                yield f"{missing.agent_id} is without the time of its last data"


def _one_line_each(look: _Look) -> Iterator[str]:
    rows = (*look.items(NEEDS_YOU), *look.items(STANDING))
    for alert in look.frame.standing if look.frame else ():
        lines = [row for row in rows if _is_of(row, alert)]
        if len(lines) > 1:
            yield f"the alert {alert.title!r} stands in {len(lines)} lines"
        if (
            lines
            and look.frame
            and age(alert.since, look.frame.as_of) not in lines[0].text
            and "…" not in lines[0].text
        ):
            yield f"the alert {alert.title!r} does not say how long it has stood"


def _spend_shown(look: _Look) -> Iterator[str]:
    if look.frame is None or cost_in_words(look.frame) not in look.words:
        yield "what was spent against the budget is not there"


def _window_stated(look: _Look) -> Iterator[str]:
    digest = look.digest
    if not all(look.view.when(one) in _flat(look.words) for one in (digest.window_from, digest.window_until)):
        yield "the window and its time zone are not there"
    for name in digest.late:
        if not any(row.text.startswith("Late data") for row in look.items(COULD_NOT_SEE)):
            yield f"late data are not marked: {name}"


def _flat(words: str) -> str:
    return " ".join(words.split())


def _in_order(look: _Look) -> Iterator[str]:
    headings = [part.heading for part in look.card.elements if isinstance(part, Items)]
    places = [_ORDER[heading] for heading in headings if heading in _ORDER]
    if places != sorted(places):
        yield f"the headings are not in their order: {', '.join(str(one) for one in headings)}"
    if not look.card.summary.strip():
        yield "there is no text for whoever cannot see the card"
    for figure in look.digest.figures:
        if not any(letter.isalpha() for letter in figure.status):
            yield f"{figure.label} says how it is by a sign alone"


_ORDER = {heading: place for place, heading in enumerate((NEEDS_YOU, COULD_NOT_SEE, STANDING, RECOMMENDED))}


def _on_time(look: _Look) -> Iterator[str]:
    due, published = look.digest.due_at, look.digest.published_at
    if due is not None and published - due > PUNCTUAL:
        yield f"published {age(due, published)} after it was due"


def _recommended_well(look: _Look) -> Iterator[str]:
    if len(look.digest.recommendations) > RECOMMENDATIONS_MAX:
        yield f"{len(look.digest.recommendations)} recommendations; at most {RECOMMENDATIONS_MAX}"
    for one in look.digest.recommendations:
        if not one.effect.strip() or not any(row.strip() for row in one.evidence):
            yield f"{one.text!r} is without evidence or expected effect"


def _answers_shown(look: _Look) -> Iterator[str]:
    digest = look.digest
    if digest.window_until - digest.window_from < WEEKLY:
        return
    if look.frame is None or look.frame.answers is None:
        yield "the share of alerts that were answered is not there"


_CHECKS: dict[int, Callable[[_Look], Iterator[str]]] = {
    1: _needs_first,
    2: _short,
    3: _figures_compared,
    4: _numbers_on_record,
    5: _alerts_whole,
    6: _counts_shown,
    7: _missing_named,
    8: _one_line_each,
    9: _spend_shown,
    10: _window_stated,
    11: _in_order,
    12: _on_time,
    13: _recommended_well,
    15: _answers_shown,
}
