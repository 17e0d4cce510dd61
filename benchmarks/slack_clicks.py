"""Presses in Slack at a steady pace: a whole running team, beside Bolt apps that do little more than answer."""

import asyncio
import itertools
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from benchmarks.clicks import Team, free_port
from benchmarks.databases import NewDatabase
from benchmarks.measure import Comparison, Figure, percentile
from benchmarks.slack_counterpart import APPROVAL, Counterpart
from benchmarks.slack_senders import CHANNELS
from benchmarks.team import slack_accounts
from benchmarks.workers import Worker
from blocks.elements import Button, Style
from blocks.render import slack
from blocks.tokens import Verb, decode, encode
from store.database import Database
from tests.blocks.samples import ordinary_cards
from tests.emulator.surfaces import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, fast_pacer

PEOPLE = 10
ACKNOWLEDGE_WITHIN_SECONDS = 3.0
"""https://docs.slack.dev/interactivity/handling-user-interaction, checked 2026-11-21."""

SETTLE_SECONDS = 600.0
BASELINE = "bare Bolt app"
MEASURES = ("press to acknowledgement", "press to private answer", "press to its card's edit")


@dataclass(frozen=True)
class Pressing:
    """How much is pressed: `presses` a round at `per_second`."""

    presses: int
    per_second: float
    rounds: int

    @property
    def questions(self) -> int:
        """How many open questions one contender uses up, the round of warming up among them."""
        return self.presses * (self.rounds + 1)


class SlackTeam(Team):
    """A whole running team that lives in Slack, at no pace but its own."""

    def __init__(self, url: str, questions: int, api_url: str, port: int | None = None) -> None:
        from bot.surfaces.slack import surface

        setattr(surface, "Pacer", fast_pacer)  # noqa: B010 - for this process only: we are timed, not Slack
        super().__init__(
            url,
            questions,
            askers=CHANNELS,
            people=PEOPLE,
            slack_api_url=api_url,
            slack_bot_token=BOT_TOKEN,
            slack_app_token=APP_TOKEN,
            slack_signing_secret=SIGNING_SECRET,
            slack_mode="socket" if port is None else "http",
            slack_http_port=port or 0,
        )


