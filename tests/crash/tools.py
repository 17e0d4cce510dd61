"""Tools whose executions can be counted from outside: each appends a line to a file, the ledger."""

import json
import os

from agents.tools.builtin import builtin_tools
from agents.tools.builtin.shapes import closed
from agents.tools.registry import Registry
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import JsonObject
from store.records import Access

LEDGER = "ledger.jsonl"
_ARGUMENTS = closed({"n": {"type": "integer"}})


def _write(call: ToolCall, name: str) -> JsonObject:
    line = json.dumps({"tool": name, "key": call.idempotency_key, "run": call.run_id, "n": call.arguments["n"]})
    handle = os.open(call.root / LEDGER, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, (line + "\n").encode())
    os.close(handle)
    return {"ok": True}


async def _look(call: ToolCall, _: Means) -> JsonObject:
    return _write(call, "ledger.look")


async def _append(call: ToolCall, _: Means) -> JsonObject:
    return _write(call, "ledger.append")


async def _found(call: ToolCall, _: Means) -> JsonObject | None:
    ledger = call.root / LEDGER
    return {"ok": True} if ledger.exists() and call.idempotency_key in ledger.read_text() else None


async def _launch(call: ToolCall, _: Means) -> JsonObject:
    return _write(call, "ledger.launch")


def _tool(name: str, access: Access, **more: object) -> ToolSpec:
    return ToolSpec(
        name=name,
        description="Writes a line.",
        arguments=_ARGUMENTS,
        result=closed({"ok": {"type": "boolean"}}),
        access=access,
        irreversible=bool(more.get("irreversible")),
    )


def counted_tools() -> Registry:
    """The builtin tools, and three that keep a ledger: a read, a write that can be looked up, one that is final."""
    return Registry(
        (
            *builtin_tools(),
            Tool(spec=_tool("ledger.look", Access.READ), run=_look, summarise=lambda a: f"Looks at {a['n']}"),
            Tool(
                spec=_tool("ledger.append", Access.WRITE),
                run=_append,
                lookup=_found,
                summarise=lambda a: f"Writes {a['n']}",
            ),
            Tool(
                spec=_tool("ledger.launch", Access.EGRESS, irreversible=True),
                run=_launch,
                summarise=lambda a: f"Launches {a['n']}",
            ),
        )
    )
