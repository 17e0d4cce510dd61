"""The built-in templates of a digest, and the values that a workspace's own may use."""

from typing import Any

from blocks.cards.digest_words import (
    alert_line,
    cost_in_words,
    decided_line,
    expected_in_words,
    missing_line,
    need_line,
    work_in_words,
)
from blocks.cards.view import CardView
from blocks.elements import Item
from blocks.text import with_unit
from blocks.words import FIGURE_OK
from store.records import Digest, Figure

DEFAULT = "digest"
"""The template of every digest that has none of its own name."""
NEEDS, UNSEEN, STILL, DECIDED, SMALL_PRINT = "needs", "unseen", "standing", "decided", "small print"
BUILT_IN = """[needs]
[unseen]
[headline]
[figures]
[standing]
[decided]
[sections]
[recommended]
[small print]
"""
QUIET = """[needs]
[small print]
"""
LISTED_MAX = 50
"""Entries of one list that a template is given."""


def values_of(digest: Digest, view: CardView, *, quiet: bool) -> dict[str, Any]:
    """Everything a template may write: texts, numbers, and lists of them, each list of at most 50."""
    frame = digest.frame
    needs = [need_line(one, frame, view) for one in frame.needs] if frame else []
    alerts = [alert_line(one, frame, view) for one in frame.standing] if frame else []
    decided = [decided_line(one, frame, view) for one in frame.decided] if frame else []
    missing = [missing_line(one, frame, view) for one in frame.missing] if frame else []
    return {
        "title": digest.title,
        "name": digest.name,
        "agent": view.agent(digest.agent_id),
        "headline": digest.headline,
        "quiet": quiet,
        "needs": _lines(needs),
        "alerts": _lines(alerts),
        "missing": _lines(missing),
        "decided": _lines(decided),
        "figures": [_figure(one) for one in digest.figures[:LISTED_MAX]],
        "sections": [{"heading": one.heading, "lines": list(one.lines)} for one in digest.sections[:LISTED_MAX]],
        "recommendations": [_recommendation(one.text, one.effect, one.evidence) for one in digest.recommendations],
        "cannot_see": list(digest.cannot_see[:LISTED_MAX]),
        "late": list(digest.late[:LISTED_MAX]),
        "window_from": view.when(digest.window_from),
        "window_until": view.when(digest.window_until),
        "published_at": view.when(digest.published_at),
        "tasks": work_in_words(frame) if frame else "",
        "cost": cost_in_words(frame) if frame else "",
        "written_by": digest.written_by,
    }


def _lines(items: list[Item]) -> list[dict[str, str]]:
    return [{"text": one.text, "detail": one.detail or ""} for one in items[:LISTED_MAX]]


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "label": figure.label,
        "value": with_unit(figure.value, figure.unit),
        "expected": expected_in_words(figure) or "",
        "change": figure.change or "",
        "status": figure.status,
        "ok": int(figure.status == FIGURE_OK),
    }


def _recommendation(text: str, effect: str, evidence: tuple[str, ...]) -> dict[str, Any]:
    return {"text": text, "effect": effect, "evidence": list(evidence)}
