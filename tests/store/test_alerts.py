"""Alerts and what people say to them, on both databases."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from store.actions import Store
from store.actions.alerts import Said, answer_alert, clear_alert, raise_alert, wake_alert
from store.actions.deadlines import enforce_deadlines
from store.kernel.clock import ManualClock
from store.kernel.errors import NotFound, UserMistake
from store.queries import findings
from store.queries.alerts import alert_answers, answers_to, next_snooze_end
from store.queries.fleet import needs_me
from store.records import Alert, AlertKind, AlertOutcome, AlertState, AnswerKind
from tests.store.samples import person

ANA, BEN = person("ana"), person("ben")
FALSE = Said(AnswerKind.FALSE_ALARM, reason="A bank holiday.")
DAY = timedelta(days=1)


def alert(store: Store, serial: int = 1, **changes: Any) -> Alert:
    now = store.clock.now()
    base = Alert(
        id=f"alert_{serial}",
        agent_id="watch",
        run_id="run_1",
        metric="users",
        kind=AlertKind.LOW,
        title="Users are below their range",
        value="70",
        unit="users",
        expected="between 90 and 110 users",
        lower="90",
        upper="110",
        since=now,
        last_at=now,
        state=AlertState.OPEN,
        owner="ana",
        next_step="Look.",
    )
    return base.model_copy(update=changes)


def later(clock: ManualClock, by: timedelta) -> datetime:
    clock.move_to(clock.now() + by)
    return clock.now()


def state(store: Store, serial: int = 1) -> AlertState:
    return findings.alert(store, f"alert_{serial}").state


def test_one_open_alert_is_brought_up_to_date_and_keeps_what_was_said(store: Store, clock: ManualClock) -> None:
    first = raise_alert(store, alert(store))
    answer_alert(store, first.id, ANA, Said(AnswerKind.ACKNOWLEDGED))
    later(clock, DAY)
    again = raise_alert(store, alert(store, 2, value="65"))
    assert (again.id, again.value, again.since, again.state) == (first.id, "65", first.since, AlertState.ACKNOWLEDGED)
    assert (again.acknowledged_by, again.raised_at) == ("ana", first.raised_at)
    assert [one.id for one in findings.open_alerts(store)] == [first.id]


def test_another_kind_of_trouble_asks_anew(store: Store, clock: ManualClock) -> None:
    raise_alert(store, alert(store))
    answer_alert(store, "alert_1", ANA, Said(AnswerKind.SNOOZED, until=clock.now() + DAY))
    later(clock, timedelta(hours=2))
    changed = raise_alert(store, alert(store, 2, kind=AlertKind.MISSING, value="0"))
    assert (changed.id, changed.state, changed.snoozed_until) == ("alert_1", AlertState.OPEN, None)


def test_the_first_to_acknowledge_stays(store: Store) -> None:
    raise_alert(store, alert(store))
    answer_alert(store, "alert_1", ANA, Said(AnswerKind.ACKNOWLEDGED))
    assert answer_alert(store, "alert_1", BEN, Said(AnswerKind.ACKNOWLEDGED)).acknowledged_by == "ana"
    assert len(answers_to(store, "alert_1")) == 1


def test_a_snoozed_alert_is_silent_until_its_time_is_over(store: Store, clock: ManualClock) -> None:
    raise_alert(store, alert(store))
    until = clock.now() + timedelta(hours=4)
    answer_alert(store, "alert_1", ANA, Said(AnswerKind.SNOOZED, until=until))
    assert next_snooze_end(store) == until
    later(clock, timedelta(hours=3))
    raise_alert(store, alert(store, 2))
    enforce_deadlines(store)
    assert state(store) is AlertState.SNOOZED
    assert needs_me(store).alerts == ()
    later(clock, timedelta(hours=1))
    assert enforce_deadlines(store) == 1
    assert enforce_deadlines(store) == 0
    assert state(store) is AlertState.OPEN
    assert [one.id for one in needs_me(store).alerts] == ["alert_1"]
    assert next_snooze_end(store) is None


def test_a_snoozed_alert_that_clears_never_wakes(store: Store, clock: ManualClock) -> None:
    raise_alert(store, alert(store))
    answer_alert(store, "alert_1", ANA, Said(AnswerKind.SNOOZED, until=clock.now() + DAY))
    assert clear_alert(store, "watch", "users")
    later(clock, 2 * DAY)
    assert enforce_deadlines(store) == 0
    assert state(store) is AlertState.CLEARED


@pytest.mark.parametrize("until", [None, timedelta(0), timedelta(days=40), timedelta(hours=-1)])
def test_a_snooze_is_for_a_while(store: Store, clock: ManualClock, until: timedelta | None) -> None:
    raise_alert(store, alert(store))
    with pytest.raises(UserMistake, match="at most a month"):
        answer_alert(
            store, "alert_1", ANA, Said(AnswerKind.SNOOZED, until=None if until is None else clock.now() + until)
        )
    assert answers_to(store, "alert_1") == ()


def test_a_false_alarm_closes_it_and_keeps_those_like_it_quiet(store: Store, clock: ManualClock) -> None:
    raise_alert(store, alert(store))
    closed = answer_alert(store, "alert_1", ANA, FALSE)
    assert closed.is_false
    later(clock, 7 * DAY)
    quiet = raise_alert(store, alert(store, 2))
    assert quiet.state is AlertState.QUIET
    assert quiet.resembles is not None
    assert (quiet.resembles.person_id, quiet.resembles.reason) == ("ana", "A bank holiday.")
    assert needs_me(store).alerts == ()
    assert [one.id for one in findings.open_alerts(store)] == ["alert_2"]


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (8 * DAY, {}),
        (7 * DAY, {"value": "60"}),
        (7 * DAY, {"kind": AlertKind.HIGH, "value": "130"}),
        (7 * DAY, {"metric": "sessions"}),
        (7 * DAY, {"agent_id": "other"}),
        (35 * DAY, {}),
    ],
    ids=["another weekday", "farther out", "another kind", "another metric", "another agent", "too long ago"],
)
def test_what_is_not_like_it_asks(store: Store, clock: ManualClock, after: timedelta, changes: dict[str, Any]) -> None:
    raise_alert(store, alert(store))
    answer_alert(store, "alert_1", ANA, FALSE)
    later(clock, after)
    assert raise_alert(store, alert(store, 2, **changes)).state is AlertState.OPEN


def test_the_same_story_going_on_stays_quiet_until_it_grows(store: Store, clock: ManualClock) -> None:
    began = clock.now()
    raise_alert(store, alert(store))
    later(clock, timedelta(hours=1))
    answer_alert(store, "alert_1", ANA, FALSE)
    later(clock, DAY)
    assert raise_alert(store, alert(store, 2, since=began)).state is AlertState.QUIET
    later(clock, DAY)
    grown = raise_alert(store, alert(store, 3, since=began, value="40"))
    assert (grown.id, grown.state, grown.resembles) == ("alert_2", AlertState.OPEN, None)


def test_after_four_weeks_even_the_same_story_asks(store: Store, clock: ManualClock) -> None:
    began = clock.now()
    raise_alert(store, alert(store))
    answer_alert(store, "alert_1", ANA, FALSE)
    for days in (1, 28):
        later(clock, began + timedelta(days=days) - clock.now())
        assert raise_alert(store, alert(store, 2, since=began)).state is AlertState.QUIET
    later(clock, DAY)
    assert raise_alert(store, alert(store, 3, since=began)).state is AlertState.OPEN


def test_nobody_wakes_it_early(store: Store, clock: ManualClock) -> None:
    raise_alert(store, alert(store))
    assert not wake_alert(store, "alert_1")
    answer_alert(store, "alert_1", ANA, Said(AnswerKind.SNOOZED, until=clock.now() + DAY))
    assert not wake_alert(store, "alert_1")
    assert state(store) is AlertState.SNOOZED


def test_a_drift_is_like_a_drift_on_any_weekday(store: Store, clock: ManualClock) -> None:
    raise_alert(store, alert(store, kind=AlertKind.DRIFT_LOW))
    answer_alert(store, "alert_1", ANA, FALSE)
    later(clock, 10 * DAY)
    assert raise_alert(store, alert(store, 2, kind=AlertKind.DRIFT_LOW)).state is AlertState.QUIET


def test_an_alert_that_is_over_takes_no_answer(store: Store) -> None:
    raise_alert(store, alert(store))
    clear_alert(store, "watch", "users")
    with pytest.raises(UserMistake, match="over"):
        answer_alert(store, "alert_1", ANA, FALSE)
    with pytest.raises(NotFound):
        answer_alert(store, "alert_none", ANA, FALSE)


def test_the_answers_of_a_window_add_up(store: Store, clock: ManualClock) -> None:
    start = clock.now()
    said = {
        "a": Said(AnswerKind.ACKNOWLEDGED),
        "b": FALSE,
        "c": Said(AnswerKind.SNOOZED, until=start + DAY),
        "d": None,
        "e": Said(AnswerKind.INVESTIGATED),
    }
    for serial, (metric, answer) in enumerate(said.items()):
        raise_alert(store, alert(store, serial, metric=metric, since=start - 3 * DAY))
        later(clock, timedelta(minutes=1))
        if answer:
            answer_alert(store, f"alert_{serial}", ANA, answer)
    later(clock, DAY)
    raise_alert(store, alert(store, 9, metric="b", since=start - 3 * DAY))
    told = alert_answers(store, start, start + 2 * DAY)
    assert [one.alert.metric for one in told.alerts] == ["a", "b", "c", "d", "e"]
    assert [told.counted(one) for one in AlertOutcome] == [3, 1, 1]
    assert (told.quiet, told.answered_percent) == (1, 80)
    assert told.alerts[1].answers[0].reason == "A bank holiday."
    before = alert_answers(store, start, start + timedelta(seconds=30))
    assert [(one.alert.metric, one.outcome) for one in before.alerts] == [("a", AlertOutcome.UNANSWERED)]
    assert alert_answers(store, start + 2 * DAY, start + 3 * DAY).answered_percent is None
