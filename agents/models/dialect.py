"""Requests and tool names in the chat-completions form that litellm takes for every provider.

Providers allow `[a-zA-Z0-9_-]{1,64}` in a tool's name (OpenAI and Anthropic API references, read 2026-11-21), ours have
dots: names are translated on the way out and back on the way in.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.models.port import Message, ToolCall, ToolSchema
from store.kernel.canonical import JsonObject

MAX_NAME_CHARACTERS = 64
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(frozen=True)
class Names:
    """Tool names in both directions. A name outside the table is only made harmless, never invented."""

    to_wire: dict[str, str]
    from_wire: dict[str, str]

    def wire(self, name: str) -> str:
        """The name a provider accepts."""
        return self.to_wire.get(name) or _harmless(name)

    def own(self, wire_name: str) -> str:
        """The tool the model meant; what it wrote when it is no tool of ours."""
        return self.from_wire.get(wire_name, wire_name)


def names_for(tools: Iterable[str]) -> Names:
    """A one-to-one translation of these names; two that would become equal are told apart by a number."""
    to_wire: dict[str, str] = {}
    for name in tools:
        to_wire[name] = _unused(_harmless(name), set(to_wire.values()))
    return Names(to_wire, {wire: own for own, wire in to_wire.items()})


def _harmless(name: str) -> str:
    return _NOT_ALLOWED.sub("_", name)[:MAX_NAME_CHARACTERS] or "_"


def _unused(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    candidates = (f"{name[: MAX_NAME_CHARACTERS - 4]}_{number}" for number in range(2, len(taken) + 3))
    return next(candidate for candidate in candidates if candidate not in taken)


def wire_messages(messages: Sequence[Message], names: Names) -> list[JsonObject]:
    """The conversation. Arguments that are no JSON object are quoted inside one, because some providers refuse them."""
    return [_wire_message(message, names) for message in messages]


def _wire_message(message: Message, names: Names) -> JsonObject:
    wire: JsonObject = {"role": message.role, "content": message.content}
    if message.tool_calls:
        wire["tool_calls"] = [_wire_call(call, names) for call in message.tool_calls]
    if message.tool_call_id is not None:
        wire["tool_call_id"] = message.tool_call_id
    return wire


def _wire_call(call: ToolCall, names: Names) -> JsonObject:
    function: JsonObject = {"name": names.wire(call.name), "arguments": _object_text(call.arguments_json)}
    return {"id": call.id, "type": "function", "function": function}


def _object_text(arguments_json: str) -> str:
    try:
        is_object = isinstance(json.loads(arguments_json), dict)
    except (ValueError, RecursionError):
        is_object = False
    return arguments_json if is_object else json.dumps({"not_json": arguments_json})


def wire_tool(tool: ToolSchema, names: Names) -> JsonObject:
    """One tool the model may call."""
    function: JsonObject = {
        "name": names.wire(tool.name),
        "description": tool.description,
        "parameters": tool.parameters,
    }
    return {"type": "function", "function": function}
