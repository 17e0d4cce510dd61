"""The team that is measured: agents that do nothing but call tools which do nothing, through the whole gate."""

from pathlib import Path

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

_TEAM = f"""
name: Benchmark
timezone: UTC
agents:
  writer: {{name: Writer, purpose: Writes., routine: many.py, tools: [bench.write], settings: {{tool: bench.write}}}}
  reader: {{name: Reader, purpose: Reads., routine: many.py, tools: [bench.read], settings: {{tool: bench.read}}}}
  asker: {{name: Asker, purpose: Asks., routine: many.py, tools: [bench.ask], settings: {{tool: bench.ask}}}}
people:
  {PERSON}: {{name: Ana, roles: [approver], accounts: {{console: ana}}}}
surfaces: {{console: {{}}}}
policy:
  - {{id: reads, effect: allow, agents: [reader], tools: [bench.read]}}
  - {{id: writes, effect: allow, agents: [writer], tools: [bench.write]}}
  - {{id: asks, effect: human, agents: [asker], tools: [bench.ask], require: {{role: approver, expires: 1h}}}}
budgets: {{run: {{steps: {MAX_STEPS}, cost_usd: 1, wall: 10m}}}}
"""

_ROUTINE = """
async def run(ctx):
    for n in range(ctx.input["count"]):
        await ctx.call(ctx.settings["tool"], n=ctx.input["first"] + n)
    return {}
"""


def lay_team(folder: Path, database_url: str) -> Foundation:
    """Writes the workspace into a folder and lays its foundation on a database of the caller's."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "team.yaml").write_text(_TEAM)
    (folder / "many.py").write_text(_ROUTINE)
    settings = Settings(database_url=database_url, log_level="warning", console_port=0)
    return lay_foundation(folder, settings, tools=_tools())


def trigger(key: str, count: int, first: int = 0) -> Trigger:
    """What starts a run of `count` calls, numbered from `first`."""
    return Trigger(kind=TriggerKind.MANUAL, key=key, initiator=SYSTEM, input={"count": count, "first": first})


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
