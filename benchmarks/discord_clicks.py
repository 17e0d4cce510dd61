"""Presses in Discord at a steady pace: a whole running team, beside clients of discord.py that do little but answer."""

import asyncio
import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks.clicks import Team
from benchmarks.databases import NewDatabase
from benchmarks.discord_counterpart import Counterpart
from benchmarks.measure import Comparison
from benchmarks.pressing import Contender, Pressing, Questions, later_than, percentiles, press_in_turns
from benchmarks.slack_clicks import PEOPLE
from benchmarks.slack_senders import CHANNELS
from benchmarks.team import Chat
from benchmarks.workers import Worker
from blocks.elements import Button, Style
from blocks.render import discord as rendered
from blocks.tokens import Verb, decode, encode
from tests.blocks.samples import ordinary_cards

FORGOTTEN_AFTER_SECONDS = 3.0
"""https://docs.discord.com/developers/interactions/receiving-and-responding, checked 2026-11-21."""

BASELINE = "bare discord.py"
MEASURES = ("press to first answer", "press to its card's edit")


def chat_of(told: Mapping[str, Any]) -> Chat:
    """The team's place on this server."""
    return Chat("discord", tuple(told["accounts"]), {"server": told["server"]})


class DiscordTeam(Team):
    """A whole running team that lives in Discord."""

    def __init__(self, url: str, questions: int, told: dict[str, Any]) -> None:
        super().__init__(
            url,
            questions,
            askers=CHANNELS,
            chat=chat_of(told),
            discord_token=told["token"],
            discord_api_url=told["api_url"],
        )


class Bare:
    """A client of discord.py: answers privately, edits the card; with a database, one UPDATE first.

    Its cards are the approval cards of ours.
    """

    def __init__(self, url: str | None, questions: int, told: dict[str, Any], channels: Sequence[str]) -> None:
        self._questions = Questions(url, questions)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._await(self._start(told, questions, channels))

    def rest(self) -> int:
        """How many questions nobody has decided."""
        return self._questions.open()

    def close(self) -> None:
        self._await(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._questions.close()

    async def _start(self, told: dict[str, Any], questions: int, channels: Sequence[str]) -> None:
        import discord
        from discord.http import Route

        point_at(told)
        self._client = discord.Client(intents=discord.Intents(guilds=True))
        self._client.event(self._named("on_interaction"))
        self._running = asyncio.create_task(self._client.start(told["token"]))
        while not self._client.is_ready():
            assert not self._running.done(), self._running
            await asyncio.sleep(0.05)
        _, card = next(found for found in ordinary_cards() if found[1].kind == "approval")
        self._decided = rendered.render(card.model_copy(update={"actions": ()}))
        for number, channel in zip(range(questions), itertools.cycle(channels), strict=False):
            button = Button(label="Approve", token=encode(Verb.APPROVE, str(number), 1), style=Style.PRIMARY)
            body = rendered.render(card.model_copy(update={"actions": (button,)}))
            await self._client.http.request(
                Route("POST", "/channels/{channel_id}/messages", channel_id=channel), json=body
            )

    def _named(self, event: str) -> Any:
        """The library knows a handler by its name."""

        async def handler(interaction: Any) -> None:
            await self._pressed(interaction)

        handler.__name__ = event
        return handler

    async def _pressed(self, interaction: Any) -> None:
        from discord.http import Route

        if self._questions.kept:
            await asyncio.to_thread(self._questions.decide, int(decode(interaction.data["custom_id"]).record_id))
        await interaction.response.send_message("Approved.", ephemeral=True)
        path = "/channels/{channel_id}/messages/{message_id}"
        route = Route("PATCH", path, channel_id=interaction.channel_id, message_id=interaction.message.id)
        await self._client.http.request(route, json=self._decided)

    def _await(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def point_at(told: Mapping[str, Any]) -> None:
    """The library, in this process, speaks to this server."""
    from discord.gateway import DiscordWebSocket
    from discord.http import Route
    from yarl import URL

    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = told["api_url"], URL(told["gateway_url"])


def compare_clicks(kind: str, pressing: Pressing, new: NewDatabase) -> Iterator[Comparison]:
    """Every contender on one kind of database, taking turns."""
    with ExitStack() as stack:
        contenders = dict(_contenders(stack, kind, pressing.questions, new))
        press_in_turns(contenders, pressing)
    for place, measure in enumerate(MEASURES):
        taken = {name: contender.seconds(place) for name, contender in contenders.items()}
        yield from percentiles(f"{kind}, {measure}", taken, BASELINE)
    yield later_than(f"{kind}, answered too late for Discord", FORGOTTEN_AFTER_SECONDS, contenders, pressing, BASELINE)


def _contenders(stack: ExitStack, kind: str, questions: int, new: NewDatabase) -> Iterator[tuple[str, Contender]]:
    fake = stack.enter_context(Worker(Counterpart, people=PEOPLE))
    settings = {"url": new(kind), "questions": questions, "told": fake.ask("told")}
    yield "Quarterdeck", Contender(fake, stack.enter_context(Worker(DiscordTeam, **settings)))
    for name, url in ((BASELINE, None), (f"{BASELINE}, one UPDATE", new(kind))):
        fake = stack.enter_context(Worker(Counterpart, people=PEOPLE))
        channels = [fake.ask("channel") for _ in range(CHANNELS)]
        settings = {"url": url, "questions": questions, "told": fake.ask("told"), "channels": channels}
        yield name, Contender(fake, stack.enter_context(Worker(Bare, **settings)))
