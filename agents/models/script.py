"""The file a scripted model reads: what to answer to which request. The first match wins."""

import json
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from agents.models.faults import FaultKind
from agents.models.port import Count, FinishReason, ModelRequest, Usage
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake
from store.records import Record


class Match(Record):
    """What a request must be like; a field left out matches anything."""

    agent: str | None = None
    contains: str | None = None
    """Text that must stand in some message."""
    turn: Count | None = None
    """How many times the model has spoken in this conversation: 0 at the first call."""
    has_tool_result: bool | None = None
    """Whether the conversation ends with a tool's result."""

    def fits(self, request: ModelRequest) -> bool:
        """True when every field that is set agrees with the request."""
        return (
            self.agent in (None, request.agent)
            and self.turn in (None, turn_of(request))
            and self.has_tool_result in (None, ends_with_tool_result(request))
            and (self.contains is None or any(self.contains in (message.content or "") for message in request.messages))
        )


class ScriptedCall(Record):
    """A tool call to make: either `arguments`, or `arguments_json`, which is sent as it stands, valid or not."""

    name: str
    arguments: JsonObject | None = None
    arguments_json: str | None = None

    @model_validator(mode="after")
    def _says_arguments_once(self) -> Self:
        if (self.arguments is None) == (self.arguments_json is None):
            raise ValueError("a tool call has either arguments or arguments_json")
        return self

    @property
    def raw_arguments(self) -> str:
        """The arguments as text."""
        return json.dumps(self.arguments) if self.arguments_json is None else self.arguments_json


class ScriptedError(Record):
    """A failure instead of an answer."""

    kind: FaultKind
    status: int | None = None
    retry_after_seconds: float | None = None


class ScriptedReply(Record):
    """One of text, answer (JSON, written as text), tool calls, or an error; how it ends follows unless stated."""

    text: str | None = None
    answer: JsonObject | None = None
    tool_calls: tuple[ScriptedCall, ...] = ()
    error: ScriptedError | None = None
    finish_reason: FinishReason | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        said = (self.text is not None, self.answer is not None, bool(self.tool_calls), self.error is not None)
        if sum(said) != 1:
            raise ValueError("a reply is one of text, answer, tool_calls or error")
        return self

    @property
    def spoken(self) -> str | None:
        """The text of the reply, a typed answer written out; None for tool calls."""
        return self.text if self.answer is None else json.dumps(self.answer, ensure_ascii=False)


class Line(Record):
    """One entry of the script. After it was used `times` times in this process it no longer matches; None: no limit."""

    match: Match = Match()
    reply: ScriptedReply
    usage: Usage | None = None
    times: Annotated[int, Field(ge=1)] | None = None


Script = tuple[Line, ...]
_ADAPTER: TypeAdapter[Script] = TypeAdapter(Script)


def turn_of(request: ModelRequest) -> int:
    """How many times the model has already spoken."""
    return sum(message.role == "assistant" for message in request.messages)


def ends_with_tool_result(request: ModelRequest) -> bool:
    """True when the last message is a tool's."""
    return request.messages[-1].role == "tool"


def load_script(path: Path) -> Script:
    """The script in a YAML or JSON file: a list of Lines. Raises UserMistake that names the entry."""
    try:
        return _ADAPTER.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UserMistake(f"The model script {path} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise UserMistake(f"The model script {path} is not YAML: {error}.") from error
    except ValidationError as error:
        raise UserMistake(f"The model script {path} is not valid: {_problems(error)}.") from error


def _problems(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'file'}: {problem['msg']}" for problem in error.errors())
