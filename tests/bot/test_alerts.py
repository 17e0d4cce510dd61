"""What people say to an alert by its buttons, on every surface alike, and the commands that list alerts."""

from datetime import timedelta
from typing import Any

import pytest

from blocks.elements import Card, pressables
from blocks.render import html, slack, text
from blocks.tokens import Verb, decode, encode
from bot.inbound.commands import command
from bot.inbound.desk import Desk
from bot.inbound.presses import press
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.actions.agents import switch_agent
from store.actions.alerts import clear_alert, raise_alert
from store.kernel.errors import Refused, UserMistake
from store.queries import cards, findings, runs
from store.queries.alerts import answers_to
from store.records import AgentState, Alert, AlertKind, AlertState, AnswerKind, TriggerKind
from tests.store.samples import person

SURFACES = ("console", "slack")


@pytest.fixture
def alert(desk: Desk) -> Alert:
    now = desk.store.clock.now()
    return raise_alert(
        desk.store,
        Alert(
            id="alert_a",
            agent_id="watch",
            run_id="run_a",
            metric="users",
            kind=AlertKind.LOW,
            title="Users is below its range.",
            value="70",
            unit="users",
            expected="between 90 and 110 users",
            lower="90",
            upper="110",
            since=now,
            last_at=now,
            state=AlertState.OPEN,
            next_step="Look.",
        ),
    )


def card(desk: Desk) -> Card:
    row = cards.card(desk.store, "alert:alert_a")
    assert row is not None
    return desk.presenter.draw(row)


def pressed(desk: Desk, token: str, surface: str = "console", person_id: str = "ana", **fields: str) -> Answer:
    kind = InboundKind.SUBMIT if fields else InboundKind.PRESS
    event = InboundEvent(surface=surface, key=token, kind=kind, account=person_id, token=token, fields=fields)
    return press(desk, event, desk.team.people[person_id])


def offered(desk: Desk, verb: Verb, ending: str = "") -> str:
    (token,) = [
        one.token
        for one in pressables(card(desk))
        if decode(one.token).verb is verb and decode(one.token).record_id.endswith(ending)
    ]
    return token


def now(desk: Desk, alert: Alert) -> Alert:
    return findings.alert(desk.store, alert.id)


@pytest.mark.usefixtures("alert")
def test_every_answer_stands_on_every_surface(desk: Desk) -> None:
    tokens = [one.token for one in pressables(card(desk))]
    assert {decode(token).verb for token in tokens} >= {
        Verb.ACKNOWLEDGE,
        Verb.SNOOZE,
        Verb.FALSE_ALARM,
        Verb.INVESTIGATE,
        Verb.WHY,
    }
    drawn = {"slack": str(slack.render(card(desk))), "console": str(html.render(card(desk)))}
    for surface in SURFACES:
        assert [token for token in tokens if token not in drawn[surface]] == [], surface


@pytest.mark.parametrize("surface", SURFACES)
def test_acknowledged_it_asks_no_more(desk: Desk, alert: Alert, surface: str) -> None:
    assert pressed(desk, offered(desk, Verb.ACKNOWLEDGE), surface).ok
    assert now(desk, alert).acknowledged_by == "ana"
    assert answers_to(desk.store, alert.id)[0].surface == surface
    assert Verb.ACKNOWLEDGE not in {decode(one.token).verb for one in pressables(card(desk))}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    ("length", "until"), [("4h", timedelta(hours=4)), ("1d", timedelta(days=1)), ("1w", timedelta(days=7))]
)
def test_snoozed_it_is_silent_for_as_long_as_was_chosen(
    desk: Desk, alert: Alert, surface: str, length: str, until: timedelta
) -> None:
    pressed(desk, offered(desk, Verb.SNOOZE, f"/{length}"), surface)
    assert now(desk, alert).snoozed_until == desk.store.clock.now() + until
    assert card(desk).state == "Snoozed"


