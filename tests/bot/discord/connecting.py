"""Our surface on a fake Discord over loopback, with everybody's patience cut short."""

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from discord.http import Route
from pydantic import SecretStr

from bot.surfaces.commands import CommandEntry
from bot.surfaces.discord import DiscordSettings, DiscordSurface
from bot.surfaces.discord.timing import Timing
from bot.surfaces.discord.turn import Turn
from store.kernel.clock import ManualClock
from store.kernel.errors import DatabaseUnavailable
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import until
from tests.fake_discord.clients import pointed_at
from tests.fake_discord.interaction import Interaction
from tests.fake_discord.server import FakeDiscord

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
QUICK = Timing(
    call_seconds=2.0,
    connect_seconds=1.0,
    login_seconds=2.0,
    refused_seconds=0.01,
    first_ready_seconds=3.0,
    close_seconds=1.0,
    again_first_seconds=0.02,
    again_most_seconds=0.1,
    rebuild_after_seconds=2.0,
    turn_check_seconds=0.02,
    ask_every_seconds=0.05,
    start_again_seconds=0.02,
)
BUTTON = "q1:approve:approval/1:1"
"""A button's custom_id as our cards have it."""


@dataclass
class Key:
    """What a database lends to one holder at a time."""

    holder: "Borrowed | None" = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(eq=False)
class Borrowed:
    """A turn like the database's, which a test can take away."""

    key: Key
    broken: bool = False

    def take(self) -> bool:
        if self.broken:
            raise DatabaseUnavailable("The database cannot be reached.")
        with self.key.lock:
            self.key.holder = self.key.holder or self
            return self.key.holder is self

    def holds(self) -> bool:
        return self.key.holder is self

    def release(self) -> None:
        with self.key.lock:
            if self.key.holder is self:
                self.key.holder = None


@dataclass
class Bot:
    """One process's surface, and what came in through it."""

    surface: DiscordSurface
    inbound: RecordingInbound = field(default_factory=RecordingInbound)

    async def start(self) -> None:
        await self.surface.start(self.inbound)

    @property
    def said(self) -> str:
        return self.surface.health().detail

    @property
    def connected(self) -> bool:
        return self.surface.health().connected

    async def until_connected(self, seconds: float = 10.0) -> None:
        await until(lambda: self.connected, seconds)

    async def until_said(self, words: str, seconds: float = 10.0) -> None:
        await until(lambda: words in self.said, seconds)

    async def finish(self) -> None:
        """Returns when everything that was accepted has been acted on."""
        assert self.surface._parts is not None
        await self.surface._parts.reception.drain()

    async def button(self, fake: FakeDiscord) -> Callable[[], Interaction]:
        """Posts a message of ours with a button; what comes back presses it."""
        web: Any = self.surface._web
        channel_id, user = fake.world.add_channel("general"), fake.world.add_member("dana")
        row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Approve", "custom_id": BUTTON}]}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        await web.call(route, body={"flags": 1 << 15, "components": [row]})
        [shown] = fake.visible(channel_id)
        return lambda: fake.people.press(shown, BUTTON, user)


@asynccontextmanager
async def bot_on(
    fake: FakeDiscord, *, commands: Sequence[CommandEntry] = (), turn: Turn | None = None, **changes: float
) -> AsyncIterator[Bot]:
    """A surface that has not been started; it is stopped with the block. `changes` are to its patience."""
    settings = DiscordSettings(
        token=SecretStr(fake.token), server_id=fake.server_id, api_url=fake.api_url, gateway_url=fake.gateway_url
    )
    timing = QUICK.model_copy(update=changes)
    surface = DiscordSurface(settings, ManualClock(NOON), commands=commands, turn=turn, timing=timing)
    async with pointed_at(fake):
        try:
            yield Bot(surface)
        finally:
            await surface.stop()
