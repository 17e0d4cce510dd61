"""Cards, forms and answers as the JSON this surface sends; the one place that calls the renderer."""

import json

from blocks.elements import Card, Form, chart_of
from blocks.limits import SLACK_TEXT_CHARS
from blocks.render.slack import render, render_form
from blocks.text import clip, slack_fallback, slack_literal
from bot.surfaces.base import Answer
from store.kernel.canonical import JsonObject


def card_message(card: Card, chart_file_id: str | None, *, plain: bool = False) -> JsonObject:
    """`text`, `blocks` and `metadata` of a card. Without `chart_file_id` the chart is said in words and figures.

    `plain` leaves out everything a workspace may not have: pictures and the plan block.
    """
    chart = chart_of(card)
    files = {} if chart is None or chart_file_id is None or plain else {chart.file_name: chart_file_id}
    return render(card, files=files, agent_features=not plain)


def form_view(form: Form, channel: object) -> JsonObject:
    """The modal that asks the form's questions. It carries unseen where its sender can be answered."""
    return render_form(form, json.dumps({"channel": channel}, separators=(",", ":")))


def answer_message(answer: Answer) -> JsonObject | None:
    """What one person is told, as `text` and `blocks`; None when there is nothing to tell."""
    if answer.card is not None:
        message = card_message(answer.card, None)
        return {"text": message["text"], "blocks": message["blocks"]}
    if not answer.text:
        return None
    text = clip(slack_literal(answer.text), SLACK_TEXT_CHARS)
    section: JsonObject = {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
    return {"text": slack_fallback(text), "blocks": [section]}