def test_no_other_length_is_taken(desk: Desk, alert: Alert) -> None:
    for ending in ("", "/1y"):
        with pytest.raises(UserMistake, match="no length of a snooze"):
            pressed(desk, encode(Verb.SNOOZE, f"{alert.id}{ending}", 0))


@pytest.mark.parametrize("surface", SURFACES)
def test_a_false_alarm_asks_why_and_says_so_on_the_card(desk: Desk, alert: Alert, surface: str) -> None:
    form = pressed(desk, offered(desk, Verb.FALSE_ALARM), surface).form
    assert form is not None
    assert now(desk, alert).state is AlertState.OPEN
    pressed(desk, form.token, surface, reason="A bank holiday.")
    assert now(desk, alert).is_false
    assert card(desk).state == "False alarm"
    assert "> A bank holiday." in text.render(card(desk))
    with pytest.raises(UserMistake, match="over"):
        pressed(desk, form.token, surface, reason="Again.")


def test_a_false_alarm_without_a_reason_is_none(desk: Desk, alert: Alert) -> None:
    with pytest.raises(UserMistake, match="Say why"):
        pressed(desk, offered(desk, Verb.FALSE_ALARM), reason="  ")
    assert now(desk, alert).state is AlertState.OPEN


@pytest.mark.parametrize("surface", SURFACES)
def test_to_investigate_starts_one_run_that_knows_the_alert(desk: Desk, alert: Alert, surface: str) -> None:
    token = offered(desk, Verb.INVESTIGATE)
    assert pressed(desk, token, surface).card is not None
    pressed(desk, token, surface, "ben")
    (run,) = runs.recent_runs(desk.store, "watch")
    assert (run.trigger.kind, run.trigger.initiator.id) == (TriggerKind.BUTTON, "ana")
    given: Any = run.trigger.input
    assert given["alert"] == {"id": alert.id, "metric": "users", "kind": "low"}
    assert given["request"]["text"].startswith("Look into users: Users is below its range. Since ")
    assert now(desk, alert).state is AlertState.ACKNOWLEDGED
    assert {one.answer for one in answers_to(desk.store, alert.id)} == {AnswerKind.INVESTIGATED}


def test_a_paused_agent_looks_into_nothing_and_the_alert_still_asks(desk: Desk, alert: Alert) -> None:
    switch_agent(desk.store, "watch", person("ana"), state=AgentState.PAUSED)
    with pytest.raises(Refused):
        pressed(desk, offered(desk, Verb.INVESTIGATE))
    assert now(desk, alert).state is AlertState.OPEN


def test_what_is_over_is_not_looked_into(desk: Desk, alert: Alert) -> None:
    token = offered(desk, Verb.INVESTIGATE)
    clear_alert(desk.store, "watch", "users")
    with pytest.raises(UserMistake, match="over"):
        pressed(desk, token)
    assert runs.recent_runs(desk.store, "watch") == []


def told(desk: Desk, line: str) -> str:
    event = InboundEvent(surface="slack", key=line, kind=InboundKind.COMMAND, account="ana", text=line)
    answered = command(desk, event, desk.team.people["ana"]).card
    assert answered is not None
    return text.render(answered)


def test_the_command_lists_what_is_not_over(desk: Desk, alert: Alert) -> None:
    said = told(desk, "alerts")
    assert "Users is below its range.: 70 users, expected between 90 and 110 users" in said
    assert f"Alert · Watch · since {desk.presenter.view.when(alert.since)} · alert_a" in said
    pressed(desk, offered(desk, Verb.SNOOZE, "/1d"))
    assert "Snoozed until" in told(desk, "alerts watch")
    clear_alert(desk.store, "watch", "users")
    assert "Nothing is out of the ordinary." in told(desk, "alerts")
    with pytest.raises(UserMistake, match="There is no agent"):
        told(desk, "alerts nobody")