class Bolt:
    """A Bolt app over Socket Mode: acknowledges, answers privately, edits the card; with a database, one UPDATE first.

    Its cards are the approval cards of ours.
    """

    def __init__(self, url: str | None, questions: int, api_url: str, channels: list[str]) -> None:
        self._database = None if url is None else Database(url)
        self._table = sa.Table(
            "bench_approvals", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("state", sa.Text)
        )
        if self._database is not None:
            self._fill(self._database, questions)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._await(self._start(api_url, questions, channels))

    def rest(self) -> int:
        """How many questions nobody has decided."""
        if self._database is None:
            return 0
        with self._database.read() as connection:
            waiting = sa.select(sa.func.count()).where(self._table.c.state == "open")
            return int(connection.execute(waiting).scalar_one())

    def close(self) -> None:
        self._await(self._handler.close_async())
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._database is not None:
            self._database.close()

    def _fill(self, database: Database, questions: int) -> None:
        self._table.create(database.engine)
        with database.write() as connection:
            rows = [{"id": number, "state": "open"} for number in range(questions)]
            connection.execute(self._table.insert(), rows)

    async def _start(self, api_url: str, questions: int, channels: list[str]) -> None:
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
        from slack_bolt.async_app import AsyncApp
        from slack_sdk.web.async_client import AsyncWebClient

        app = AsyncApp(client=AsyncWebClient(token=BOT_TOKEN, base_url=api_url))
        app.action(re.compile("."))(self._pressed)
        _, card = next(found for found in ordinary_cards() if found[1].kind == "approval")
        self._decided = slack.render(card.model_copy(update={"actions": ()}))
        for number, channel in zip(range(questions), itertools.cycle(channels), strict=False):
            button = Button(label="Approve", token=encode(Verb.APPROVE, str(number), 1), style=Style.PRIMARY)
            message: dict[str, Any] = slack.render(
                card.model_copy(update={"key": f"{APPROVAL}{number}", "actions": (button,)})
            )
            await app.client.chat_postMessage(channel=channel, **message)
        handler: Any = AsyncSocketModeHandler(app, APP_TOKEN)
        await handler.connect_async()
        self._handler = handler

    async def _pressed(self, ack: Any, body: Any, respond: Any, client: Any) -> None:
        await ack()
        if self._database is not None:
            await asyncio.to_thread(self._decide, int(decode(body["actions"][0]["value"]).record_id))
        await respond(text="Approved.", response_type="ephemeral", replace_original=False)
        place = {"channel": body["channel"]["id"], "ts": body["container"]["message_ts"]}
        await client.chat_update(**place, **self._decided)

    def _decide(self, number: int) -> None:
        assert self._database is not None
        table = self._table
        with self._database.write() as connection:
            found = table.update().where(table.c.id == number, table.c.state == "open").values(state="approved")
            assert connection.execute(found).rowcount == 1

    def _await(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@dataclass
class Contender:
    """One that is pressed: `worker` works behind `fake`, which sends to `port` or over the socket."""

    fake: Worker
    worker: Worker
    port: int | None = None
    rounds: list[list[list[float]]] = field(default_factory=list)

    def settle(self, questions: int) -> None:
        """Returns when that many questions can be pressed."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while self.fake.ask("questions") < questions:
            assert time.monotonic() < deadline, "the questions are not posted"
            time.sleep(0.1)
        self.worker.ask("rest")

    def press(self, pressing: Pressing) -> None:
        """One round."""
        self.rounds.append(
            self.fake.ask("press", presses=pressing.presses, per_second=pressing.per_second, port=self.port)
        )
        self.worker.ask("rest")

    def seconds(self, place: int) -> list[list[float]]:
        """Seconds of one measure, round by round, without the round of warming up."""
        return [[press[place] for press in one] for one in self.rounds[1:]]


def compare_clicks(kind: str, pressing: Pressing, new: NewDatabase) -> Iterator[Comparison]:
    """Every contender on one kind of database, taking turns."""
    with ExitStack() as stack:
        contenders = dict(_contenders(stack, kind, pressing.questions, new))
        for contender in contenders.values():
            contender.settle(pressing.questions)
        for _, contender in itertools.product(range(pressing.rounds + 1), contenders.values()):
            contender.press(pressing)
        left = {name: contender.worker.ask("rest") for name, contender in contenders.items()}
        assert not any(left.values()), left
    for place, measure in enumerate(MEASURES):
        taken = {name: contender.seconds(place) for name, contender in contenders.items()}
        yield from _percentiles(f"{kind}, {measure}", taken)
    yield _late(kind, pressing, contenders)


def _contenders(stack: ExitStack, kind: str, questions: int, new: NewDatabase) -> Iterator[tuple[str, Contender]]:
    for name, port in (("Quarterdeck, Socket Mode", None), ("Quarterdeck, HTTP", free_port())):
        fake = stack.enter_context(Worker(Counterpart, accounts=slack_accounts(PEOPLE)))
        settings = {"url": new(kind), "questions": questions, "api_url": fake.ask("api_url"), "port": port}
        yield name, Contender(fake, stack.enter_context(Worker(SlackTeam, **settings)), port)
    for name, url in ((BASELINE, None), ("bare Bolt app, one UPDATE", new(kind))):
        fake = stack.enter_context(Worker(Counterpart, accounts=slack_accounts(PEOPLE)))
        channels = [fake.ask("channel") for _ in range(CHANNELS)]
        settings = {"url": url, "questions": questions, "api_url": fake.ask("api_url"), "channels": channels}
        yield name, Contender(fake, stack.enter_context(Worker(Bolt, **settings)))


def _percentiles(title: str, taken: dict[str, list[list[float]]]) -> Iterator[Comparison]:
    """p50 of each round; p99 of all presses together, as one round has too few for it."""
    middle = {name: tuple(percentile(one, 50) * 1000 for one in rounds) for name, rounds in taken.items()}
    slow = {
        name: (percentile([press for one in rounds for press in one], 99) * 1000,) for name, rounds in taken.items()
    }
    for percent, found in (("p50", middle), ("p99", slow)):
        figures = tuple(Figure(name, values) for name, values in found.items())
        yield Comparison(f"{title}, {percent}", "ms", BASELINE, figures)


def _late(kind: str, pressing: Pressing, contenders: dict[str, Contender]) -> Comparison:
    figures = tuple(
        Figure(name, (float(sum(press > ACKNOWLEDGE_WITHIN_SECONDS for one in rounds for press in one)),))
        for name, rounds in ((name, contender.seconds(0)) for name, contender in contenders.items())
    )
    title = f"{kind}, acknowledged too late for Slack, of {pressing.presses * pressing.rounds:,}"
    return Comparison(title, "presses", BASELINE, figures)
