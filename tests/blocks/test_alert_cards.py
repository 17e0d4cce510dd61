"""What an alert shows and offers in every state, and how its range moves along its chart."""

from datetime import timedelta

import pytest

from blocks.cards import alert_card, alert_questions
from blocks.charts import alert_chart, draw_svg
from blocks.elements import MAX_ACTIONS, Card, Feedback, FormButton, Menu, pressables
from blocks.render import discord, html, slack, text
from blocks.tokens import decode
from store.records import Alert, AlertAnswer, AlertKind, AlertSource, AlertState, AnswerKind, Band
from tests.blocks.samples import HOSTILE, NOW, VIEW, alert

FALSE = AlertAnswer(
    id="answer_1",
    alert_id="alert_0",
    agent_id="machine-watch",
    metric="disk.used",
    kind=AlertKind.HIGH,
    answer=AnswerKind.FALSE_ALARM,
    person_id="ana",
    surface="slack",
    at=NOW - timedelta(days=3),
    reason="A bank holiday.",
    since=NOW - timedelta(days=3),
    value="92",
)


def verbs(card: Card) -> list[str]:
    return [decode(one.token).verb.value for one in pressables(card)]


def judged() -> Alert:
    series = alert().series
    band = tuple(Band(at=one.at, lower=str(60 + n), upper=str(80 + n)) for n, one in enumerate(series) if n >= 5)
    source = AlertSource(source="ga4-daily", rows=1204, as_of=NOW)
    formed = "median of the last 7 days, adjusted for a Monday (by the last 12)"
    return alert(kind=AlertKind.HIGH, band=band, source=source, formed=formed)


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (AlertState.OPEN, ["acknowledge", "investigate", "false_alarm", "snooze", "snooze", "snooze"]),
        (AlertState.ACKNOWLEDGED, ["investigate", "false_alarm", "snooze", "snooze", "snooze", "useful", "not_useful"]),
        (AlertState.SNOOZED, ["investigate", "false_alarm", "snooze", "snooze", "snooze", "useful", "not_useful"]),
        (AlertState.QUIET, ["investigate", "false_alarm", "snooze", "snooze", "snooze", "useful", "not_useful"]),
        (AlertState.CLEARED, ["useful", "not_useful"]),
    ],
)
def test_each_state_offers_what_may_be_said_and_leaves_room_for_why(state: AlertState, offered: list[str]) -> None:
    card = alert_card(alert(state), VIEW)
    assert verbs(card) == offered
    assert len((*card.actions, alert_questions("alert_x"))) <= MAX_ACTIONS


def test_a_false_alarm_asks_why_and_a_snooze_for_how_long() -> None:
    card = alert_card(alert(), VIEW, revision=7)
    menu = next(one for one in card.actions if isinstance(one, Menu))
    assert [decode(one.token).record_id.partition("/")[2] for one in menu.options] == ["4h", "1d", "1w"]
    form = next(one for one in card.actions if isinstance(one, FormButton)).form
    assert [(field.name, field.required) for field in form.fields] == [("reason", True)]
    assert "four weeks" in (form.intro or "")


def test_who_said_what_is_on_the_card() -> None:
    closed = alert_card(alert(AlertState.CLEARED, answer=FALSE), VIEW)
    assert closed.state == "False alarm"
    assert "Ana Duarte called it a false alarm on" in text.render(closed)
    assert "> A bank holiday." in text.render(closed)
    quiet = text.render(alert_card(alert(AlertState.QUIET, resembles=FALSE), VIEW))
    assert "Like the one Ana Duarte called a false alarm on" in quiet
    snoozed = FALSE.model_copy(update={"answer": AnswerKind.SNOOZED})
    until = NOW + timedelta(hours=4)
    silent = text.render(alert_card(alert(AlertState.SNOOZED, answer=snoozed, snoozed_until=until), VIEW))
    assert f"Ana Duarte wants to hear of it again on {VIEW.when(until)}." in silent
    looked = FALSE.model_copy(update={"answer": AnswerKind.INVESTIGATED})
    assert "being looked into for Ana" in text.render(alert_card(alert(AlertState.ACKNOWLEDGED, answer=looked), VIEW))


def test_a_cleared_alert_that_somebody_acknowledged_is_no_false_one() -> None:
    seen = FALSE.model_copy(update={"answer": AnswerKind.ACKNOWLEDGED})
    assert alert_card(alert(AlertState.CLEARED, answer=seen), VIEW).state == "Cleared"


def test_what_the_range_was_formed_from_and_the_rows_are_said() -> None:
    shown = text.render(alert_card(judged(), VIEW))
    assert "median of the last 7 days, adjusted for a Monday (by the last 12)" in shown
    assert "1,204 rows of ga4-daily, as of" in shown


def test_the_range_moves_along_the_chart() -> None:
    chart = alert_chart(judged(), "UTC")
    assert chart is not None
    layers = chart.spec["layer"]
    assert isinstance(layers, list)
    assert [one["mark"] for one in layers if isinstance(one, dict) and one.get("mark") == "area"] == ["area"]
    assert not any(isinstance(one, dict) and one["mark"] == {"type": "rect"} for one in layers)
    assert chart.plot is not None
    low, high = chart.plot.lines[1:]
    assert (low.values[0], low.values[5], low.values[-1]) == ("65", "65", "84")
    assert (high.values[0], high.values[-1]) == ("85", "104")
    assert "<svg" in draw_svg(chart.spec)


def test_a_band_of_other_moments_is_left_out() -> None:
    elsewhere = tuple(one.model_copy(update={"at": one.at - timedelta(days=9)}) for one in judged().band)
    chart = alert_chart(alert(band=elsewhere), "UTC")
    flat = alert_chart(alert(), "UTC")
    assert chart is not None
    assert flat is not None
    assert chart.spec == flat.spec


def test_a_reason_is_only_words_on_every_surface() -> None:
    card = alert_card(alert(AlertState.CLEARED, answer=FALSE.model_copy(update={"reason": HOSTILE})), VIEW)
    assert "<script>alert(1)" not in str(html.render(card))
    assert slack.render(card)
    assert discord.render(card)


def test_an_open_alert_is_judged_by_calling_it_false_not_by_thumbs() -> None:
    assert not any(isinstance(one, Feedback) for one in alert_card(alert(), VIEW).actions)
