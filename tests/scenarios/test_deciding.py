"""Two people decide at the same instant, on Slack and on the console: one decision, and the other is told whose."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blocks.cards import REASON_FIELD
from blocks.tokens import Verb
from bot.cli.local_api import LocalApi
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.queries import approvals, findings, runs
from store.records import Approval, ApprovalState, RunState
from tests.bot.slack.conftest import member
from tests.emulator.fake_slack import TEAM as SLACK_TEAM
from tests.emulator.fake_slack import FakeSlack
from tests.scenarios.browser import Browser, logged_in
from tests.scenarios.commands import WAIT_SECONDS, TeamProcess, launch, until
from tests.scenarios.workspaces import write_team

ANA, BEN = "U000000001", "U000000002"
ASKERS = ("a", "b", "c", "d", "e")
EACH = 2
PAIRS = 2
SEED = 4

TEAM = """
name: Deciding
timezone: UTC
agents:
AGENTS
  pair:
    purpose: Asks two people.
    routine: ask.py
    tools: [metrics.record]
people:
  ana: {name: Ana, roles: [approver], accounts: {console: ana, slack: U000000001}}
  ben: {name: Ben, roles: [approver], accounts: {console: ben, slack: U000000002}}
  cem: {name: Cem, roles: []}
surfaces: {slack: {}}
policy:
  - {id: one, effect: human, agents: [a, b, c, d, e], tools: [metrics.record], require: {role: approver}}
  - {id: two, effect: human, agents: [pair], tools: [metrics.record], require: {role: approver, quorum: 2}}
"""
AGENT = "  NAME: {purpose: Asks., routine: ask.py, tools: [metrics.record]}\n"
ASK = """
from agents.minds.routine import ToolRefused


async def run(ctx):
    reading = {"metric": "asked", "value": "1", "unit": "", "at": ctx.due_at.isoformat()}
    try:
        await ctx.call("metrics.record", readings=[reading])
    except ToolRefused as no:
        return {"no": no.message}
"""


@dataclass
class Floor:
    """A running team, the Slack it talks to, its record, and its people at their consoles."""

    slack: FakeSlack
    store: Store
    api: LocalApi
    ana: Browser
    ben: Browser

    async def until(self, what: str, holds: Callable[[], object]) -> None:
        """Waits for a condition without holding up Slack."""
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while not await asyncio.to_thread(holds):
            assert asyncio.get_running_loop().time() < deadline, f"never came true: {what}"
            await asyncio.sleep(0.05)

    async def asked(self, agents: tuple[str, ...]) -> list[Approval]:
        """Has these agents ask, and waits until every question is on Slack."""
        for agent in agents:
            said = await asyncio.to_thread(self.api.command, f"run {agent}")
            assert said.ok, said.words
        await self.until("everybody asks", lambda: len(approvals.open_approvals(self.store)) == len(agents))
        found = approvals.open_approvals(self.store)
        await self.until("all questions are on Slack", lambda: {one.id for one in found} <= self.messages().keys())
        return found

    def messages(self) -> dict[str, dict[str, Any]]:
        """The message of each approval that shows buttons, by the approval's id."""
        found = {}
        for channel, messages in self.slack.messages.items():
            for message in messages:
                kind, _, record_id = message["metadata"]["event_payload"]["key"].partition(":")
                if kind == "approval" and _approve_button(message):
                    found[record_id] = {**message, "channel": channel}
        return found

    async def approve_on_slack(self, approval: Approval, account: str) -> str:
        """Presses Approve on the message and gives what that person is told privately."""
        told, message = len(self.slack.said_privately), self.messages()[approval.id]
        await self.slack.deliver(f"{approval.id}.{account}", "interactive", _press(message, account))
        await self.until("Slack tells the person", lambda: len(self.slack.said_privately) > told)
        return str(self.slack.said_privately[told]["text"])

    def now(self, approval: Approval) -> Approval:
        return approvals.approval(self.store, approval.id)


@asynccontextmanager
async def on_the_floor(folder: Path) -> AsyncIterator[Floor]:
    agents = "".join(AGENT.replace("NAME", name) for name in ASKERS)
    write_team(folder, TEAM.replace("AGENTS\n", agents), ask=ASK)
    slack = FakeSlack(users={account: member(account) for account in (ANA, BEN)})
    await slack.start()
    tokens = {"QUARTERDECK_SLACK_BOT_TOKEN": "xoxb-floor", "QUARTERDECK_SLACK_APP_TOKEN": "xapp-floor"}
    team = launch(folder, env={**tokens, "QUARTERDECK_SLACK_API_URL": slack.api_url})
    database = Database(f"sqlite:///{folder / '.quarterdeck' / 'quarterdeck.db'}")
    try:
        await asyncio.to_thread(team.ready)
        await asyncio.to_thread(until, "Ben is told where to log in", lambda: "ben" in team.everybody())
        urls = team.everybody()
        async with logged_in(urls[""]) as ana, logged_in(urls["ben"]) as ben:
            store = Store(database, WallClock(), lambda tx, segment: None)
            yield Floor(slack, store, LocalApi(folder, "cem"), ana, ben)
        assert await asyncio.to_thread(team.stop) == 0, team.log
        _check_log(team)
    finally:
        database.close()
        team.kill()
        await slack.stop()


