"""Who takes part when cards are sent to Slack: one who writes the record, the outbox, and a bare slack_sdk."""

import asyncio
import gc
import itertools
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.team import asking_agents, lay_team, trigger
from store.handle import Store
from store.kernel.canonical import JsonObject, call_hash
from store.kernel.clock import WallClock
from store.records import Access, Run, RunState, StepIntent, StepKind
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import BOT_TOKEN, fast_pacer, settings

CHANNELS = 8
"""As many channels as there are agents that own one."""


class Scribe:
    """Writes the record: runs that begin and make a step, and never end. Delivers nothing."""

    def __init__(self, url: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="quarterdeck-bench-team-")
        self._foundation = lay_team(Path(self._folder.name), url, askers=CHANNELS)
        self._store = Store(self._foundation.open_database(), WallClock(), lambda _tx, _segment: None)
        self._serial = itertools.count()
        self._runs: list[Run] = []

    def begin(self, count: int, channels: int = CHANNELS) -> None:
        """Makes runs, in turn by each of the first `channels` agents: a card each."""
        from store.actions.runs import request_run

        agents = [self._foundation.team.agents[name] for name in asking_agents(channels)]
        for agent in itertools.islice(itertools.cycle(agents), count):
            run = request_run(
                self._store,
                agent_id=agent.id,
                trigger=trigger(f"run {next(self._serial)}", 1),
                limits=agent.limits,
                workspace_digest=self._foundation.team.digest,
            )
            self._runs.append(run)

    def advance(self) -> None:
        """Starts the runs that were made since and lets each make a step: each card changes."""
        from store.actions.runs import begin_segment
        from store.actions.steps import record_read

        for run in self._runs:
            running = begin_segment(self._store, run.id, 0)
            assert running is not None
            assert running.state is RunState.RUNNING
            record_read(self._store, _step(running), result={"n": 1})
        self._runs.clear()

    def close(self) -> None:
        self._store.database.close()
        self._folder.cleanup()


class Sender:
    """The outbox with Slack behind it, as a running team has them; without paces unless `paced`."""

    def __init__(self, url: str, api_url: str, *, paced: bool = False) -> None:
        from bot.delivery.outbox import Outbox
        from bot.delivery.present import Presenter
        from bot.logs import set_up_logs
        from bot.surfaces.slack import SlackSurface
        from bot.surfaces.slack.pacing import Pacer

        set_up_logs("error", "text")
        self._folder = tempfile.TemporaryDirectory(prefix="quarterdeck-bench-team-")
        team = lay_team(Path(self._folder.name), url, askers=CHANNELS)
        self._store = Store(team.open_database(), WallClock(), lambda _tx, _segment: None)
        self._loop = asyncio.new_event_loop()
        pacer = Pacer() if paced else fast_pacer()
        self._surface = SlackSurface(settings(api_url), self._store.clock, pacer=pacer)
        self._outbox = Outbox(self._store, team.team, Presenter(self._store, team.team, None), (self._surface,))
        self._loop.run_until_complete(self._surface.start(RecordingInbound()))

    def deliver(self, seconds: float | None = None) -> None:
        """Delivers everything, or for so many seconds."""
        self._loop.run_until_complete(self._deliver(seconds))

    def tidy(self) -> None:
        """Frees what can be freed."""
        gc.collect()

    def close(self) -> None:
        self._loop.run_until_complete(self._surface.stop())
        self._store.database.close()
        self._folder.cleanup()

    async def _deliver(self, seconds: float | None) -> None:
        running = asyncio.create_task(self._outbox.run())
        if seconds is not None:
            await asyncio.sleep(seconds)
        while seconds is None and not running.done() and await asyncio.to_thread(self._owes):
            await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def _owes(self) -> bool:
        from store.queries.cards import due_deliveries

        soon = self._store.clock.now() + timedelta(hours=1)
        return bool(due_deliveries(self._store, self._surface.name, soon, 1))


class Sdk:
    """AsyncWebClient of slack_sdk, which is handed one finished message and keeps what Slack called its copies."""

    def __init__(self, api_url: str, channels: list[str]) -> None:
        from slack_sdk.web.async_client import AsyncWebClient

        self._api_url, self._channels, self._client_of = api_url, channels, AsyncWebClient
        self._posted: list[tuple[str, str]] = []

    def post(self, message: dict[str, Any], count: int, at_once: int = 1) -> None:
        """Posts it so often, so many at once."""
        channels = itertools.islice(itertools.cycle(self._channels), count)
        asyncio.run(self._all(((channel, None) for channel in channels), message, at_once))

    def edit(self, message: dict[str, Any]) -> None:
        """Edits everything that was posted since."""
        asyncio.run(self._all(self._posted, message, 1))
        self._posted.clear()

    def tidy(self) -> None:
        gc.collect()

    def close(self) -> None:
        """Nothing is left open."""

    async def _all(self, places: Any, message: dict[str, Any], at_once: int) -> None:
        from aiohttp import ClientSession

        waiting = iter(list(places))
        async with ClientSession() as session:
            client = self._client_of(token=BOT_TOKEN, base_url=self._api_url, session=session)
            await asyncio.gather(*(self._some(client, waiting, message) for _ in range(at_once)))

    async def _some(self, client: Any, waiting: Iterator[tuple[str, str | None]], message: dict[str, Any]) -> None:
        for channel, ts in waiting:
            if ts is not None:
                await client.chat_update(channel=channel, ts=ts, **message)
                continue
            answer = await client.chat_postMessage(channel=channel, **message)
            self._posted.append((channel, answer["ts"]))


def _step(run: Run) -> StepIntent:
    request: JsonObject = {"agent": run.agent_id, "tool": "bench.read", "arguments": {"n": 1}}
    return StepIntent(
        run_id=run.id,
        key="t0",
        position=0,
        segment=run.segment,
        kind=StepKind.TOOL,
        name="bench.read",
        access=Access.READ,
        irreversible=False,
        request=request,
        request_hash=call_hash(request),
        idempotency_key=f"{run.id}:t0",
    )
