"""Slack's clock beside ours."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.surfaces.platform_clock import PlatformClock
from bot.surfaces.slack import SlackSurface
from store.kernel.clock import ManualClock, WallClock
from tests.emulator.fake_slack import FakeSlack
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import QUICK, a_card, fast_pacer, settings


class Noon(WallClock):
    """A clock of the world that stands still."""

    def now(self) -> datetime:
        return NOON


NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Sat, 21 Nov 2026 12:00:00 GMT", timedelta()),
        ("Sat, 21 Nov 2026 13:30:00 GMT", timedelta(hours=1, minutes=30)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", timedelta(hours=-1)),
        (None, timedelta()),
        ("soon", timedelta()),
        ("", timedelta()),
    ],
)
def test_how_far_slack_is_ahead(date: str | None, ahead: timedelta) -> None:
    slack_clock = PlatformClock(Noon())
    slack_clock.heard(date)
    assert slack_clock.theirs(NOON) == NOON + ahead


def test_simulated_time_is_not_compared_with_the_worlds() -> None:
    slack_clock = PlatformClock(ManualClock(NOON))
    slack_clock.heard("Sat, 21 Nov 2026 13:30:00 GMT")
    assert slack_clock.theirs(NOON) == NOON


async def test_a_post_is_found_though_slacks_clock_is_two_hours_behind(fake: FakeSlack) -> None:
    fake.now = lambda: time.time() - 7200
    clock = WallClock()
    slack = SlackSurface(settings(fake.api_url), clock, (), pacer=fast_pacer(), timing=QUICK)
    await slack.start(RecordingInbound())
    channel, before = fake.add_channel("ops"), clock.now()
    shown = await slack.post(channel, a_card("approval:a1"))
    assert await slack.find(channel, "approval:a1", before) == shown.message_id
    await slack.stop()
