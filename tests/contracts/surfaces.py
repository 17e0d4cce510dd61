"""Each surface with what the contract suite needs to know beside the port: what is visible, and a person who acts.

A further surface joins by one class here and one line in CHATS or, when it has no platform of its own, in HARNESSES.
"""

import html
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import aiohttp
import pytest

from blocks.elements import Card
from bot.surfaces.base import InboundEvent, InboundKind, ReplyTo, Surface
from bot.surfaces.console import ConsoleSettings, ConsoleSurface, read_secrets
from bot.surfaces.discord.marks import is_card, shows_the_same
from bot.surfaces.discord.payload import Kind, reply_handle
from bot.surfaces.discord.rendering import card_message
from bot.surfaces.discord.surface import DiscordSurface
from bot.surfaces.memory import Fault, MemorySurface
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.webserver import HttpLink
from store.kernel.clock import ManualClock
from store.kernel.errors import Retryable
from tests.blocks.samples import VIEW
from tests.bot.console.conftest import free_port
from tests.bot.console.samples import PEOPLE, SampleData, empty_data
from tests.emulator.front import BOT, TEAM, EmulatedSlack
from tests.emulator.inbound import RecordingInbound
from tests.emulator.person import Person
from tests.emulator.surfaces import QUICK, fast_pacer, settings
from tests.fake_discord import surfaces as discord
from tests.fake_discord.clients import pointed_at
from tests.fake_discord.server import FakeDiscord, running
from tests.fake_discord.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_SHOWN = re.compile(r'<article [^>]*data-key="([^"]+)" data-revision="(\d+)"')


class Harness(Protocol):
    """One surface, not yet started, and the other side of it."""

    @property
    def surface(self) -> Surface:
        """The surface itself."""
        ...

    @property
    def inbound(self) -> RecordingInbound:
        """Where what people do arrives."""
        ...

    async def visible(self, channel_id: str) -> list[tuple[str, int]]:
        """(card key, revision) of every card a person sees in the channel, oldest first."""
        ...

    async def keep(self, channel_id: str, card: Card) -> None:
        """Puts the card on record as built, as the outbox does before it posts or edits."""
        ...

    async def press(self, channel_id: str, card: Card, times: int = 1) -> None:
        """A member presses the card's first button once; the platform delivers that press `times` times."""
        ...

    def reply_to(self) -> ReplyTo:
        """How somebody who just acted can be answered."""
        ...

    def break_answers(self) -> None:
        """From now on no private answer gets through."""
        ...


class ChatHarness(Harness, Protocol):
    """A platform of its own, with channels and messages that others can touch too."""

    async def channel_names(self) -> list[str]:
        """The names of all channels there are, a name as often as channels have it."""
        ...


@dataclass
class MemoryHarness:
    surface: MemorySurface = field(default_factory=lambda: MemorySurface(ManualClock(NOW)))
    inbound: RecordingInbound = field(default_factory=RecordingInbound)

    async def visible(self, channel_id: str) -> list[tuple[str, int]]:
        here = [message.card for message in self.surface.messages if message.channel_id == channel_id]
        return [(card.key, card.revision) for card in here]

    async def keep(self, channel_id: str, card: Card) -> None:
        pass

    async def channel_names(self) -> list[str]:
        return [spec.name for spec in self.surface.channels.values()]

    async def press(self, channel_id: str, card: Card, times: int = 1) -> None:
        token = first_token(card)
        event = InboundEvent(surface="memory", key="e1", kind=InboundKind.PRESS, account="U0DANA", token=token)
        for _ in range(times):
            await self.surface.hear(event)

    def reply_to(self) -> ReplyTo:
        return ReplyTo(surface="memory", handle={"user": "U0DANA"})

    def break_answers(self) -> None:
        self.surface.fail("answer_privately", *[Fault(Retryable("Nobody there."))] * 10)


@dataclass
class SlackHarness:
    emulated: EmulatedSlack
    account: str
    surface: SlackSurface = field(init=False)
    inbound: RecordingInbound = field(default_factory=RecordingInbound)

    def __post_init__(self) -> None:
        chosen = settings(self.emulated.api_url)
        self.surface = SlackSurface(chosen, ManualClock(NOW), (self.account,), pacer=fast_pacer(), timing=QUICK)

    async def visible(self, channel_id: str) -> list[tuple[str, int]]:
        ours = [message for message in await self.emulated.messages(channel_id) if message["user"] == BOT]
        payloads = [message["metadata"]["event_payload"] for message in ours if "metadata" in message]
        return [(payload["key"], payload["revision"]) for payload in payloads]

    async def keep(self, channel_id: str, card: Card) -> None:
        pass

    async def channel_names(self) -> list[str]:
        return [
            channel["name"] for channel in (await self.emulated.ask("conversations.list", limit="1000"))["channels"]
        ]

    async def press(self, channel_id: str, card: Card, times: int = 1) -> None:
        assert self.surface._parts is not None
        assert isinstance(self.surface._parts.link, HttpLink)
        person = Person(self.account, TEAM, self.surface._parts.link.port, f"{self.emulated.url}/respond")
        shown = [message for message in await self.emulated.messages(channel_id) if "metadata" in message]
        [message] = [each for each in shown if each["metadata"]["event_payload"]["key"] == card.key]
        payload = person.press_payload(message, channel_id)
        for number in range(times):
            await person.interact({**payload, "delivery": number})

    def reply_to(self) -> ReplyTo:
        return ReplyTo(surface="slack", handle={"user": self.account, "channel": "C000000001"})

    def break_answers(self) -> None:
        self.account = "U0NOBODY"


