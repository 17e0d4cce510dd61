"""Typed answers: three ways to ask for one, and one way to check it. Nothing a model answers is taken on trust.

The ladder, best first: the provider's own schema support, one tool the model is made to call, a request in the prompt.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from agents.models.dialect import Names, names_for, wire_messages, wire_tool
from agents.models.port import ModelRequest, SchemaViolation, ToolCall, ToolSchema
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake

Rung = Literal["native", "tool", "prompt"]
"""A way to ask for a typed answer."""

ANSWER_TOOL = "submit_answer"
"""The tool of the second rung; no tool of a workspace may have this name."""

MAX_ERRORS = 5
MAX_ERROR_CHARACTERS = 300

_NUL_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL in JSON text: the escape itself, not one that is quoted by a backslash before it."""

_ASK = (
    "Give your final answer as one JSON object and nothing else: no explanation, no code fence. "
    "It must match this JSON Schema:\n"
)


@dataclass(frozen=True)
class Shaped:
    """What is sent: everything a provider counts as prompt."""

    names: Names
    messages: list[JsonObject]
    tools: list[JsonObject]
    tool_choice: Json = None
    response_format: Json = None

    @property
    def prompt_bytes(self) -> int:
        """UTF-8 bytes of all of it; never fewer than its tokens."""
        parts = [self.messages, self.tools, self.tool_choice, self.response_format]
        return len(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    @property
    def provider_adds(self) -> bool:
        """True when providers add words of their own to the prompt."""
        return bool(self.tools) or self.response_format is not None


def shape(request: ModelRequest, rung: Rung) -> Shaped:
    """The request as sent; `rung` matters only when a typed answer is asked.

    Raises UserMistake when the answer schema is not valid JSON Schema, or a tool has the reserved name.
    """
    if any(tool.name == ANSWER_TOOL for tool in request.tools):
        raise UserMistake(f"A tool may not be called {ANSWER_TOOL!r}.", "Rename it.")
    plain = _plain(request)
    if request.answer_schema is None:
        return plain
    check_schema(request.answer_schema)
    if rung == "native":
        return replace(plain, response_format=_response_format(request.answer_schema))
    if rung == "tool":
        return _with_answer_tool(plain, request.answer_schema)
    return replace(plain, messages=_asked_in_prompt(plain.messages, request.answer_schema))


def check_schema(schema: JsonObject) -> None:
    """Raises UserMistake unless `schema` is valid JSON Schema (2020-12) that refers to nothing outside itself."""
    resolver = Registry().with_resource("", DRAFT202012.create_resource(schema)).resolver()
    try:
        Draft202012Validator.check_schema(schema)
        for reference in _references(schema):
            resolver.lookup(reference)
    except SchemaError as error:
        raise UserMistake(f"The answer schema is not valid JSON Schema: {error.message}.") from error
    except Unresolvable as error:
        raise UserMistake(f"The answer schema refers to {error.ref!r}, which it does not hold.") from error


def _references(schema: Json) -> Iterator[str]:
    if isinstance(schema, list):
        yield from (reference for part in schema for reference in _references(part))
    if isinstance(schema, dict):
        yield from (str(schema[key]) for key in ("$ref", "$dynamicRef") if key in schema)
        yield from (reference for part in schema.values() for reference in _references(part))


def _plain(request: ModelRequest) -> Shaped:
    names = names_for([*(tool.name for tool in request.tools), ANSWER_TOOL])
    tools = [wire_tool(tool, names) for tool in request.tools]
    return Shaped(names, wire_messages(request.messages, names), tools, tool_choice="auto" if tools else None)


def _response_format(schema: JsonObject) -> JsonObject:
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": _is_strict(schema), "schema": schema},
    }


def _is_strict(schema: Json) -> bool:
    """True when every object in it lists all its properties as required and allows no others.

    OpenAI's condition for `strict` (https://platform.openai.com/docs/guides/structured-outputs, read 2026-11-21).
    """
    if isinstance(schema, list):
        return all(_is_strict(part) for part in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" and not _is_closed(schema):
        return False
    return all(_is_strict(part) for part in schema.values())


def _is_closed(schema: JsonObject) -> bool:
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return False
    return schema.get("additionalProperties") is False and set(properties) == {str(name) for name in required}


def _with_answer_tool(plain: Shaped, schema: JsonObject) -> Shaped:
    tool = ToolSchema(name=ANSWER_TOOL, description="Gives the final answer and ends the work.", parameters=schema)
    wire = wire_tool(tool, plain.names)
    forced: Json = "required" if plain.tools else {"type": "function", "function": {"name": ANSWER_TOOL}}
    return replace(plain, tools=[*plain.tools, wire], tool_choice=forced)


def _asked_in_prompt(messages: list[JsonObject], schema: JsonObject) -> list[JsonObject]:
    asked = _ASK + json.dumps(schema, ensure_ascii=False)
    first, *rest = messages
    if first["role"] != "system":
        return [{"role": "system", "content": asked}, *messages]
    return [{**first, "content": f"{first['content']}\n\n{asked}"}, *rest]


@dataclass(frozen=True)
class Reading:
    """A reply with the typed answer taken out of it."""

    text: str | None
    tool_calls: tuple[ToolCall, ...]
    answer: JsonObject | None = None
    violation: SchemaViolation | None = None


def read_answer(schema: JsonObject, text: str | None, calls: tuple[ToolCall, ...], *, cut_off: bool) -> Reading:
    """Finds and checks the typed answer, whichever rung it came by; tools the model still wants come first."""
    others = tuple(call for call in calls if call.name != ANSWER_TOOL)
    if others:
        return Reading(text, others)
    raw = calls[0].arguments_json if calls else _without_fence(text or "")
    value, errors = _checked(schema, raw)
    if value is not None:
        return Reading(raw, (), answer=value)
    return Reading(raw or None, (), violation=SchemaViolation(errors=errors, cut_off=cut_off))


def _checked(schema: JsonObject, raw: str) -> tuple[JsonObject | None, tuple[str, ...]]:
    if not raw:
        return None, ("there is no answer",)
    try:
        value = parse_json(raw)
    except ValueError as error:
        return None, (f"it is not JSON: {error}"[:MAX_ERROR_CHARACTERS],)
    errors = violations(schema, value)
    return (None, errors) if errors else (value, ())


def parse_json(text: str) -> Any:
    """The value of JSON a model wrote. ValueError for anything a database or another program could not take back.

    That is: NaN and infinities, nesting too deep to walk, unpaired surrogates and NUL characters.
    """
    try:
        value = json.loads(text, parse_constant=_no_such_number)
        plain = json.dumps(value, ensure_ascii=False)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if _NUL_ESCAPE.search(plain) or any("\ud800" <= character <= "\udfff" for character in plain):
        raise ValueError("it holds characters that are not text")
    return value


def violations(schema: Mapping[str, Json], value: Json) -> tuple[str, ...]:
    """What is wrong with `value`, nearest the root first, at most MAX_ERRORS; empty when it is valid.

    References to other documents are never fetched.
    """
    found = Draft202012Validator(dict(schema), registry=Registry()).iter_errors(value)
    ordered = sorted(found, key=lambda error: (len(error.absolute_path), str(error.json_path)))
    return tuple(f"{error.json_path}: {error.message}"[:MAX_ERROR_CHARACTERS] for error in ordered[:MAX_ERRORS])


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _without_fence(text: str) -> str:
    stripped = text.strip()
    if not (stripped.startswith("```") and stripped.endswith("```")):
        return stripped
    return stripped[3:-3].removeprefix("json").strip()
