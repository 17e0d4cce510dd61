"""One drill: start the team, let it work and be killed, start it again, wait until all is done."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store.actions import Store
from store.database import Database
from store.kernel.clock import WallClock
from store.queries import approvals, runs
from store.records import Run
from tests.crash.thinking import KEY_ENV, Thinking
from tests.crash.tools import LEDGER

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60.0
ORDERED = ("worker", "thinker")


@dataclass
class TeamDrill:
    """A workspace, the model it talks to, the database it keeps, and the processes that serve it."""

    folder: Path
    thinking: Thinking
    database_url: str | None = None
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    _store: Store | None = None

    async def start(self, crash_at: str | None = None, trace: Path | None = None) -> asyncio.subprocess.Process:
        """Starts one process; it may die before it is ready when it is to crash."""
        environment = {
            **os.environ,
            **self.environment(),
            "QUARTERDECK_SWEEP_SECONDS": "1",
            "QUARTERDECK_KEEPER_TTL_SECONDS": "3",
            "QUARTERDECK_LOG_LEVEL": "warning",
            "PYTHONWARNINGS": "default",
            KEY_ENV: self.thinking.key,
        }
        given = {
            "QUARTERDECK_CRASH_AT": crash_at,
            "QUARTERDECK_DATABASE_URL": self.database_url,
            "TRACE_CRASH_POINTS": str(trace) if trace else None,
        }
        environment |= {name: value for name, value in given.items() if value is not None}
        log = (self.folder / "process.log").open("ab")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.crash.process", str(self.folder), str(_free_port())),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        log.close()
        self.processes.append(process)
        await self._ready_or_dead(process)
        return process

    async def _ready_or_dead(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), WAIT_SECONDS)

    @property
    def store(self) -> Store:
        """The team's record, to be read beside it."""
        if self._store is None:
            url = self.database_url or f"sqlite:///{self.folder / '.quarterdeck' / 'quarterdeck.db'}"
            self._store = Store(Database(url), WallClock(), lambda tx, segment: None)
        return self._store

    async def until(self, what: str, holds: Callable[[], bool], *, act: Callable[[], Any] | None = None) -> None:
        """Waits until a condition holds, acting in between; fails with the log when it does not in time."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not await asyncio.to_thread(holds):
            if time.monotonic() > deadline or self._all_dead():
                log = (self.folder / "process.log").read_text(errors="replace")[-6000:]
                raise AssertionError(f"never came true: {what}\n{log}")
            if act is not None:
                await act()
            await asyncio.sleep(0.05)

    async def until_dead(self, process: asyncio.subprocess.Process) -> None:
        """Has people act until the process has killed itself; fails when it never comes to its crash point."""
        deadline = time.monotonic() + WAIT_SECONDS
        while process.returncode is None:
            assert time.monotonic() < deadline, "the crash point was never reached"
            await self.order_and_approve()
            await asyncio.sleep(0.05)
        assert process.returncode == -signal.SIGKILL

    def _all_dead(self) -> bool:
        return all(process.returncode is not None for process in self.processes)

    async def order_and_approve(self) -> None:
        """One person orders a run of each agent that is ordered, another approves what it asks."""
        raise NotImplementedError

    def keys(self) -> Counter[str]:
        """How often each card is visible on the chat platform."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What the team's process is told of the chat platform."""
        raise NotImplementedError

    def ordered_run(self, agent: str) -> Run:
        """The one run that was ordered of an agent; fails when there is none, or a second."""
        [run] = runs.recent_runs(self.store, agent)
        return run

    def finished(self) -> bool:
        """True when every ordered run has ended."""
        if not Path(self.folder / ".quarterdeck").exists():
            return False
        with contextlib.suppress(Exception):
            return all(self._ended(agent) for agent in ORDERED)
        return False

    def _ended(self, agent: str) -> bool:
        found = runs.recent_runs(self.store, agent)
        return bool(found) and all(run.state.is_final for run in found)

    def kills(self) -> int:
        """How many processes were killed."""
        return sum(process.returncode == -signal.SIGKILL for process in self.processes)

    def ledger(self) -> Counter[tuple[str, str]]:
        """How often each call took effect: (tool, idempotency key) → times."""
        file = self.folder / LEDGER
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return Counter((line["tool"], line["key"]) for line in lines)

    def open_approvals(self) -> int:
        """How many questions wait."""
        return len(approvals.open_approvals(self.store))

    async def stop(self) -> None:
        """Ends every process that still runs."""
        for process in self.processes:
            if process.returncode is None:
                process.terminate()
        for process in self.processes:
            try:
                await asyncio.wait_for(process.wait(), 30)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._store is not None:
            self._store.database.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
