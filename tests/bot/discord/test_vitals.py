"""Health says what is known: never connected on old news, and what the last trouble was."""

from datetime import UTC, datetime

import pytest

from bot.surfaces.discord.vitals import HEARTBEAT_SECONDS, OTHERS, STALE_SECONDS, Vitals
from store.kernel.clock import ManualClock

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HELLO = '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":20000}}'
ACKNOWLEDGED = '{"t":null,"s":null,"op":11,"d":null}'
EVENT = '{"t":"GUILD_CREATE","s":2,"op":0,"d":{}}'


class Told:
    """Vitals, and the seconds that have passed."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.vitals = Vitals(ManualClock(NOON), now=lambda: self.seconds)

    def connect(self) -> None:
        self.vitals.ours = True
        self.vitals.heard_frame(HELLO)
        self.vitals.began_session()


@pytest.fixture
def told() -> Told:
    return Told()


def test_before_anything_is_heard_nothing_is_claimed(told: Told) -> None:
    health = told.vitals.health()
    assert (health.connected, health.last_seen_at) == (False, None)
    assert health.detail == (
        "Not connected; last frame never, heartbeat acknowledged never; 0 sessions, resumed 0 times."
    )


def test_a_session_is_connected_and_says_how_old_its_signs_are(told: Told) -> None:
    told.connect()
    told.seconds += 7
    told.vitals.latency_seconds = 0.0484
    health = told.vitals.health()
    assert (health.connected, health.last_seen_at) == (True, NOON)
    assert health.detail == (
        "Connected to Discord, session began 7 s ago; last frame 7 s ago, heartbeat acknowledged 7 s ago (48 ms); "
        "1 session, resumed 0 times."
    )


def test_frames_do_not_prove_that_heartbeats_are_acknowledged(told: Told) -> None:
    told.connect()
    told.seconds += 39
    told.vitals.heard_frame(EVENT)
    assert told.vitals.health().connected
    told.seconds += 2
    told.vitals.heard_frame(EVENT)
    assert told.vitals.unacknowledged
    assert not told.vitals.health().connected
    assert "stopped answering heartbeats" in told.vitals.health().detail
    told.vitals.heard_frame(ACKNOWLEDGED)
    assert told.vitals.health().connected


def test_until_discord_says_how_often_its_own_interval_is_assumed(told: Told) -> None:
    told.vitals.began_session()
    assert not told.vitals.health().connected
    told.vitals.heard_frame(ACKNOWLEDGED)
    told.seconds += 2 * HEARTBEAT_SECONDS
    assert told.vitals.health().connected
    told.seconds += 1
    assert not told.vitals.health().connected


def test_a_lost_connection_is_not_connected_until_it_is_resumed(told: Told) -> None:
    told.connect()
    told.vitals.lost_connection()
    assert not told.vitals.health().connected
    assert not told.vitals.unacknowledged
    told.vitals.resumed_session()
    assert told.vitals.health().connected
    assert "1 session, resumed 1 time; back 0 s ago: the connection was broken off." in told.vitals.health().detail


def test_a_problem_is_what_is_said_until_a_session_begins(told: Told) -> None:
    told.vitals.problem = "The connection to Discord ended (KeyError)"
    assert told.vitals.health().detail.startswith("The connection to Discord ended (KeyError); last frame never")
    told.connect()
    assert told.vitals.health().connected


def test_a_refused_token_is_no_connection_though_the_gateway_stands(told: Told) -> None:
    told.connect()
    told.vitals.refusal = "Discord refused GET /users/@me: 401: Unauthorized"
    assert not told.vitals.health().connected
    told.vitals.heard_answer()
    assert told.vitals.health().connected


def test_a_process_that_only_posts_says_so_and_is_connected_while_its_token_holds(told: Told) -> None:
    told.vitals.ours = False
    assert not told.vitals.health().connected
    told.vitals.heard_answer()
    told.seconds += 3
    health = told.vitals.health()
    assert (health.connected, health.detail) == (True, f"{OTHERS}; token confirmed 3 s ago.")
    told.seconds += STALE_SECONDS
    assert not told.vitals.health().connected


@pytest.mark.parametrize("frame", ["", "no json", "[1]", '{"op":10,"d":null}', '{"op":"11"}'])
def test_any_frame_is_a_sign_of_life_and_none_breaks_anything(told: Told, frame: str) -> None:
    told.vitals.heard_frame(frame)
    assert told.vitals.frame.at == NOON
    assert told.vitals.heartbeat_seconds == HEARTBEAT_SECONDS
