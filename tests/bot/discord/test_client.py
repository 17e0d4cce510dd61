"""The gateway client asks for little, mentions nobody, and is silent once it is closed."""

from datetime import UTC, datetime

import discord

from bot.surfaces.discord.client import Hearers, QuarterdeckClient
from bot.surfaces.discord.vitals import Vitals
from store.kernel.clock import ManualClock


def client() -> QuarterdeckClient:
    return QuarterdeckClient(Hearers(), Vitals(ManualClock(datetime(2026, 11, 21, tzinfo=UTC))))


async def test_it_asks_for_no_privileged_intent_and_for_none_it_does_not_need() -> None:
    assert client().intents == discord.Intents(guilds=True)


async def test_it_mentions_nobody() -> None:
    mentions = client().allowed_mentions
    assert mentions is not None
    assert (mentions.everyone, mentions.users, mentions.roles) == (False, False, False)


async def test_what_the_library_dispatches_after_close_goes_nowhere() -> None:
    # It does so from tasks it does not stop, into a loop it has let go of: AttributeError in discord.py 2.7.1.
    closed = client()
    await closed._async_setup_hook()
    await closed.close()
    closed.dispatch("connect")
    assert closed._vitals.sessions == 0
