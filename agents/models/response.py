"""Reads a provider library's answer into plain JSON: the only shape that leaves the gateway."""

from collections.abc import Mapping
from typing import Any

from store.kernel.canonical import JsonObject

_FINISH = {
    "stop": "stop",
    "end_turn": "stop",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}


class NotAnAnswer(ValueError):
    """The provider answered, but not with one message."""


def read_response(response: Any) -> JsonObject:
    """Text, tool calls, why it stopped, what was counted, which model. Raises NotAnAnswer when there is no message.

    Unpaired surrogates become "?", because nothing downstream can store them. Arguments are not parsed.
    """
    if not response.choices:
        raise NotAnAnswer("the provider's answer holds no choice")
    choice = response.choices[0]
    message = choice.message
    return {
        "text": _text(message.content),
        "tool_calls": [_call(position, call) for position, call in enumerate(message.tool_calls or ())],
        "finish_reason": _FINISH.get(str(choice.finish_reason), "other"),
        "usage": _usage(getattr(response, "usage", None)),
        "provider_model": _text(response.model) or "",
    }


def _call(position: int, call: Any) -> JsonObject:
    return {
        "id": _text(call.id) or f"call_{position}",
        "name": _text(call.function.name) or "",
        "arguments_json": _text(call.function.arguments) or "",
    }


def _usage(usage: Any) -> JsonObject | None:
    counts: Mapping[str, Any] = usage.model_dump() if usage is not None else {}
    # Every prompt has tokens: a library's zero means the provider did not count.
    if not counts.get("prompt_tokens"):
        return None
    prompt, completion = counts.get("prompt_tokens_details") or {}, counts.get("completion_tokens_details") or {}
    return {
        "prompt_tokens": counts["prompt_tokens"],
        "completion_tokens": counts.get("completion_tokens") or 0,
        "cached_tokens": prompt.get("cached_tokens") or 0,
        "cache_write_tokens": counts.get("cache_creation_input_tokens") or 0,
        "reasoning_tokens": completion.get("reasoning_tokens") or 0,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value).encode("utf-8", "replace").decode()