def _check_log(team: TeamProcess) -> None:
    assert "Traceback" not in team.log, team.log


@pytest.mark.timeout(240)
async def test_ten_approvals_are_approved_and_rejected_at_the_same_instant(tmp_path: Path) -> None:
    staggers = random.Random(SEED)  # noqa: S311  # who is a few milliseconds ahead
    winners = Counter[str]()
    async with on_the_floor(tmp_path / "team") as floor:
        asked = [one for _ in range(EACH) for one in await floor.asked(ASKERS) if await _race(floor, one, staggers)]
        assert len(asked) == len(ASKERS) * EACH
        await floor.until(
            "every run has ended", lambda: all(run.state.is_final for run in runs.recent_runs(floor.store))
        )
        for approval in map(floor.now, asked):
            [vote] = approvals.votes(floor.store, approval.id)
            winners[vote.person_id] += 1
            assert (vote.person_id, vote.surface) in (("ben", "slack"), ("ana", "console"))
            assert approval.state is (ApprovalState.EXECUTED if vote.approve else ApprovalState.REJECTED)
            assert approval.decided_by == (vote.person_id,)
        assert {run.state for run in runs.recent_runs(floor.store, limit=100)} == {RunState.DONE}
        assert len(_readings(floor)) == winners["ben"]
    print(dict(winners))


async def _race(floor: Floor, approval: Approval, staggers: random.Random) -> bool:
    """Ben approves on Slack and Ana rejects on the console, a few milliseconds apart either way; both are answered."""
    page = await floor.ana.page(f"/approvals/{approval.id}")
    ahead_seconds = staggers.uniform(-0.02, 0.02)

    async def reject() -> dict[str, Any]:
        await asyncio.sleep(max(0.0, ahead_seconds))
        return await floor.ana.press(page.forms[Verb.REJECT], **{REASON_FIELD: "Not today."})

    async def approve() -> str:
        await asyncio.sleep(max(0.0, -ahead_seconds))
        return await floor.approve_on_slack(approval, BEN)

    console, slack = await asyncio.gather(reject(), approve())
    decided = floor.now(approval)
    if decided.state is ApprovalState.REJECTED:
        assert (console["ok"], slack) == (True, "This was already rejected by Ana in the console.")
    else:
        assert (console["ok"], console["text"]) == (False, "This was already approved by Ben on Slack.")
    return True


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_person_with_two_accounts_votes_once(tmp_path: Path) -> None:
    async with on_the_floor(tmp_path / "team") as floor:
        asked = await floor.asked(("pair",) * PAIRS)
        for approval in asked:
            await _ana_approves_twice(floor, approval)
            page = await floor.ben.page(f"/approvals/{approval.id}")
            assert (await floor.ben.press(page.forms[Verb.APPROVE]))["ok"]
        await floor.until(
            "all are executed", lambda: all(floor.now(one).state is ApprovalState.EXECUTED for one in asked)
        )
        assert {floor.now(one).decided_by for one in asked} == {("ana", "ben")}
        assert len(_readings(floor)) == PAIRS


async def _ana_approves_twice(floor: Floor, approval: Approval) -> None:
    """From both of her accounts at once: one vote counts, the other press is told why it does not."""
    page = await floor.ana.page(f"/approvals/{approval.id}")
    console, slack = await asyncio.gather(
        floor.ana.press(page.forms[Verb.APPROVE]), floor.approve_on_slack(approval, ANA)
    )
    assert {console["text"], slack} == {
        "Your vote counts; 1 more needed.",
        "You have already voted on this; one person has one vote, whatever the account.",
    }
    assert [vote.person_id for vote in approvals.votes(floor.store, approval.id)] == ["ana"]
    assert floor.now(approval).state is ApprovalState.OPEN


def _readings(floor: Floor) -> list[object]:
    return list(findings.readings(floor.store, "asked", floor.store.clock.now().replace(year=2000)))


def _approve_button(message: dict[str, Any]) -> dict[str, Any] | None:
    blocks = message["blocks"]
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    rows = [block for block in blocks if block["type"] == "actions"]
    buttons = [{**button, "block_id": row["block_id"]} for row in rows for button in row["elements"]]
    return next((button for button in buttons if button.get("text", {}).get("text") == "Approve"), None)


def _press(message: dict[str, Any], account: str) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": SLACK_TEAM},
        "user": {"id": account, "team_id": SLACK_TEAM},
        "channel": {"id": message["channel"]},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": message["channel"]},
        "trigger_id": "press.1.t",
        "actions": [{**(_approve_button(message) or {}), "action_ts": "1.1"}],
    }
