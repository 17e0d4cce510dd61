"""Doctor says whether a watched channel can be read, and what to do when it cannot."""

import asyncio

import pytest

from bot.cli.membership import ask_of_channel
from store.kernel.errors import UserMistake
from tests.emulator.fake_slack import FakeSlack


@pytest.fixture
async def fake() -> FakeSlack:
    slack = FakeSlack()
    await slack.start()
    return slack


async def ask(fake: FakeSlack, channel_id: str) -> str:
    return await asyncio.to_thread(ask_of_channel, fake.api_url, "xoxb-1", channel_id)


async def test_a_channel_the_app_is_in_is_named_and_any_other_says_what_to_do(fake: FakeSlack) -> None:
    joined, strange = fake.add_channel("alerts"), fake.add_channel("payroll", creator="U0DANA")
    assert await ask(fake, joined) == "reads #alerts"
    with pytest.raises(UserMistake, match=f"Quarterdeck is not in the Slack channel {strange}. Invite it there"):
        await ask(fake, strange)
    with pytest.raises(UserMistake, match="Slack shows no channel C0NOWHERE"):
        await ask(fake, "C0NOWHERE")
    fake.refuse["conversations.info"] = lambda _: "missing_scope"
    with pytest.raises(UserMistake, match="missing_scope"):
        await ask(fake, joined)
    await fake.stop()
    with pytest.raises(UserMistake, match="Slack cannot be reached"):
        await ask(fake, joined)
