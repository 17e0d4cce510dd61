"""A fake Slack that can fail, and a surface connected to it over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.surfaces.slack import SlackSurface
from store.kernel.clock import ManualClock
from tests.emulator.fake_slack import TEAM, FakeSlack
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import QUICK, fast_pacer, settings


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    slack = FakeSlack()
    slack.users["U0DANA"] = member("U0DANA")
    await slack.start()
    yield slack
    await slack.stop()


@pytest.fixture
def inbound() -> RecordingInbound:
    return RecordingInbound()


@pytest.fixture
async def slack(fake: FakeSlack, inbound: RecordingInbound) -> AsyncIterator[SlackSurface]:
    clock = ManualClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    surface = SlackSurface(settings(fake.api_url), clock, ("U0DANA",), pacer=fast_pacer(), timing=QUICK)
    await surface.start(inbound)
    yield surface
    await surface.stop()


def member(account: str, **changes: object) -> dict[str, object]:
    facts = {"id": account, "team_id": TEAM, "deleted": False, "is_bot": False, "is_restricted": False}
    return {**facts, "is_ultra_restricted": False, **changes}
