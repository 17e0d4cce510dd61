"""Bad weather: a Slack that fails in every way at random, and a sender that is killed at random while it delivers."""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from agents.roster import Team
from bot.workspace import load_workspace
from store.actions import Store
from store.actions.incidents import record_incident
from store.database import Database
from store.kernel.clock import WallClock
from store.migrate import migrate
from store.queries import cards
from tests.emulator.fake_slack import FakeSlack, Fault

ROOT = Path(__file__).parents[2]
AGENTS = tuple(f"agent-{number}" for number in range(8))
CALL_SECONDS = 0.4

_AGENT = "  {id}: {{name: {id}, purpose: Is one of many., routine: idle.py, tools: []}}"
_TEAM = """
name: Storm
timezone: UTC
agents:
{agents}
people: {{ana: {{name: Ana, roles: [approver], accounts: {{console: ana}}}}}}
surfaces: {{console: {{}}, slack: {{}}}}
policy: watch-only
"""


def write_team(folder: Path) -> None:
    """A team with a channel for each of its agents."""
    folder.mkdir(parents=True)
    (folder / "idle.py").write_text("async def run(ctx):\n    return {}\n")
    (folder / "team.yaml").write_text(_TEAM.format(agents="\n".join(_AGENT.format(id=each) for each in AGENTS)))


def load_team(folder: Path) -> Team:
    return load_workspace(folder, known_tools={})


@dataclass
class StormySlack(FakeSlack):
    """Of every 100 posts, edits and look-ups 10 meet a 429, 5 a 503 and 5 a time-out.

    Of the last ten, half have been carried out all the same.

    `sent` is what was written, by message, in order: the revision of each version.
    """

    chance: random.Random = field(default_factory=random.Random)
    sent: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    met: Counter[str] = field(default_factory=Counter)
    calm: bool = False

    def _next_fault(self, method: str) -> Fault | None:
        self.met[method] += 1
        if self.calm or method not in ("chat.postMessage", "chat.update", "conversations.history"):
            return None
        fault = _fault(self.chance.random())
        if fault is not None:
            self.met[fault.name] += 1
        return fault

    def _carry_out(self, method: str, form: dict[str, str]) -> dict[str, Any]:
        answer = super()._carry_out(method, form)
        if answer["ok"] and method in ("chat.postMessage", "chat.update"):
            revision = json.loads(form["metadata"])["event_payload"]["revision"]
            self.sent[form["channel"], str(answer["ts"])].append(revision)
        return answer


def _fault(chance: float) -> Fault | None:
    weather = (
        (0.10, Fault.RATE_LIMITED),
        (0.125, Fault.SERVER_ERROR),
        (0.15, Fault.SERVER_ERROR_AFTER),
        (0.175, Fault.SILENT),
        (0.20, Fault.SILENT_AFTER),
    )
    return next((fault for below, fault in weather if chance < below), None)


@dataclass
class Storm:
    """So many cards, so often changed, while the sender is killed so often."""

    folder: Path
    cards: int
    kills: int
    seed: int
    slack: StormySlack = field(default_factory=StormySlack)
    killed: int = 0
    chance: random.Random = field(default_factory=random.Random)
    store: Store = field(init=False)

    async def blow(self) -> None:
        """Runs until every card is delivered as it stands."""
        self.chance = random.Random(self.seed)  # noqa: S311 - weather, not secrets
        self.slack.chance = random.Random(self.seed + 1)  # noqa: S311 - weather, not secrets
        self.slack.retry_after, self.slack.now = "0", time.time
        await self.slack.start()
        try:
            write_team(self.folder)
            self.store = self._open()
            await asyncio.gather(self._write(), self._send())
        finally:
            await self.slack.stop()
            self.store.database.close()

    def _open(self) -> Store:
        database = Database(self._url)
        migrate(database)
        return Store(database, WallClock(), lambda tx, segment: None)

    async def _write(self) -> None:
        """Makes the cards, and changes some of them again and again meanwhile."""
        for number in range(self.cards):
            await asyncio.to_thread(self._strike, number)
            while self.chance.random() < 0.3:
                await asyncio.to_thread(self._strike, self.chance.randrange(number + 1))

    def _strike(self, number: int) -> None:
        record_incident(
            self.store,
            cause=f"cause-{number}",
            kind="bug",
            title=f"Trouble {number}",
            detail="It happened.",
            next_step="Look.",
            agent_id=AGENTS[number % len(AGENTS)],
        )

    async def _send(self) -> None:
        moments = sorted(self.chance.randrange(self.cards) for _ in range(self.kills))
        for moment in moments:
            process = await self._start()
            await self._until(partial(self._has_shown, moment), process)
            await asyncio.sleep(self.chance.random() * CALL_SECONDS)
            process.send_signal(signal.SIGKILL)
            self.killed += await process.wait() == -signal.SIGKILL
        process = await self._start()
        await self._until(self._all_delivered, process)
        process.kill()
        await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        arguments = ("-m", "tests.scenarios.storm_sender", str(self.folder), self.slack.api_url)
        with (self.folder / "sender.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, *arguments, cwd=ROOT, env=dict(os.environ), stderr=log
            )

    async def _until(self, holds: Any, process: asyncio.subprocess.Process) -> None:
        while not await asyncio.to_thread(holds):
            assert process.returncode is None, (self.folder / "sender.log").read_text()[-3000:]
            await asyncio.sleep(0.05)

    def _has_shown(self, messages: int) -> bool:
        return self._visible() >= messages

    def _visible(self) -> int:
        return sum(len(messages) for messages in self.slack.messages.values())

    def _all_delivered(self) -> bool:
        if self._visible() < self.cards or len(self.keys()) < self.cards:
            return False
        return not cards.due_deliveries(self.store, "slack", self.store.clock.now().replace(year=9999), limit=1)

    def reopened(self) -> Database:
        """The record's database, after the storm."""
        return Database(self._url)

    @property
    def _url(self) -> str:
        return f"sqlite:///{self.folder / 'storm.db'}"

    def shown(self) -> dict[str, int]:
        """Which revision of each card is visible."""
        payloads = (m["metadata"]["event_payload"] for channel in self.slack.messages.values() for m in channel)
        return {payload["key"]: payload["revision"] for payload in payloads}

    def lost(self) -> int:
        """How many posts and edits were carried out without an answer."""
        return self.slack.met[Fault.SERVER_ERROR_AFTER.name] + self.slack.met[Fault.SILENT_AFTER.name]

    def keys(self) -> Counter[str]:
        """How often each card is visible."""
        return Counter(key for channel in list(self.slack.messages) for key in self.slack.visible(channel))
