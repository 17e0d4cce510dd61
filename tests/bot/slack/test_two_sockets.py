"""Two connections: either brings everything, neither brings it twice, and the loss of one is seen and made good."""

from collections.abc import AsyncIterator

import pytest

from bot.surfaces.slack import SlackSurface, Transport
from tests.bot.slack.test_socket import CLOCK, press, works
from tests.emulator.fake_slack import FakeSlack, Fault
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import QUICK, fast_pacer, settings, until


def a_pair(fake: FakeSlack) -> SlackSurface:
    chosen = settings(fake.api_url, Transport.SOCKET, connections=2)
    return SlackSurface(chosen, CLOCK, pacer=fast_pacer(), timing=QUICK)


@pytest.fixture
async def slack(fake: FakeSlack, inbound: RecordingInbound) -> AsyncIterator[SlackSurface]:
    surface = a_pair(fake)
    await surface.start(inbound)
    yield surface
    await surface.stop()


def detail(slack: SlackSurface) -> str:
    return slack.health().detail


async def test_both_are_up_when_start_returns_and_each_brings_events(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    assert detail(slack).startswith("2 of 2 connections to Slack are open")
    assert len(fake.sockets) == 2
    for number, socket in enumerate(fake.sockets):
        envelope = {"envelope_id": f"e{number}", "type": "interactive", "payload": press(f"2.{number}")}
        await socket.send_json(envelope)
    await until(lambda: fake.acknowledged("e0") and fake.acknowledged("e1"))
    await until(lambda: len(inbound.acted) == 2)


async def test_an_event_that_comes_over_both_is_acted_on_once(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    for number, socket in enumerate(fake.sockets):
        await socket.send_json({"envelope_id": f"e{number}", "type": "interactive", "payload": press()})
    await until(lambda: fake.acknowledged("e0") and fake.acknowledged("e1"))
    await until(lambda: inbound.acted)
    assert (len(inbound.stored), len(inbound.acted)) == (1, 1)


async def test_while_one_is_down_the_other_works_and_health_counts_them(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    fake.refusing_tickets = True
    await fake.sockets[0].send_json({"type": "disconnect", "reason": "refresh_requested"})
    await until(lambda: detail(slack).startswith("1 of 2"))
    assert slack.health().connected
    await works(fake, inbound, "e1")
    fake.refusing_tickets = False
    await until(lambda: detail(slack).startswith("2 of 2"))


async def test_a_second_that_cannot_come_yet_keeps_nobody_waiting_and_comes_later(
    fake: FakeSlack, inbound: RecordingInbound
) -> None:
    fake.faults["apps.connections.open"].extend([None, Fault.SERVER_ERROR])
    surface = a_pair(fake)
    await surface.start(inbound)
    assert surface.health().connected
    await until(lambda: detail(surface).startswith("2 of 2"))
    await surface.stop()
    await until(lambda: not fake.sockets)
    assert not surface.health().connected
