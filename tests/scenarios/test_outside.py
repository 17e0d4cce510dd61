"""Slack and the model are not there, or say no: the team works on, says so, and catches up when they are back."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import exits
from bot.cli.local_api import LocalApi
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.queries import runs
from store.records import Run, RunState
from tests.agents.models.provider import Provider, fails, says
from tests.emulator.fake_slack import FakeSlack, Fault
from tests.scenarios.commands import WAIT_SECONDS, TeamProcess, here, launch, quarterdeck, team_up, until
from tests.scenarios.workspaces import write_team

TEAM = """
name: Outside
timezone: UTC
agents:
  helper:
    purpose: Does what it is ordered.
    routine: help.py
    tools: [metrics.record]
  writer:
    purpose: Writes.
    prompt: writer.md
    MODEL
    tools: [notes.changes]
people:
  ana: {roles: [approver], accounts: {slack: U000000001}}
policy: trusted
"""
SLACK = "surfaces: {slack: {}}\n"
MODELS = """
models:
  small:
    id: openai/some-model
    api_base: URL
    key_env: SOME_MODEL_KEY
    input_usd_per_million: 0.25
    output_usd_per_million: 2.00
"""
HELP = """
async def run(ctx):
    reading = {"metric": "help", "value": "1", "unit": "", "at": ctx.due_at.isoformat()}
    await ctx.call("metrics.record", readings=[reading])
"""
KEY = "sk-made-up-for-this-test-1234567890"
TOKENS = {"QUARTERDECK_SLACK_BOT_TOKEN": "xoxb-made-up-token", "QUARTERDECK_SLACK_APP_TOKEN": "xapp-made-up-token"}
REPORT = '{"summary": "Nothing to write about.", "cannot_see": []}'


def workspace(folder: Path, models: str = "", surfaces: str = "") -> Path:
    text = TEAM.replace("    MODEL\n", "    model: small\n" if models else "")
    write_team(folder, text + surfaces + models, help=HELP)
    (folder / "writer.md").write_text("You write.")
    return folder


@dataclass
class Team:
    """A running team and its record."""

    folder: Path
    process: TeamProcess
    store: Store

    def order(self, agent: str) -> None:
        said = LocalApi(self.folder, None).command(f"run {agent}")
        assert said.ok, said.words

    def last(self, agent: str) -> Run:
        return runs.recent_runs(self.store, agent)[0]


@asynccontextmanager
async def running(folder: Path, slack: FakeSlack) -> AsyncIterator[Team]:
    """A team that talks to this Slack, which lives in the test's own loop."""
    process = launch(folder, env={**TOKENS, "QUARTERDECK_SLACK_API_URL": slack.api_url})
    database = Database(f"sqlite:///{folder / '.quarterdeck' / 'quarterdeck.db'}")
    try:
        await asyncio.to_thread(process.ready)
        yield Team(folder, process, Store(database, WallClock(), lambda tx, segment: None))
        assert await asyncio.to_thread(process.stop) == 0, process.log
        assert "Traceback" not in process.log, process.log
    finally:
        database.close()
        process.kill()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    fake = FakeSlack()
    await fake.start()
    yield fake
    await fake.stop()


async def eventually(what: str, holds: Callable[[], object]) -> None:
    """`until` for a test whose loop Slack lives in."""
    await asyncio.to_thread(until, what, holds)


async def test_slack_cannot_be_reached(tmp_path: Path, slack: FakeSlack) -> None:
    slack.faults["auth.test"] = deque([Fault.LOST] * 100)
    async with running(workspace(tmp_path / "team", surfaces=SLACK), slack) as team:
        await eventually("it says so", lambda: re.search(r"^slack: .*auth\.test", team.process.log, re.MULTILINE))
        await asyncio.to_thread(team.order, "helper")
        await eventually("the team works all the same", lambda: team.last("helper").state is RunState.DONE)
        assert slack.messages == {}
        slack.faults["auth.test"].clear()
        card = f"run:{team.last('helper').id}"
        await eventually("the card is there when Slack is", lambda: card in _shown(slack))
        assert _shown(slack).count(card) == 1


def _shown(slack: FakeSlack) -> list[str]:
    return [key for channel in list(slack.messages) for key in slack.visible(channel)]


async def test_slack_refuses_the_token(tmp_path: Path, slack: FakeSlack) -> None:
    slack.refuse["auth.test"] = lambda form: "invalid_auth"
    folder = workspace(tmp_path / "team", surfaces=SLACK)
    env = {**TOKENS, "QUARTERDECK_SLACK_API_URL": slack.api_url}
    done = await asyncio.to_thread(quarterdeck, "up", folder, "--port", 0, env=env)
    assert (done.returncode, done.stdout) == (exits.MISTAKE, "")
    assert "invalid_auth" in done.stderr
    assert "Copy the token again from your Slack app." in done.stderr
    assert "Traceback" not in done.stderr
    assert "made-up-token" not in done.stderr
    looked = await asyncio.to_thread(quarterdeck, "doctor", "-w", folder, env=env)
    assert (looked.returncode, looked.stderr) == (exits.MISTAKE, "")
    assert "FAIL slack: Slack refuses the bot token: invalid_auth." in looked.stdout
    assert "made-up-token" not in looked.stdout


def test_slack_is_named_and_has_no_token(tmp_path: Path) -> None:
    with team_up(workspace(tmp_path / "team", surfaces=SLACK)) as team:
        until("it says so", lambda: "slack: switched off, as there is no token for it" in team.log)


@pytest.mark.timeout(240)
def test_the_model_is_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Provider() as provider:
        folder = workspace(tmp_path / "team", models=MODELS.replace("URL", f"{provider.url}/v1"))
        database = Database(f"sqlite:///{folder / '.quarterdeck' / 'quarterdeck.db'}")
        with team_up(folder, env={"SOME_MODEL_KEY": KEY, "QUARTERDECK_LOG_LEVEL": "warning"}) as process:
            team = Team(folder, process, Store(database, WallClock(), lambda tx, segment: None))
            provider.plan(*[fails(503)] * 20)
            team.order("writer")
            team.order("helper")
            until("the others work", lambda: team.last("helper").state is RunState.DONE)
            until("it gives up", lambda: team.last("writer").state.is_final, within_seconds=WAIT_SECONDS * 2)
            assert team.last("writer").state is RunState.FAILED
            assert "small" in str(team.last("writer").reason)
            assert str(team.last("writer").reason) in here(
                capsys, "cards", "-w", folder, "--kind", "run", "--as", "text"
            )
            provider.plan(says(REPORT), says(REPORT))
            team.order("writer")
            until("it works when the model does", lambda: team.last("writer").state.is_final)
            assert team.last("writer").state is RunState.DONE, team.last("writer")
        database.close()
        assert "Traceback" not in process.log, process.log
        assert KEY not in process.log
