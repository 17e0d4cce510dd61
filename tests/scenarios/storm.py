"""Bad weather: a platform that fails in every way at random, and a sender that is killed at random meanwhile."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from agents.roster import Team
from bot.workspace import load_workspace
from store.actions import Store
from store.actions.incidents import record_incident
from store.database import Database
from store.kernel.clock import WallClock
from store.migrate import migrate
from store.queries import cards

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
surfaces: {{console: {{}}, {surface}}}
policy: watch-only
"""


def write_team(folder: Path, surface: str = "slack: {}") -> None:
    """A team with a channel for each of its agents."""
    folder.mkdir(parents=True)
    (folder / "idle.py").write_text("async def run(ctx):\n    return {}\n")
    agents = "\n".join(_AGENT.format(id=each) for each in AGENTS)
    (folder / "team.yaml").write_text(_TEAM.format(agents=agents, surface=surface))


def load_team(folder: Path) -> Team:
    return load_workspace(folder, known_tools={})


class Platform(Protocol):
    """Where the cards are to be seen, in bad weather."""

    surface: str
    in_team: str
    """How the team's file says that it is there."""

    @property
    def arguments(self) -> Sequence[str]:
        """What the sender has to be told to find it; known once it has started."""
        ...

    async def start(self, chance: random.Random) -> None: ...

    async def stop(self) -> None: ...

    def messages(self) -> int:
        """How many cards are visible, each as often as it is."""
        ...

    def keys(self) -> Counter[str]:
        """How often each card is visible."""
        ...

    def shown(self) -> Mapping[str, int]:
        """Which revision of each card is visible."""
        ...

    def versions(self) -> Sequence[Sequence[int]]:
        """What was written, by message, in order: the revision of each version."""
        ...

    def lost(self) -> int:
        """How many posts and edits were carried out without an answer."""
        ...


@dataclass
class Storm:
    """So many cards, so often changed, while the sender is killed so often."""

    folder: Path
    cards: int
    kills: int
    seed: int
    platform: Platform
    killed: int = 0
    chance: random.Random = field(default_factory=random.Random)
    store: Store = field(init=False)

    async def blow(self) -> None:
        """Runs until every card is delivered as it stands."""
        self.chance = random.Random(self.seed)  # noqa: S311 - weather, not secrets
        await self.platform.start(random.Random(self.seed + 1))  # noqa: S311 - weather, not secrets
        try:
            write_team(self.folder, self.platform.in_team)
            self.store = self._open()
            await asyncio.gather(self._write(), self._send())
        finally:
            await self.platform.stop()
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
            await self._send_until(partial(self._has_shown, moment), self.chance.random() * CALL_SECONDS)
            self.killed += 1
        await self._send_until(self._all_delivered)

    async def _send_until(self, holds: Callable[[], bool], and_so_long_seconds: float = 0.0) -> None:
        """Lets a sender work until then, and kills it wherever it is."""
        arguments = ("-m", "tests.scenarios.storm_sender", str(self.folder), *self.platform.arguments)
        with (self.folder / "sender.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, cwd=ROOT, env=dict(os.environ), stderr=log
            )
        try:
            await self._until(holds, process)
            await asyncio.sleep(and_so_long_seconds)
        finally:
            process.kill()
            code = await process.wait()
        assert code == -signal.SIGKILL, "it had ended by itself"

    async def _until(self, holds: Callable[[], bool], process: asyncio.subprocess.Process) -> None:
        while not await asyncio.to_thread(holds):
            assert process.returncode is None, (self.folder / "sender.log").read_text()[-3000:]
            await asyncio.sleep(0.05)

    def _has_shown(self, messages: int) -> bool:
        return self.platform.messages() >= messages

    def _all_delivered(self) -> bool:
        if self.platform.messages() < self.cards or len(self.platform.keys()) < self.cards:
            return False
        return not cards.due_deliveries(
            self.store, self.platform.surface, self.store.clock.now().replace(year=9999), limit=1
        )

    def reopened(self) -> Database:
        """The record's database, after the storm."""
        return Database(self._url)

    @property
    def _url(self) -> str:
        return f"sqlite:///{self.folder / 'storm.db'}"
