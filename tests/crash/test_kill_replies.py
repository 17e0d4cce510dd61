"""kill -9 while people reply to a run: each reply reaches it once, and the run that goes on has heard the same."""

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
from store.queries.messages import messages
from store.records import RunState
from tests.crash.drill import ANA, WAIT_SECONDS, Drill, drill
from tests.emulator.fake_slack import TEAM as WORKSPACE
from tests.emulator.surfaces import BOT

REPLIES = 5
TEAM = f"""
name: Reply Drill
timezone: UTC
agents:
  desk:
    purpose: Listens.
    routine: desk.py
    tools: []
    limits: {{steps: 1000}}
people:
  ana: {{name: Ana, roles: [approver], accounts: {{console: ana, slack: {ANA}}}}}
policy: watch-only
surfaces: {{console: {{}}, slack: {{}}}}
"""
DESK = f"""
import asyncio

async def run(ctx):
    texts = []
    while len(texts) < {REPLIES}:
        texts += [message.text for message in await ctx.messages()]
        await asyncio.sleep(0.05)
    return {{"texts": texts}}
"""
STEMS = (
    "surface.answer",
    "tx.inbox.close",
    "tx.inbox.receive",
    "tx.messages.add",
    "tx.runs.finish",
    "tx.steps.record_read",
)
QUICK = ("tx.messages.add.after",)
POINTS = [f"{stem}.{when}" for stem in STEMS for when in ("before", "after")]


@contextlib.asynccontextmanager
async def reply_drill(folder: Path) -> AsyncIterator[Drill]:
    """A drill whose team listens."""
    async with drill(folder) as exercise:
        (folder / "team.yaml").write_text(TEAM)
        (folder / "desk.py").write_text(DESK)
        yield exercise


class Talker:
    """Ana orders a run and replies in its thread; what nobody acknowledged is delivered again, some of it twice."""

    def __init__(self, exercise: Drill) -> None:
        self._exercise = exercise

    @property
    def texts(self) -> list[str]:
        return [f"word {number}" for number in range(REPLIES)]

    async def talk(self) -> None:
        """What is still to be said."""
        slack = self._exercise.slack
        with contextlib.suppress(ConnectionError, IndexError):
            if not slack.acknowledged("order"):
                await slack.deliver("order", "slash_commands", self._order())
            for number, text in enumerate(self.texts):
                for channel, card in self._cards():
                    if not slack.acknowledged(f"r{number}"):
                        for _ in range(1 + number % 2):
                            await slack.deliver(f"r{number}", "events_api", self._reply(number, text, channel, card))
        await asyncio.sleep(0.1)

    def done(self) -> bool:
        """True when the run has ended."""
        with contextlib.suppress(Exception):
            return [run.state for run in runs.recent_runs(self._exercise.store, "desk")] == [RunState.DONE]
        return False

    def _cards(self) -> list[tuple[str, str]]:
        """Channel and ts of the run's card, once it is visible."""
        return [
            (channel, message["ts"])
            for channel, shown in self._exercise.slack.messages.items()
            for message in shown
            if message["metadata"]["event_payload"]["key"].startswith("run:")
        ]

    def _order(self) -> dict[str, Any]:
        who = {"team_id": WORKSPACE, "user_id": ANA, "channel_id": "C1"}
        way_back = f"{self._exercise.slack.url}/respond"
        return {"command": "/deck", "text": "run desk", **who, "trigger_id": "1.1.t", "response_url": way_back}

    def _reply(self, number: int, text: str, channel: str, card: str) -> dict[str, Any]:
        ts = f"1795000000.{number:06d}"
        where = {"channel": channel, "channel_type": "channel", "thread_ts": card, "parent_user_id": BOT}
        inner = {"type": "message", "user": ANA, "text": text, "ts": ts, "event_ts": ts, **where}
        granted = [{"user_id": BOT, "is_bot": True}]
        body = {"type": "event_callback", "team_id": WORKSPACE, "event_id": f"Ev{number}", "event": inner}
        return {**body, "authorizations": granted}


async def kill_and_restart(exercise: Drill, point: str) -> None:
    talker = Talker(exercise)
    process = await exercise.start(crash_at=point)
    deadline = time.monotonic() + WAIT_SECONDS
    while process.returncode is None:
        assert time.monotonic() < deadline, "the crash point was never reached"
        await talker.talk()
    assert process.returncode == -signal.SIGKILL
    await exercise.start()
    await exercise.until(f"all is heard after {point}", talker.done, act=talker.talk)
    [run] = runs.recent_runs(exercise.store, "desk")
    kept = messages(exercise.store, run.id)
    assert [one.position for one in kept] == list(range(1, REPLIES + 1))
    assert sorted(one.text for one in kept) == talker.texts
    assert run.result == {"texts": [one.text for one in kept]}
    assert verify_audit(exercise.store)[1] is None


@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", QUICK)
async def test_killed_at_a_telling_point(tmp_path: Path, point: str) -> None:
    async with reply_drill(tmp_path / "team") as exercise:
        await kill_and_restart(exercise, point)


@pytest.mark.slow
@pytest.mark.timeout(WAIT_SECONDS * 3)
@pytest.mark.parametrize("point", [point for point in POINTS if point not in QUICK])
async def test_killed_at_every_point(tmp_path: Path, point: str) -> None:
    async with reply_drill(tmp_path / "team") as exercise:
        await kill_and_restart(exercise, point)
