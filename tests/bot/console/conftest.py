"""A console on a real port over sample records, and a browserless visitor."""

import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from blocks.cards import CardView
from bot.surfaces.console import ConsoleSettings, ConsoleSurface, read_secrets
from store.kernel.clock import ManualClock
from tests.blocks.samples import NOW, VIEW
from tests.bot.console.samples import PEOPLE, RememberingInbound, SampleData, busy_data, empty_data

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Reply:
    status: int
    text: str
    headers: Mapping[str, str]


@dataclass
class Console:
    """A running console and one visitor with cookies; `clock` is the browsers', `team_clock` the team's."""

    surface: ConsoleSurface
    data: SampleData
    inbound: RememberingInbound
    clock: ManualClock
    visitor: aiohttp.ClientSession
    team_clock: ManualClock

    async def close(self) -> None:
        await self.visitor.close()
        await self.surface.stop()

    @property
    def url(self) -> str:
        return self.surface.url

    async def log_in(self, person: str = "ana") -> None:
        async with self.visitor.get(self.surface.login_url(person)) as response:
            assert response.status == 200

    async def get(self, path: str, **options: object) -> Reply:
        return await self.send("GET", path, **options)

    async def send(self, method: str, path: str, **options: object) -> Reply:
        async with self.visitor.request(method, self.url + path, **options) as response:  # type: ignore[arg-type]  # test options
            return Reply(response.status, await response.text(), response.headers)

    async def ticket(self, path: str = "/") -> str:
        found = re.search(r'data-ticket="([^"]+)"', (await self.get(path)).text)
        assert found
        return found[1]

    async def press(self, token: str, *, ticket: str | None = None, path: str = "/act", **fields: str) -> Reply:
        """Presses as the page's script does, and returns the JSON answer."""
        form = {"ticket": ticket or await self.ticket(), "token": token}
        form |= {f"field.{name}": value for name, value in fields.items()}
        return await self.send("POST", path, data=form, headers={"Accept": "application/json"})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


Records = Callable[[CardView], SampleData]
Start = Callable[[Records], Awaitable[Console]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts consoles over given records; all are stopped afterwards."""
    started: list[Console] = []

    async def run(records: Records) -> Console:
        console = await start_console(records, tmp_path)
        started.append(console)
        return console

    yield run
    for console in started:
        await console.close()


async def start_console(records: Records, state_dir: Path) -> Console:
    settings = ConsoleSettings(port=free_port(), people=PEOPLE, hooks={"deploys": (SECRET,)})
    view = replace(VIEW, console_url=settings.url)
    data, clock, world = records(view), ManualClock(NOW), ManualClock(NOW)
    surface = ConsoleSurface(
        settings=settings,
        secrets=read_secrets(state_dir, settings),
        data=data,
        view=view,
        clock=clock,
        world=world,
    )
    inbound = RememberingInbound()
    await surface.start(inbound)
    visitor = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
    return Console(surface, data, inbound, world, visitor, clock)


@pytest.fixture
async def console(start: Start) -> Console:
    """A team in the middle of a day, with Ana logged in."""
    running = await start(busy_data)
    await running.log_in()
    return running


@pytest.fixture
async def stranger(start: Start) -> Console:
    """The same team, with nobody logged in."""
    return await start(busy_data)


@pytest.fixture
async def quiet(start: Start) -> Console:
    """A team that has done nothing yet, with Ana logged in."""
    running = await start(empty_data)
    await running.log_in()
    return running
