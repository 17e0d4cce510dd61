"""The team that is measured: agents that do nothing but call tools which do nothing, through the whole gate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.tools.builtin import builtin_tools
from agents.tools.builtin.shapes import closed
from agents.tools.registry import Registry
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from bot.foundation import Foundation, lay_foundation
from bot.settings import Settings
from store.kernel.canonical import JsonObject
from store.records import SYSTEM, Access, Trigger, TriggerKind

WRITER, READER, ASKER = "writer", "reader", "asker"
MAX_STEPS = 1_000
PERSON = "ana"

_ROUTINE = """
async def run(ctx):
    for n in range(ctx.input["count"]):
        await ctx.call(ctx.settings["tool"], n=ctx.input["first"] + n)
    return {}
"""


@dataclass(frozen=True)
class Chat:
    """The platform the team is on, how its file says so, and the accounts there of those who may approve."""

    surface: str
    accounts: tuple[str, ...]
    in_team: Mapping[str, str] = field(default_factory=dict)


def lay_team(
    folder: Path, database_url: str, *, askers: int = 1, people: int = 1, chat: Chat | None = None, **settings: Any
) -> Foundation:
    """Writes the workspace into a folder and lays its foundation on a database of the caller's.

    `askers` and `people` are how many agents ask and how many people may approve; `chat` is where they are, None for
    Slack; `settings` are more of the program's own, Slack's for example.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = chat or Chat("slack", slack_accounts(people))
    (folder / "team.yaml").write_text(json.dumps(_team(asking_agents(askers), place)))
    (folder / "many.py").write_text(_ROUTINE)
    given = Settings(database_url=database_url, log_level="warning", console_port=0, **settings)
    return lay_foundation(folder, given, tools=_tools())


def asking_agents(count: int) -> tuple[str, ...]:
    """The ids of the agents that ask."""
    return (ASKER, *(f"{ASKER}-{number}" for number in range(2, count + 1)))


def slack_accounts(people: int) -> tuple[str, ...]:
    """The Slack accounts of those who may approve."""
    return tuple(f"U0BENCH{number:03}" for number in range(people))


def trigger(key: str, count: int, first: int = 0) -> Trigger:
    """What starts a run of `count` calls, numbered from `first`."""
    return Trigger(kind=TriggerKind.MANUAL, key=key, initiator=SYSTEM, input={"count": count, "first": first})


def _team(askers: Sequence[str], chat: Chat) -> dict[str, Any]:
    """The workspace as it stands in its file; JSON is YAML."""
    names = (PERSON, *(f"{PERSON}-{number}" for number in range(1, len(chat.accounts))))
    accounts = dict(zip(names, chat.accounts, strict=True))
    asks = {"id": "asks", "effect": "human", "agents": list(askers), "tools": ["bench.ask"]}
    return {
        "name": "Benchmark",
        "timezone": "UTC",
        "agents": {
            WRITER: _agent("Writes.", "bench.write"),
            READER: _agent("Reads.", "bench.read"),
            **{each: _agent("Asks.", "bench.ask") for each in askers},
        },
        "people": {
            name: {"name": name.title(), "roles": ["approver"], "accounts": {"console": name, chat.surface: account}}
            for name, account in accounts.items()
        },
        "surfaces": {"console": {}, chat.surface: dict(chat.in_team)},
        "policy": [
            {"id": "reads", "effect": "allow", "agents": [READER], "tools": ["bench.read"]},
            {"id": "writes", "effect": "allow", "agents": [WRITER], "tools": ["bench.write"]},
            {**asks, "require": {"role": "approver", "expires": "1h"}},
        ],
        "budgets": {"run": {"steps": MAX_STEPS, "cost_usd": 1, "wall": "10m"}},
    }


def _agent(purpose: str, tool: str) -> dict[str, Any]:
    return {"purpose": purpose, "routine": "many.py", "tools": [tool], "settings": {"tool": tool}}


async def _nothing(call: ToolCall, _: Means) -> JsonObject:
    return {"n": call.arguments["n"]}


def _tool(name: str, access: Access) -> Tool:
    number = closed({"n": {"type": "integer"}})
    spec = ToolSpec(
        name=name, description="Does nothing.", arguments=number, result=number, access=access, idempotent=True
    )
    return Tool(spec=spec, run=_nothing, summarise=lambda arguments: f"Does nothing, {arguments['n']}")


def _tools() -> Registry:
    measured = (_tool("bench.read", Access.READ), _tool("bench.write", Access.WRITE), _tool("bench.ask", Access.WRITE))
    return Registry((*builtin_tools(), *measured))
