"""Cards, forms and answers as the JSON this surface sends; the one place that calls the renderer."""

import json
from typing import NamedTuple

from blocks.elements import Card, Form, chart_of
from blocks.home import Home
from blocks.limits import SLACK_TEXT_CHARS
from blocks.render.slack import render, render_form
from blocks.render.slack_home import render_home
from blocks.text import clip, slack_fallback, slack_literal
from bot.surfaces.base import Answer
from store.kernel.canonical import JsonObject


class Manner(NamedTuple):
    """How a card is drawn here: its chart as an uploaded picture, by Slack itself or in words; its steps as a plan."""

    file_id: str | None = None
    native_chart: bool = False
    plan: bool = True

    @property
    def plainer(self) -> "Manner | None":
        """One step closer to what every workspace can show; None when there is nothing left to leave out."""
        if self.file_id is not None:
            return self._replace(file_id=None, native_chart=True)
        if self.native_chart:
            return self._replace(native_chart=False)
        return self._replace(plan=False) if self.plan else None


PLAINEST = Manner(plan=False)


def card_message(card: Card, manner: Manner = PLAINEST) -> JsonObject:
    """`text`, `blocks` and `metadata` of a card, drawn in this manner."""
    chart = chart_of(card)
    files = {} if chart is None or manner.file_id is None else {chart.file_name: manner.file_id}
    return render(card, files=files, agent_features=manner.plan, native_charts=manner.native_chart)


def form_view(form: Form, channel: object, *, at_home: bool = False) -> JsonObject:
    """The modal that asks the form's questions. It carries unseen where its sender can be answered."""
    place = {"channel": channel, "home": True} if at_home else {"channel": channel}
    return render_form(form, json.dumps(place, separators=(",", ":")))


def home_view(home: Home, page: int) -> JsonObject:
    """One page of a person's home as the view to publish."""
    return render_home(home, page)


def answer_message(answer: Answer) -> JsonObject | None:
    """What one person is told, as `text` and `blocks`; None when there is nothing to tell."""
    if answer.card is not None:
        message = card_message(answer.card, Manner())
        return {"text": message["text"], "blocks": message["blocks"]}
    if not answer.text:
        return None
    text = clip(slack_literal(answer.text), SLACK_TEXT_CHARS)
    section: JsonObject = {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
    return {"text": slack_fallback(text), "blocks": [section]}
