"""Slack's own sessions follow the runs where there are any, and cost nothing where there are none."""

from typing import Any

import pytest

from blocks.elements import Card, Tone
from bot.surfaces.base import InboundKind
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.inbound import read_inbound
from tests.emulator.fake_slack import TEAM, FakeSlack, Fault
from tests.emulator.surfaces import a_card, until

METHOD = "agents.sessions.setStatus"


def a_run(revision: int = 1, *, live: bool = True, tone: Tone = Tone.NEUTRAL) -> Card:
    return a_card("run:r1", revision, kind="run", live=live, tone=tone)


def idle(slack: SlackSurface) -> bool:
    assert slack._parts is not None
    return not slack._parts.sessions._telling


async def test_a_session_follows_its_run_and_is_told_each_state_once(slack: SlackSurface, fake: FakeSlack) -> None:
    fake.has_sessions = True
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_run())).message_id
    await until(lambda: fake.sessions.get((channel, ts)) == "processing")
    await slack.edit(channel, ts, a_run(2))
    await slack.edit(channel, ts, a_run(3, live=False, tone=Tone.WAITING))
    await until(lambda: fake.sessions[channel, ts] == "suspended")
    await slack.edit(channel, ts, a_run(4, live=False, tone=Tone.GOOD))
    await until(lambda: fake.sessions[channel, ts] == "active" and idle(slack))
    assert len(fake.called(METHOD)) == 3
    assert fake.called(METHOD)[0]["title"] == "Move 3 files"


async def test_other_cards_have_no_session(slack: SlackSurface, fake: FakeSlack) -> None:
    await slack.post(fake.add_channel("ops"), a_card())
    assert idle(slack)
    assert fake.called(METHOD) == []


async def test_a_workspace_without_sessions_is_asked_once_and_health_says_so(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_run())).message_id
    await until(lambda: idle(slack))
    await slack.edit(channel, ts, a_run(2, live=False))
    assert idle(slack)
    assert len(fake.called(METHOD)) == 1
    assert "without agent sessions (unknown_method)" in slack.health().detail
    assert slack.health().connected


@pytest.mark.parametrize("code", ["thread_not_found", "is_archived"])
async def test_a_thread_that_is_refused_says_nothing_about_the_others(
    slack: SlackSurface, fake: FakeSlack, code: str
) -> None:
    refusals = [code]
    fake.has_sessions = True
    fake.refuse[METHOD] = lambda _: refusals.pop() if refusals else None
    channel = fake.add_channel("ops")
    await slack.post(channel, a_run())
    await until(lambda: idle(slack))
    ts = (await slack.post(channel, a_run())).message_id
    await until(lambda: (channel, ts) in fake.sessions)
    assert "without" not in slack.health().detail


async def test_what_slack_did_not_hear_is_said_again(slack: SlackSurface, fake: FakeSlack) -> None:
    fake.has_sessions = True
    fake.faults[METHOD].extend([Fault.LOST, Fault.SERVER_ERROR])
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_run())).message_id
    await until(lambda: (channel, ts) in fake.sessions)


def stopped(thread: str, moment: str = "1795000009.000001", event_id: str = "Ev1") -> dict[str, Any]:
    inner = {"type": "agent_session_stopped", "channel": "C1", "user": "U0DANA", "thread_ts": thread}
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": event_id,
        "event": {**inner, "streaming_message_ts": [], "event_ts": moment},
    }


def test_slacks_stop_button_names_the_message_and_the_person() -> None:
    heard, again = read_inbound(stopped("17.1")), read_inbound(stopped("17.1", event_id="Ev2"))
    assert heard is not None
    assert again is not None
    event = heard.event
    assert (event.kind, event.account, event.account_class) == (InboundKind.STOP, "U0DANA", "unknown")
    assert event.payload == {"channel": "C1", "message": "17.1"}
    assert event.key == again.event.key  # delivered twice, even under another id, it is one press
