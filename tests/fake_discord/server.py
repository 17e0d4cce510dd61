"""The whole of it: one guild on one port, with its REST door, its gateway and its people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fake_discord.faults import Weather
from tests.fake_discord.gateway import Gateway
from tests.fake_discord.people import People
from tests.fake_discord.refusals import DiscordError
from tests.fake_discord.rest import API, Rest
from tests.fake_discord.world import World


@dataclass
class FakeDiscord:
    """One server. What the bot is to be given: `token`, `server_id`, `api_url` and `gateway_url`.

    It lives in the process of the test and remembers everything when a bot in a process of its own is killed.
    """

    world: World = field(default_factory=World)
    weather: Weather = field(default_factory=Weather)
    rest: Rest = field(init=False)
    gateway: Gateway = field(init=False)
    people: People = field(init=False)
    _runner: web.AppRunner | None = None

    def __post_init__(self) -> None:
        self.rest = Rest(self.world, self.weather)
        self.gateway = Gateway(self.world)
        self.people = People(self.world)

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def server_id(self) -> str:
        return self.world.guild_id

    @property
    def api_url(self) -> str:
        return f"{self.world.url}{API}"

    @property
    def gateway_url(self) -> str:
        return f"{self.world.url.replace('http', 'ws', 1)}/gateway/"

    async def start(self) -> None:
        app = web.Application(client_max_size=200 * 1024 * 1024)
        self.gateway.add_routes(app)
        self.rest.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.world.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self.rest.closing.set()
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def refuse(self, operation: str, *refusals: DiscordError) -> None:
        """The next calls of the operation are refused so."""
        self.rest.refusals[operation].extend(refusals)

    def visible(self, channel_id: str) -> list[dict[str, Any]]:
        """The bot's own messages there, oldest first."""
        return self.world.visible(channel_id)


@asynccontextmanager
async def running(world: World | None = None) -> AsyncIterator[FakeDiscord]:
    """A server for as long as the block lasts."""
    fake = FakeDiscord(world or World())
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()
