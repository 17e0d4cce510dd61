"""Socket Mode on its bad days: redelivery, refusals, hangs and silence, seen through to a working connection."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.surfaces.slack import SlackSurface, Transport
from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.sockets import SocketLinks
from bot.surfaces.slack.supervisor import Cure, SocketLink, cure_for
from bot.surfaces.slack.timing import Timing
from store.kernel.clock import ManualClock
from store.kernel.errors import Retryable, UserMistake
from tests.emulator.fake_slack import TEAM, FakeSlack, Fault
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import QUICK, a_card, fast_pacer, settings, until

CLOCK = ManualClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))


def a_surface(fake: FakeSlack, timing: Timing = QUICK) -> SlackSurface:
    return SlackSurface(settings(fake.api_url, Transport.SOCKET), CLOCK, pacer=fast_pacer(), timing=timing)


@pytest.fixture
async def slack(fake: FakeSlack, inbound: RecordingInbound) -> AsyncIterator[SlackSurface]:
    surface = a_surface(fake)
    await surface.start(inbound)
    yield surface
    await surface.stop()


def press(moment: str = "2.1") -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": "U0DANA"},
        "channel": {"id": "C1"},
        "container": {"message_ts": "1.1"},
        "actions": [{"action_id": "press:0", "value": "q1:approve:a1:1", "action_ts": moment}],
    }


def link_of(slack: SlackSurface) -> SocketLink:
    assert slack._parts is not None
    assert isinstance(slack._parts.link, SocketLinks)
    [link] = slack._parts.link.links
    return link


def drop(fake: FakeSlack) -> None:
    """Every socket breaks, without a word."""
    for socket in list(fake.sockets):
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.abort()


async def works(fake: FakeSlack, inbound: RecordingInbound, envelope: str) -> None:
    """An envelope sent now is stored, acted on and acknowledged."""
    await until(lambda: fake.sockets)
    before = len(inbound.acted)
    await fake.deliver(envelope, "interactive", press(envelope))
    await until(lambda: fake.acknowledged(envelope))
    await until(lambda: len(inbound.acted) == before + 1)


async def test_when_start_returns_events_arrive_and_are_acknowledged(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    assert slack.health().connected
    assert fake.connections_opened == 1  # the address asked for when the token was checked is the one used
    await works(fake, inbound, "e1")


async def test_nothing_is_acknowledged_that_could_not_be_stored(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    inbound.refusals = 1
    await fake.deliver("e1", "interactive", press())
    await until(lambda: inbound.attempts == 1)
    await fake.deliver("e2", "interactive", press("2.2"))
    await until(lambda: fake.acknowledged("e2"))
    assert not fake.acknowledged("e1")
    await fake.deliver("e1", "interactive", press(), retry_attempt=1, retry_reason="timeout")
    await until(lambda: fake.acknowledged("e1"))
    await until(lambda: len(inbound.acted) == 2)


async def test_a_redelivery_is_acknowledged_stored_once_and_acted_on_once(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    for number in range(4):
        await fake.deliver(f"e{number}", "interactive", press(), retry_attempt=number)
    await until(lambda: all(fake.acknowledged(f"e{number}") for number in range(4)))
    await until(lambda: inbound.acted)
    assert (inbound.attempts, len(inbound.stored), len(inbound.acted)) == (4, 1, 1)


async def test_the_acknowledgement_comes_before_the_work(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    inbound.hold = asyncio.Event()
    await fake.deliver("e1", "interactive", press())
    await until(lambda: fake.acknowledged("e1"))
    assert not inbound.acted
    inbound.hold.set()


async def test_slacks_goodbye_is_followed_by_a_new_connection(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    await fake.disconnect()
    await until(lambda: fake.greeted == 2)
    await works(fake, inbound, "e1")


async def test_a_dropped_socket_is_followed_by_a_new_connection(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    drop(fake)
    await until(lambda: fake.greeted == 2)
    await works(fake, inbound, "e1")


async def test_the_sdks_hang_on_a_dead_address_is_seen_and_healed(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    handler = link_of(slack)._handler
    fake.refusing_tickets = True
    await fake.disconnect()
    await until(lambda: not slack.health().connected)
    await until(lambda: "ticket-2" in fake.dead_tickets)
    fake.refusing_tickets = False  # but the ticket it holds was refused once, and stays dead
    await until(lambda: fake.greeted == 2)
    await until(lambda: slack.health().connected)
    assert link_of(slack)._handler is handler  # a new address was enough
    await works(fake, inbound, "e1")


async def test_without_the_watch_the_hang_would_last(fake: FakeSlack, inbound: RecordingInbound) -> None:
    patient = QUICK.model_copy(update={"new_address_after_seconds": 60.0, "rebuild_after_seconds": 60.0})
    surface = a_surface(fake, patient)
    await surface.start(inbound)
    fake.refusing_tickets = True
    await fake.disconnect()
    await until(lambda: "ticket-2" in fake.dead_tickets)
    fake.refusing_tickets = False
    await asyncio.sleep(1.0)  # long enough for ten of its attempts: there is no condition for "never"
    assert fake.connections_opened == 2
    assert not surface.health().connected
    await surface.stop()


async def test_a_client_that_stays_down_is_replaced(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    first = link_of(slack)._handler
    assert first is not None

    over = asyncio.Event()
    first.client.connect = over.wait  # type: ignore[method-assign]  # hangs where no address can help
    await fake.disconnect()
    drop(fake)
    await until(lambda: link_of(slack)._handler is not first)
    await until(lambda: fake.greeted == 2)
    await until(lambda: slack.health().connected)
    await works(fake, inbound, "e1")
    assert first.client.closed
    over.set()


async def test_a_socket_that_no_longer_answers_is_replaced(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    fake.mute = True
    await fake.disconnect()
    await until(lambda: fake.greeted == 2)
    fake.mute = False
    await until(lambda: fake.greeted == 3)
    await until(lambda: slack.health().connected)
    await works(fake, inbound, "e1")


async def test_a_quiet_but_living_connection_shows_recent_signs_of_life(slack: SlackSurface) -> None:
    seen = slack._vitals.frame.seconds
    await until(lambda: slack._vitals.frame.seconds != seen)  # nobody does anything: only pongs arrive


def test_the_cure_grows_with_the_time_down() -> None:
    assert [cure_for(seconds, Timing()) for seconds in (0, 9.9, 10, 59.9, 60, 600)] == [
        Cure.WAIT,
        Cure.WAIT,
        Cure.NEW_ADDRESS,
        Cure.NEW_ADDRESS,
        Cure.REBUILD,
        Cure.REBUILD,
    ]


async def test_without_slack_starting_is_no_error_and_it_connects_when_slack_is_back(
    fake: FakeSlack, inbound: RecordingInbound
) -> None:
    fake.faults["auth.test"].extend([Fault.LOST, Fault.SERVER_ERROR])
    fake.faults["apps.connections.open"].append(Fault.LOST)
    surface = a_surface(fake)
    assert not surface.health().connected
    await surface.start(inbound)
    assert not surface.health().connected
    assert "did not say" in surface.health().detail
    with pytest.raises(Retryable):
        await surface.post("C1", a_card())
    await until(lambda: surface.health().connected)
    await works(fake, inbound, "e1")
    await surface.stop()
    assert not surface.health().connected


async def test_a_bad_bot_token_is_said_at_once(fake: FakeSlack, inbound: RecordingInbound) -> None:
    fake.refuse["auth.test"] = lambda _: "invalid_auth"
    with pytest.raises(SlackRefusal, match="Copy the token again"):
        await a_surface(fake).start(inbound)


async def test_a_bad_app_token_is_said_at_once(fake: FakeSlack, inbound: RecordingInbound) -> None:
    fake.refuse["apps.connections.open"] = lambda _: "invalid_auth"
    with pytest.raises(SlackRefusal, match=r"apps\.connections\.open"):
        await a_surface(fake).start(inbound)


async def test_missing_scopes_are_named_with_what_they_are_for(fake: FakeSlack, inbound: RecordingInbound) -> None:
    fake.scopes = "chat:write,commands"
    with pytest.raises(UserMistake, match=r"users:read \(to tell members from guests"):
        await a_surface(fake).start(inbound)


async def test_a_token_revoked_later_shows_in_health(slack: SlackSurface, fake: FakeSlack) -> None:
    fake.refuse["auth.test"] = lambda _: "token_revoked"
    await until(lambda: not slack.health().connected)
    assert "token_revoked" in slack.health().detail
    del fake.refuse["auth.test"]
    await until(lambda: slack.health().connected)
