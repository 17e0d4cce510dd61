"""A bare client of discord.py, pointed at the fake and nothing else: no code of ours is in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.emulator.surfaces import until
from tests.fake_discord.server import FakeDiscord


class BareClient(discord.Client):
    """Keeps what it hears; nothing else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05, **options)
        self.heard: list[discord.Interaction] = []
        self.events: list[str] = []

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.heard.append(interaction)

    async def on_socket_event_type(self, event: str) -> None:
        self.events.append(event)


@asynccontextmanager
async def pointed_at(fake: FakeDiscord) -> AsyncIterator[None]:
    """The library's two addresses are the fake's for as long as the block lasts."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = fake.api_url, yarl.URL(fake.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@asynccontextmanager
async def connected(fake: FakeDiscord, **options: Any) -> AsyncIterator[BareClient]:
    """A client that is ready."""
    async with pointed_at(fake), BareClient(**options) as client:
        task = asyncio.create_task(client.start(fake.token))
        await until(client.is_ready)
        try:
            yield client
        finally:
            await client.close()
            with suppress(asyncio.CancelledError):
                await task
