"""Health never rests on old news."""

from datetime import UTC, datetime

from bot.surfaces.slack.vitals import STALE_SECONDS, Vitals
from store.kernel.clock import ManualClock

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_connected_needs_the_way_in_and_a_token_confirmed_lately() -> None:
    now = [0.0]
    vitals = Vitals(ManualClock(NOON), lambda: now[0])
    assert not vitals.health().connected
    connection = vitals.connection()
    connection.open = True
    assert not vitals.health().connected
    vitals.heard_answer()
    assert vitals.health().connected
    now[0] = STALE_SECONDS
    assert not vitals.health().connected
    vitals.heard_answer()
    vitals.problem = "Slack refused auth.test: token_revoked"
    assert not vitals.health().connected
    vitals.heard_answer()
    connection.open = False
    assert not vitals.health().connected


def test_it_says_how_old_each_sign_is() -> None:
    now = [0.0]
    vitals = Vitals(ManualClock(NOON), lambda: now[0])
    assert vitals.health().detail == "Slack cannot reach us; last frame never, token confirmed never."
    assert vitals.health().last_seen_at is None
    connection = vitals.connection()
    connection.open = True
    vitals.heard_answer()
    now[0] = 4.0
    connection.heard_frame()
    now[0] = 10.0
    assert vitals.health().detail == "Slack can reach us; last frame 6 s ago, token confirmed 10 s ago."
    assert vitals.health().last_seen_at == NOON


def test_of_several_connections_one_is_enough_and_how_many_stand_is_said() -> None:
    vitals = Vitals(ManualClock(NOON), lambda: 10.0)
    first, second = vitals.connection(), vitals.connection()
    vitals.heard_answer()
    first.open = True
    first.heard_frame()
    assert vitals.health().connected
    assert vitals.health().detail.startswith("1 of 2 connections to Slack are open; last frame 0 s ago")
    first.open, second.open = False, True
    assert vitals.health().connected
    second.open = False
    assert not vitals.health().connected
    assert vitals.health().detail.startswith("0 of 2 connections")
