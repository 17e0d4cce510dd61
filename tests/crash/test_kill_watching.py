"""kill -9 while a channel is watched: every message is in exactly one run that is done, whatever is dropped."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from store.queries import runs
from store.queries.audit import verify_audit
from store.records import RunState
from tests.bot.slack.payloads import event
from tests.crash.drill import WAIT_SECONDS, Drill, drill

CHANNEL = "C0ALERTS1"
MESSAGES = 12
TEAM = f"""
name: Watch Drill
timezone: UTC
agents:
  desk:
    purpose: Reads alerts.
    routine: desk.py
    tools: [channel.read]
    watches:
      alerts: {{channel: {CHANNEL}, since: 1d, on_arrival: true, settle: 1s, at_most: 60/h}}
people:
  ana: {{name: Ana, roles: [approver], accounts: {{console: ana, slack: U000000001}}}}
policy: watch-only
surfaces: {{console: {{}}, slack: {{}}}}
"""
DESK = """
async def run(ctx):
    texts, more = [], True
    while more:
        page = await ctx.call("channel.read", limit=2)
        texts += [message["text"] for message in page["messages"]]
        more = page["more"]
    return {"texts": texts}
"""
STEMS = (
    "surface.history",
    "tool.execute",
    "tx.arrivals.start",
    "tx.inbox.receive",
    "tx.runs.finish",
    "tx.steps.record_read",
    "tx.watching.claim",
    "tx.workspace.adopt",
    "tx.watching.keep",
)
QUICK = ("tx.watching.claim.after",)
POINTS = [f"{stem}.{when}" for stem in STEMS for when in ("before", "after")]


@contextlib.asynccontextmanager
async def watch_drill(folder: Path, database_url: str | None = None) -> AsyncIterator[Drill]:
    """A drill whose team is the one that watches."""
    async with drill(folder, database_url) as exercise:
        (folder / "team.yaml").write_text(TEAM)
        (folder / "desk.py").write_text(DESK)
        yield exercise


class Alerts:
    """An app that writes an alert now and then; Slack drops the event of every third, and delivers others twice."""

    def __init__(self, exercise: Drill) -> None:
        self._exercise = exercise
        self._written: list[dict[str, Any]] = []
        self._first = int(time.time()) - MESSAGES
        self._refreshed = False

    async def write(self) -> None:
        """One more alert, and what Slack still owes of the earlier ones."""
        number = len(self._written)
        if number < MESSAGES:
            ts = f"{self._first + number}.000100"
            alert = {"type": "message", "bot_id": "B0GRAFANA", "ts": ts, "text": f"alert {number}"}
            self._written.append(alert)
            self._exercise.slack.write(CHANNEL, alert)
        elif self._exercise.slack.sockets and not self._refreshed:
            with contextlib.suppress(ConnectionError):
                await self._exercise.slack.disconnect()
                self._refreshed = True  # a new connection, as every few hours: what was dropped is found then
        with contextlib.suppress(ConnectionError, IndexError):
            for told, alert in enumerate(self._written):
                if told % 3 and not self._exercise.slack.acknowledged(f"a{told}"):
                    for _ in range(1 + told % 2):
                        await self._exercise.slack.deliver(f"a{told}", "events_api", event(alert, CHANNEL))
        await asyncio.sleep(0.1)

    @property
    def texts(self) -> list[str]:
        return [f"alert {number}" for number in range(MESSAGES)]

    def read(self) -> list[str]:
        """What the runs that are done have read, in the order they ended."""
        done = [run for run in runs.recent_runs(self._exercise.store, "desk") if run.state is RunState.DONE]
        ended = sorted(done, key=lambda run: (run.finished_at or run.created_at, run.id))
        return [str(text) for run in ended for text in (run.result or {}).get("texts", [])]  # type: ignore[union-attr] # the routine gives a list

    def all_read(self) -> bool:
        with contextlib.suppress(Exception):
            return len(self._written) == MESSAGES and len(self.read()) >= MESSAGES
        return False


async def kill_and_restart(exercise: Drill, point: str) -> None:
    alerts = Alerts(exercise)
    await alerts.write()
    process = await exercise.start(crash_at=point)
    deadline = time.monotonic() + WAIT_SECONDS
    while process.returncode is None:
        assert time.monotonic() < deadline, "the crash point was never reached"
        await alerts.write()
    assert process.returncode == -signal.SIGKILL
    await exercise.start()
    await exercise.until(f"all is read after {point}", alerts.all_read, act=alerts.write)
    assert sorted(alerts.read(), key=alerts.texts.index) == alerts.texts
    assert verify_audit(exercise.store)[1] is None


@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", QUICK)
async def test_killed_at_a_telling_point(tmp_path: Path, point: str) -> None:
    async with watch_drill(tmp_path / "team") as exercise:
        await kill_and_restart(exercise, point)


@pytest.mark.slow
@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", [point for point in POINTS if point not in QUICK])
async def test_killed_at_every_point(tmp_path: Path, point: str) -> None:
    async with watch_drill(tmp_path / "team") as exercise:
        await kill_and_restart(exercise, point)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", ["tx.watching.claim.after", "tx.watching.keep.before", "tx.runs.finish.after"])
async def test_killed_on_postgresql(tmp_path: Path, postgres_database_url: str, point: str) -> None:
    async with watch_drill(tmp_path / "team", postgres_database_url) as exercise:
        await kill_and_restart(exercise, point)