@dataclass
class DiscordHarness:
    """`kept` are the cards as built: a message says which card it shows, and not in words which revision."""

    fake: FakeDiscord
    account: str
    surface: DiscordSurface = field(init=False)
    inbound: RecordingInbound = field(default_factory=RecordingInbound)
    kept: list[Card] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        self.surface = DiscordSurface(discord.settings(self.fake), ManualClock(NOW), timing=discord.QUICK)

    async def visible(self, channel_id: str) -> list[tuple[str, int]]:
        return [self._shown(message) for message in self.fake.visible(channel_id)]

    def _shown(self, message: Mapping[str, object]) -> tuple[str, int]:
        return next(
            (card.key, card.revision)
            for card in self.kept
            if is_card(message, card.key) and shows_the_same(message, card_message(card, ()))
        )

    async def keep(self, channel_id: str, card: Card) -> None:
        self.kept.append(card)

    async def channel_names(self) -> list[str]:
        return [str(channel["name"]) for channel in self.fake.world.channels.values()]

    async def press(self, channel_id: str, card: Card, times: int = 1) -> None:
        [message] = [each for each in self.fake.visible(channel_id) if is_card(each, card.key)]
        acted = self.fake.people.press(message, discord.first_custom_id(message), self.account)
        for _ in range(times - 1):
            self.fake.people.again(acted)

    def reply_to(self) -> ReplyTo:
        channel_id = self.fake.world.add_channel("anywhere")
        acted = self.fake.people.unheard(channel_id, self.account)
        if self.broken:
            del self.fake.world.interactions[acted.id]
        return reply_handle(acted.payload, Kind.COMMAND)

    def break_answers(self) -> None:
        self.broken = True


@dataclass
class ConsoleHarness:
    surface: ConsoleSurface
    data: SampleData
    visitor: aiohttp.ClientSession
    inbound: RecordingInbound = field(default_factory=RecordingInbound)

    async def visible(self, channel_id: str) -> list[tuple[str, int]]:
        page = await self._page(f"/channels/{channel_id}")
        return [(html.unescape(key), int(revision)) for key, revision in _SHOWN.findall(page)]

    async def keep(self, channel_id: str, card: Card) -> None:
        self.data.put(card, channel_id)

    async def press(self, channel_id: str, card: Card, times: int = 1) -> None:
        ticket = re.findall(r'data-ticket="([^"]+)"', await self._page(f"/channels/{channel_id}"))[0]
        for _ in range(times):
            form = {"ticket": ticket, "token": first_token(card)}
            async with self.visitor.post(f"{self.surface.url}/act", data=form) as answer:
                assert answer.status == 200

    def reply_to(self) -> ReplyTo:
        return ReplyTo(surface="console", handle={"person": "ana"})

    def break_answers(self) -> None:
        """Ana has no page open anyway."""

    async def _page(self, path: str) -> str:
        async with self.visitor.get(self.surface.login_url("ana")) as answer:
            assert answer.status == 200
        async with self.visitor.get(f"{self.surface.url}{path}") as answer:
            return await answer.text()


@asynccontextmanager
async def memory(request: pytest.FixtureRequest) -> "AsyncIterator[ChatHarness]":
    yield MemoryHarness()


@asynccontextmanager
async def slack(request: pytest.FixtureRequest) -> "AsyncIterator[ChatHarness]":
    emulated = EmulatedSlack(request.getfixturevalue("emulator_url"))
    await emulated.start()
    yield SlackHarness(emulated, await emulated.account("dana"))
    await emulated.stop()


@asynccontextmanager
async def on_discord(request: pytest.FixtureRequest) -> "AsyncIterator[ChatHarness]":
    async with running(World(now=NOW.timestamp)) as fake, pointed_at(fake):
        yield DiscordHarness(fake, fake.world.add_member("dana"))


@asynccontextmanager
async def console(request: pytest.FixtureRequest) -> "AsyncIterator[Harness]":
    chosen = ConsoleSettings(port=free_port(), people=PEOPLE)
    data, clock = empty_data(), ManualClock(NOW)
    secrets = read_secrets(request.getfixturevalue("tmp_path"), chosen)
    surface = ConsoleSurface(settings=chosen, secrets=secrets, data=data, view=VIEW, clock=clock, world=clock)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as visitor:
        yield ConsoleHarness(surface, data, visitor)


CHATS: dict[str, Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[ChatHarness]]] = {
    "memory": memory,
    "slack": slack,
    "discord": on_discord,
}
HARNESSES: dict[str, Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Harness]]] = {
    **CHATS,
    "console": console,
}


def first_token(card: Card) -> str:
    """The token of the card's first button."""
    token = getattr(card.actions[0], "token", None)
    assert isinstance(token, str)
    return token
