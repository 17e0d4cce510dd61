"""The poster against a Discord of its own on loopback: real requests, and a world whose clock a test moves."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from discord.http import HTTPClient, Route

from blocks.elements import Card
from bot.surfaces.discord.attachments import Attachments
from bot.surfaces.discord.marks import is_card
from bot.surfaces.discord.pacing import Pace
from bot.surfaces.discord.posting import Poster
from bot.surfaces.discord.timing import Timing
from bot.surfaces.discord.web import DiscordWeb, hearing, use_api
from bot.surfaces.platform_clock import PlatformClock
from store.kernel.clock import ManualClock
from tests.emulator.surfaces import a_card
from tests.fake_discord.faults import Fault
from tests.fake_discord.refusals import DiscordError
from tests.fake_discord.rest import Rest
from tests.fake_discord.server import running
from tests.fake_discord.world import World

APPROVERS = "4400"
"""The server's role for whoever may approve."""
QUICK = Timing(call_seconds=1.0, connect_seconds=1.0, login_seconds=2.0)


@dataclass
class WorldTime:
    """The world's time, as far ahead of the machine's as a test says. A clock for the poster and for its Discord."""

    simulated = False
    held = False
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def seconds(self) -> float:
        return time.time() + self.ahead.total_seconds()

    def pass_(self, **spans: float) -> None:
        self.ahead += timedelta(**spans)


@dataclass
class Stage:
    """`poster` is the process that posts; `another` one knows nothing that was not told by Discord."""

    world: World
    rest: Rest
    web: DiscordWeb
    time: WorldTime
    attachments: list[Attachments] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.channel = self.world.add_channel("ops")
        self.poster = self.another()

    def another(self, *, simulated: bool = False, patience_seconds: float = 10.0) -> Poster:
        self.attachments.append(Attachments(patience_seconds))
        return Poster(
            self.web,
            self.world.bot_id,
            self.attachments[-1],
            role_ids={"approver": APPROVERS},
            world=self.time,
            simulated=simulated,
        )

    @property
    def since(self) -> datetime:
        return self.time.now()

    def faults(self, operation: str, *faults: Fault | None) -> None:
        self.rest.weather.plan(operation, *faults)

    def refuse(self, operation: str, code: int, status: int = 400) -> None:
        self.rest.refusals[operation].append(DiscordError(status, code, f"refused with {code}"))

    def shown(self, card: Card, channel: str | None = None) -> list[str]:
        """The ids of the messages that show the card, oldest first."""
        return [each["id"] for each in self.world.visible(channel or self.channel) if is_card(each, card.key)]

    def words(self, message_id: str, channel: str | None = None) -> str:
        """Everything a reader sees of a message."""
        return str(self.world.messages[channel or self.channel][message_id]["components"])


def the_fleet(revision: int = 1) -> Card:
    return a_card("fleet:team", revision, kind="fleet", title=f"Edition {revision}.", live=True, actions=())


@asynccontextmanager
async def opened_stage() -> AsyncIterator[Stage]:
    clock = WorldTime()
    async with running(World(now=clock.seconds)) as fake:
        base = Route.BASE
        use_api(fake.api_url)
        async with let_in(fake.token) as web:
            stage = Stage(fake.world, fake.rest, web, clock)
            yield stage
            for each in stage.attachments:
                await each.close()
        Route.BASE = base


@asynccontextmanager
async def let_in(token: str, their_clock: PlatformClock | None = None) -> AsyncIterator[DiscordWeb]:
    """A door of its own; with a clock, that one hears what time it is at Discord."""
    pace = Pace()
    trace = hearing(their_clock or PlatformClock(ManualClock(datetime.now(UTC))), pace)
    http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=30.0, http_trace=trace)
    await http.static_login(token)
    try:
        yield DiscordWeb(http, QUICK, their_clock, pace)
    finally:
        await http.close()
