"""A simulated server with nothing but the bot in it: the real client and the real discord.py, no network."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import simcord

from bot.surfaces.discord.client import Hearers, QuarterdeckClient
from bot.surfaces.discord.permissions import May
from bot.surfaces.discord.vitals import Vitals
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.clock import ManualClock


@dataclass
class Simulated:
    """One server, and the bot in it with every permission but administrator. `web` is its REST API.

    `expected_errors` is how many times a handler of the client is to have raised by the end.
    """

    env: simcord.Env
    guild: simcord.GuildHandle
    web: DiscordWeb
    expected_errors: int = 0

    @property
    def server_id(self) -> str:
        return str(self.guild.id)

    @property
    def bot_user_id(self) -> str:
        return str(self.env.backend.bot_user.id)

    def take_from_bot(self, lost: May) -> None:
        """Takes permissions from the bot's own role; the gateway says so."""
        [role_id] = self.env.backend.get_member(self.guild.id, int(self.bot_user_id)).role_ids
        role = self.env.backend.get_guild(self.guild.id).roles[role_id]
        self.env.backend.edit_role(self.guild.id, role_id, {"permissions": role.permissions & ~int(lost)})

    def take_from_everyone(self, lost: May) -> None:
        role = self.env.backend.get_guild(self.guild.id).everyone_role
        self.env.backend.edit_role(self.guild.id, role.id, {"permissions": role.permissions & ~int(lost)})

    def asked(self) -> list[str]:
        """What was asked of the REST API, as "GET /path"."""
        return [f"{entry.method} {entry.path}" for entry in self.env.http_requests]


@pytest.fixture
def hearers() -> Hearers:
    """To whom the client hands what it hears; a test module may say otherwise."""
    return Hearers()


@pytest.fixture
async def simulated(hearers: Hearers, clock: ManualClock) -> AsyncIterator[Simulated]:
    client = QuarterdeckClient(hearers, Vitals(clock))
    env = simcord.Env(client)  # not simcord.run: a fixture begins and ends in contexts of its own
    await env.start()
    try:
        guild = env.create_guild("First Light")
        await env.settle()
        there = Simulated(env, guild, DiscordWeb(client.http))
        yield there
    finally:
        await env.shutdown()
    assert len(env.errors) == there.expected_errors, env.errors
