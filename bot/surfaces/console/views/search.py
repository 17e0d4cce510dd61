"""Search: cards whose first line or summary holds the words, and runs by id, agent or reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from blocks.cards.view import CardView
from bot.surfaces.console.marks import Mark, run_mark
from bot.surfaces.console.views.channel import ShownCard, shown_card
from store.records import CardRow, Run

SEARCHED_CARDS = 200
"""Latest cards of each channel that are looked through."""
SEARCHED_RUNS = 500
SHOWN_RESULTS = 40
MAX_CHARS = 200
"""Of what is searched for; the rest is ignored."""


@dataclass(frozen=True)
class FoundRun:
    """A run that fits."""

    run: Run
    agent_name: str
    mark: Mark


@dataclass(frozen=True)
class SearchPage:
    """What was found for `text`, newest first; `more` is True when only the first of it is listed."""

    text: str
    cards: tuple[ShownCard, ...]
    runs: tuple[FoundRun, ...]
    more: bool


def search_page(text: str, rows: Iterable[CardRow], runs: Iterable[Run], view: CardView) -> SearchPage:
    """The page for `text`; every word must occur, in any order and case. No words find nothing."""
    words = text.casefold().split()
    cards = [card for row in rows if (card := shown_card(row)) and _holds(words, _said(card))]
    cards.sort(key=lambda card: card.position, reverse=True)
    found = [run for run in runs if _holds(words, f"{run.id} {view.agent(run.agent_id)} {run.reason or ''}")]
    return SearchPage(
        text=text,
        cards=tuple(cards[:SHOWN_RESULTS]),
        runs=tuple(FoundRun(run, view.agent(run.agent_id), run_mark(run.state)) for run in found[:SHOWN_RESULTS]),
        more=max(len(cards), len(found)) > SHOWN_RESULTS,
    )


def _said(shown: ShownCard) -> str:
    return f"{shown.card.key} {shown.card.state} {shown.card.title} {shown.card.summary}"


def _holds(words: list[str], text: str) -> bool:
    folded = text.casefold()
    return bool(words) and all(word in folded for word in words)
