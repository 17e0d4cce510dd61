"""Presses in Slack at a steady pace: a whole running team, beside Bolt apps that do little more than answer."""

import asyncio
import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks.clicks import Team, free_port
from benchmarks.databases import NewDatabase
from benchmarks.measure import Comparison
from benchmarks.pressing import Contender, Pressing, Questions, later_than, percentiles, press_in_turns
from benchmarks.slack_counterpart import APPROVAL, Counterpart
from benchmarks.slack_senders import CHANNELS
from benchmarks.team import slack_accounts
from benchmarks.workers import Worker
from blocks.elements import Button, Style
from blocks.render import slack
from blocks.tokens import Verb, decode, encode
from tests.blocks.samples import ordinary_cards
from tests.emulator.surfaces import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, fast_pacer

PEOPLE = 10
ACKNOWLEDGE_WITHIN_SECONDS = 3.0
"""https://docs.slack.dev/interactivity/handling-user-interaction, checked 2026-11-21."""

BASELINE = "bare Bolt app"
MEASURES = ("press to acknowledgement", "press to private answer", "press to its card's edit")


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
        self._questions = Questions(url, questions)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._await(self._start(api_url, questions, channels))

    def rest(self) -> int:
        """How many questions nobody has decided."""
        return self._questions.open()

    def close(self) -> None:
        self._await(self._handler.close_async())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._questions.close()

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
        if self._questions.kept:
            await asyncio.to_thread(self._questions.decide, int(decode(body["actions"][0]["value"]).record_id))
        await respond(text="Approved.", response_type="ephemeral", replace_original=False)
        place = {"channel": body["channel"]["id"], "ts": body["container"]["message_ts"]}
        await client.chat_update(**place, **self._decided)

    def _await(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def compare_clicks(kind: str, pressing: Pressing, new: NewDatabase) -> Iterator[Comparison]:
    """Every contender on one kind of database, taking turns."""
    with ExitStack() as stack:
        contenders = dict(_contenders(stack, kind, pressing.questions, new))
        press_in_turns(contenders, pressing)
    for place, measure in enumerate(MEASURES):
        taken = {name: contender.seconds(place) for name, contender in contenders.items()}
        yield from percentiles(f"{kind}, {measure}", taken, BASELINE)
    title = f"{kind}, acknowledged too late for Slack"
    yield later_than(title, ACKNOWLEDGE_WITHIN_SECONDS, contenders, pressing, BASELINE)


def _contenders(stack: ExitStack, kind: str, questions: int, new: NewDatabase) -> Iterator[tuple[str, Contender]]:
    for name, port in (("Quarterdeck, Socket Mode", None), ("Quarterdeck, HTTP", free_port())):
        fake = stack.enter_context(Worker(Counterpart, accounts=slack_accounts(PEOPLE)))
        settings = {"url": new(kind), "questions": questions, "api_url": fake.ask("api_url"), "port": port}
        yield name, Contender(fake, stack.enter_context(Worker(SlackTeam, **settings)), {"port": port})
    for name, url in ((BASELINE, None), ("bare Bolt app, one UPDATE", new(kind))):
        fake = stack.enter_context(Worker(Counterpart, accounts=slack_accounts(PEOPLE)))
        channels = [fake.ask("channel") for _ in range(CHANNELS)]
        settings = {"url": url, "questions": questions, "api_url": fake.ask("api_url"), "channels": channels}
        yield name, Contender(fake, stack.enter_context(Worker(Bolt, **settings)))
