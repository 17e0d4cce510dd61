"""One line about a run that ended, wherever several are listed."""

from datetime import datetime

from blocks.cards.view import CardView, duration
from blocks.elements import Item
from blocks.text import clip, one_line
from blocks.words import RUN_WORD
from store.kernel.money import format_usd
from store.records import Run

_SAID_CHARS = 140


def ended_run(run: Run, as_of: datetime, view: CardView) -> Item:
    """Who it was and what came of it; below, how and when it ended, how long it took and what it cost."""
    name = view.agent(run.agent_id)
    took = f" · took {duration(run.started_at, run.finished_at)}" if run.started_at and run.finished_at else ""
    ended = f", {view.at_time(run.finished_at, as_of)}" if run.finished_at else ""
    return Item(
        text=f"{name}: {clip(one_line(run.said), _SAID_CHARS)}" if run.said else name,
        detail=f"{RUN_WORD[run.state]}{ended}{took} · {format_usd(run.spent_micros)}",
        url=view.link("runs", run.id),
    )
