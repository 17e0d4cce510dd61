"""The drill with Slack: Ana orders, Ben approves, and Slack delivers again what nobody acknowledged."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bot.slack.conftest import member
from tests.crash.team import ORDERED, WAIT_SECONDS, TeamDrill
from tests.crash.thinking import Thinking
from tests.crash.workspace import write_workspace
from tests.emulator.fake_slack import TEAM, FakeSlack

__all__ = ["ANA", "BEN", "ORDERED", "WAIT_SECONDS", "Drill", "drill", "press_of"]

ANA = "U000000001"
BEN = "U000000002"


@dataclass
class Drill(TeamDrill):
    """A drill whose people are on Slack."""

    slack: FakeSlack = field(default_factory=lambda: FakeSlack(now=time.time))

    def environment(self) -> dict[str, str]:
        return {
            "QUARTERDECK_SLACK_BOT_TOKEN": "xoxb-drill",
            "QUARTERDECK_SLACK_APP_TOKEN": "xapp-drill",
            "QUARTERDECK_SLACK_API_URL": self.slack.api_url,
        }

    def keys(self) -> Counter[str]:
        return Counter(key for channel in self.slack.messages for key in self.slack.visible(channel))

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


@contextlib.asynccontextmanager
async def drill(folder: Path, database_url: str | None = None) -> AsyncIterator[Drill]:
    """A drill in a new folder, with its own Slack and its own model; no process of it is left when it ends."""
    slack, thinking = FakeSlack(now=time.time), Thinking(folder)
    await slack.start()
    slack.users = {account: member(account) for account in (ANA, BEN)}
    with thinking.provider:
        write_workspace(folder, thinking.provider.url)
        exercise = Drill(folder, thinking, database_url, slack=slack)
        try:
            yield exercise
        finally:
            await exercise.stop()
            await slack.stop()
    assert thinking.left_behind(WAIT_SECONDS) == []


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
