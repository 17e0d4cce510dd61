"""Presses while Discord's gateway breaks off, asks for a new connection and resumes: each one acted on once."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from bot.surfaces.base import Answer
from bot.surfaces.discord.payload import key_of
from bot.surfaces.discord.surface import DiscordSurface
from store.kernel.clock import WallClock
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import a_card, until
from tests.fake_discord.clients import pointed_at
from tests.fake_discord.interaction import Interaction
from tests.fake_discord.server import FakeDiscord, running
from tests.fake_discord.surfaces import QUICK, first_custom_id, settings

PRESSES = 120
SEED = 20261121


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with running() as server, pointed_at(server):
        yield server


async def presses(fake: FakeDiscord, channel: str, chance: random.Random) -> list[Interaction]:
    """People press all the time; meanwhile the connection breaks, is taken away, and tells some things twice."""
    [message] = fake.visible(channel)
    people = [fake.world.add_member(f"person{number}") for number in range(5)]
    made = []
    for _ in range(PRESSES):
        made.append(fake.people.press(message, first_custom_id(message), chance.choice(people)))
        match chance.randrange(12):
            case 0:
                await fake.gateway.drop()
            case 1:
                await fake.gateway.drop(4000)
            case 2:
                await fake.gateway.ask_to_reconnect()
            case 3 | 4:
                fake.people.again(chance.choice(made))
        await asyncio.sleep(0.01)
    return made


@pytest.mark.timeout(120)
async def test_each_press_is_acted_on_once_whatever_becomes_of_the_connection(fake: FakeDiscord) -> None:
    inbound = RecordingInbound(answer=lambda event: Answer(text="Noted."))
    channel = fake.world.add_channel("deck")
    surface = DiscordSurface(settings(fake), WallClock(), timing=QUICK)
    await surface.start(inbound)
    try:
        await surface.post(channel, a_card())
        made = await presses(fake, channel, random.Random(SEED))  # noqa: S311 - weather, not secrets
        await until(lambda: len(inbound.acted) >= PRESSES, seconds=60)
        await until(lambda: all(each.answered for each in made), seconds=60)
    finally:
        await surface.stop()
    assert Counter(event.key for event in inbound.acted) == Counter(key_of(each.id) for each in made)
    assert {each.said for each in made} == {"Noted."}
    assert fake.gateway.resumed > 0
    assert fake.gateway.identified == 1, "the session was lost, not resumed"
