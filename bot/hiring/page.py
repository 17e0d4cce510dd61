"""An audition as one page that needs nothing else: the summary, and every card as the console draws it."""

from html import escape
from importlib import resources

from blocks.elements import Card
from blocks.render.html import render
from bot.hiring.verdict import Verdict

STYLES = ("tokens.css", "base.css", "parts.css", "cards.css")
"""Of the console: the page's cards look as they do there."""


_LAYOUT = (
    "body { overflow: auto; } main { max-width: 46rem; margin: 0 auto; padding: 1rem; } "
    "main > * { margin-bottom: 1rem; }"
)


def _inert(card: Card) -> Card:
    """The card without what could be pressed: nothing of it happened."""
    return card.model_copy(update={"actions": ()})


def page_of(verdict: Verdict) -> str:
    """The page, whole."""
    folder = resources.files("bot.surfaces.console") / "static"
    styles = "\n".join((folder / name).read_text(encoding="utf-8") for name in STYLES)
    lines = "\n".join(f"<li>{escape(line)}</li>" for line in verdict.summary())
    cards = "\n".join(render(_inert(card)) for card in verdict.cards)
    title = escape(f"Audition of {verdict.agent_id}")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{styles}\n{_LAYOUT}</style>\n"
        f"</head><body><main><h1>{title}</h1>\n<ul>{lines}</ul>\n{cards}\n</main></body></html>\n"
    )
