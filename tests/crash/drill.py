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
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store.actions import Store
from store.database import Database
from store.kernel.clock import WallClock
from store.queries import approvals, runs
from store.records import Run
from tests.bot.slack.conftest import member
from tests.crash.thinking import KEY_ENV, Thinking
from tests.crash.tools import LEDGER
from tests.crash.workspace import write_workspace
from tests.emulator.fake_slack import TEAM, FakeSlack

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60.0
ORDERED = ("worker", "thinker")
ANA = "U000000001"
BEN = "U000000002"


@dataclass
class Drill:
    """A workspace, the Slack and the model it talks to, the database it keeps, and the processes that serve it."""

    folder: Path
    slack: FakeSlack
    thinking: Thinking
    database_url: str | None = None
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    _store: Store | None = None

    async def start(self, crash_at: str | None = None, trace: Path | None = None) -> asyncio.subprocess.Process:
        """Starts one process; it may die before it is ready when it is to crash."""
        environment = {
            **os.environ,
            "QUARTERDECK_SLACK_BOT_TOKEN": "xoxb-drill",
            "QUARTERDECK_SLACK_APP_TOKEN": "xapp-drill",
            "QUARTERDECK_SLACK_API_URL": self.slack.api_url,
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
        """One person orders a run, another approves what it asks; Slack redelivers what is not acknowledged."""
        await self.order()
        with contextlib.suppress(ConnectionError):
            for approval_id, message in self.questions().items() if self.slack.sockets else ():
                if not self.slack.acknowledged(approval_id):
                    await self.slack.deliver(approval_id, "interactive", press_of(message))
        await asyncio.sleep(0.1)

    async def order(self) -> None:
        """One person says `/deck run …` for each agent that is ordered, again while nobody acknowledged it."""
        for agent in ORDERED:
            if self.slack.sockets and not self.slack.acknowledged(agent):
                with contextlib.suppress(ConnectionError):
                    await self.slack.deliver(agent, "slash_commands", _order(self.slack, agent))

    def questions(self) -> dict[str, dict[str, Any]]:
        """Approval cards that can be pressed, by card key, as Slack shows them."""
        found = {}
        for channel, messages in self.slack.messages.items():
            for message in messages:
                key = message["metadata"]["event_payload"]["key"]
                if key.startswith("approval:") and _buttons(message):
                    found[key] = {**message, "channel": channel}
        return found

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


@contextlib.asynccontextmanager
async def drill(folder: Path, database_url: str | None = None) -> AsyncIterator[Drill]:
    """A drill in a new folder, with its own Slack and its own model; no process of it is left when it ends."""
    slack, thinking = FakeSlack(now=time.time), Thinking(folder)
    await slack.start()
    slack.users = {account: member(account) for account in (ANA, BEN)}
    with thinking.provider:
        write_workspace(folder, thinking.provider.url)
        exercise = Drill(folder, slack, thinking, database_url)
        try:
            yield exercise
        finally:
            await exercise.stop()
            await slack.stop()
    assert thinking.left_behind(WAIT_SECONDS) == []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _order(slack: FakeSlack, agent: str) -> dict[str, Any]:
    return {
        "command": "/deck",
        "text": f"run {agent}",
        "team_id": TEAM,
        "user_id": ANA,
        "channel_id": "C1",
        "trigger_id": f"{agent}.1.t",
        "response_url": f"{slack.url}/respond",
    }


def _buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = message["blocks"]
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    rows = [block for block in blocks if block["type"] == "actions"]
    return [
        {**element, "block_id": row["block_id"]} for row in rows for element in row["elements"] if element.get("value")
    ]


def press_of(message: dict[str, Any], button: int = 0) -> dict[str, Any]:
    """What Slack sends when Ben presses the `button`-th button of a message."""
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": BEN, "team_id": TEAM},
        "channel": {"id": message["channel"]},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": message["channel"]},
        "trigger_id": "press.1.t",
        "actions": [{**_buttons(message)[button], "action_ts": "1.1"}],
    }
