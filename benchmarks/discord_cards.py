"""Cards into Discord: how many a second, beside discord.py that is handed one finished message."""

import asyncio
import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.databases import NewDatabase
from benchmarks.discord_clicks import chat_of, point_at
from benchmarks.discord_counterpart import EDIT, POST, Counterpart
from benchmarks.measure import Comparison, Figure
from benchmarks.slack_senders import CHANNELS, Scribe
from benchmarks.team import lay_team
from benchmarks.workers import Worker
from store.handle import Store
from store.kernel.clock import WallClock
from tests.emulator.inbound import RecordingInbound

BASELINE = "discord.py, one after another"
OWN = "Quarterdeck"


class Sender:
    """The outbox with Discord behind it, as a running team has them; live cards are edited as often as they change."""

    def __init__(self, url: str, told: dict[str, Any]) -> None:
        from bot.delivery.outbox import Outbox
        from bot.delivery.present import Presenter
        from bot.logs import set_up_logs
        from bot.surfaces.discord.surface import DiscordSurface
        from tests.fake_discord.surfaces import settings_of

        set_up_logs("error", "text")
        self._folder = tempfile.TemporaryDirectory(prefix="quarterdeck-bench-team-")
        team = lay_team(Path(self._folder.name), url, askers=CHANNELS, chat=chat_of(told))
        self._store = Store(team.open_database(), WallClock(), lambda _tx, _segment: None)
        self._loop = asyncio.new_event_loop()
        settings = settings_of(told["token"], told["server"], told["api_url"])
        self._surface = DiscordSurface(settings, self._store.clock)
        self._surface.live_edit_seconds = 0.0
        self._outbox = Outbox(self._store, team.team, Presenter(self._store, team.team, None), (self._surface,))
        self._loop.run_until_complete(self._surface.start(RecordingInbound()))

    def deliver(self) -> None:
        """Delivers everything."""
        self._loop.run_until_complete(self._deliver())

    def close(self) -> None:
        self._loop.run_until_complete(self._surface.stop())
        self._store.database.close()
        self._folder.cleanup()

    async def _deliver(self) -> None:
        running = asyncio.create_task(self._outbox.run())
        while not running.done() and await asyncio.to_thread(self._owes):
            await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def _owes(self) -> bool:
        from store.queries.cards import due_deliveries

        soon = self._store.clock.now() + timedelta(hours=1)
        return bool(due_deliveries(self._store, self._surface.name, soon, 1))


class Library:
    """HTTPClient of discord.py, which is handed one finished message."""

    def __init__(self, told: dict[str, Any], channels: list[str]) -> None:
        point_at(told)
        self._token, self._channels = told["token"], channels

    def post(self, message: dict[str, Any], count: int, at_once: int = 1) -> None:
        """Posts it so often, so many at once."""
        asyncio.run(self._all(count, message, at_once))

    def close(self) -> None:
        """Nothing is left open."""

    async def _all(self, count: int, message: dict[str, Any], at_once: int) -> None:
        from discord.http import HTTPClient

        http = HTTPClient(asyncio.get_running_loop())
        await http.static_login(self._token)
        waiting = itertools.islice(itertools.cycle(self._channels), count)
        await asyncio.gather(*(self._some(http, waiting, message) for _ in range(at_once)))
        await http.close()

    async def _some(self, http: Any, waiting: Iterator[str], message: dict[str, Any]) -> None:
        from discord.http import Route

        for channel in waiting:
            await http.request(Route("POST", "/channels/{channel_id}/messages", channel_id=channel), json=message)


class Office:
    """Everything that takes part on one database, each in its own process."""

    def __init__(self, stack: ExitStack, url: str) -> None:
        self.scribe = stack.enter_context(Worker(Scribe, url=url))
        self.fake = stack.enter_context(Worker(Counterpart, people=1))
        told = self.fake.ask("told")
        self.sender = stack.enter_context(Worker(Sender, url=url, told=told))
        channels = [self.fake.ask("channel") for _ in range(CHANNELS)]
        self.library = stack.enter_context(Worker(Library, told=told, channels=channels))


def compare_rates(kind: str, cards: int, rounds: int, new: NewDatabase) -> Comparison:
    """Cards a second, as they arrive, where Discord asks for no pause."""
    with ExitStack() as stack:
        office = Office(stack, new(kind))
        ways = _ways(office, cards)
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for number, (name, way) in itertools.product(range(rounds + 1), ways.items()):
            rate = _per_second(office.fake.ask("arrivals", what=way()))
            if number:  # the first warms up
                rates[name].append(rate)
    figures = tuple(Figure(name, tuple(values)) for name, values in rates.items())
    return Comparison(f"{kind}: cards delivered, no limit told", "cards/s", BASELINE, figures)


def _ways(office: Office, cards: int) -> dict[str, Callable[[], str]]:
    """Name → what sends so many cards and says by which event they arrive. They follow one another in this order."""

    def posted(channels: int) -> str:
        office.scribe.ask("begin", count=cards, channels=channels)
        office.fake.ask("arrivals", what=POST)
        office.sender.ask("deliver")
        return POST

    def edited() -> str:
        office.scribe.ask("advance")
        office.fake.ask("arrivals", what=EDIT)
        office.sender.ask("deliver")
        return EDIT

    def plain(at_once: int) -> str:
        message = office.fake.ask("sample")
        office.fake.ask("arrivals", what=POST)
        office.library.ask("post", message=message, count=cards, at_once=at_once)
        return POST

    return {
        f"{OWN}, posts into {CHANNELS} channels": lambda: posted(CHANNELS),
        f"{OWN}, edits in {CHANNELS} channels": edited,
        f"{OWN}, posts into one channel": lambda: posted(1),
        BASELINE: lambda: plain(1),
        f"discord.py, {CHANNELS} at once": lambda: plain(CHANNELS),
    }


def _per_second(moments: list[float]) -> float:
    """How many a second, from the first to the last."""
    return (len(moments) - 1) / (max(moments) - min(moments))
