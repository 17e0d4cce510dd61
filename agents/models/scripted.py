"""A model that answers from a script: for simulated runs, demonstrations and tests. It costs what it says it counts."""

import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from agents.models.faults import ModelError, ModelFault, billable, error_for
from agents.models.port import ModelReply, ModelRequest, ToolCall, Usage
from agents.models.prepared import Prepared, find_model
from agents.models.pricing import declared_price
from agents.models.reply import WireReply, reply_from
from agents.models.script import Line, Script, ScriptedError, ScriptedReply, load_script, turn_of
from agents.roster import ModelSpec
from store.kernel.crash import outside
from store.kernel.errors import UserMistake

BYTES_PER_TOKEN = 4
"""What a scripted model counts by when the script states no usage."""


class ScriptedModel:
    """Keeps the promises of ModelPort with no provider behind it: the same script and requests give the same replies.

    It is as strict as the real one: a model must be configured and priced, an answer longer than `max_tokens` is cut
    off, a typed answer is checked. A request that nothing in the script matches raises UserMistake.
    """

    def __init__(self, models: Mapping[str, ModelSpec], script: Script) -> None:
        self._models = models
        self._script = script
        self._used: Counter[int] = Counter()
        self._lock = threading.Lock()

    @classmethod
    def from_file(cls, models: Mapping[str, ModelSpec], path: Path) -> Self:
        """A model that answers from this file. Raises UserMistake when it is not a script."""
        return cls(models, load_script(path))

    @property
    def attempts(self) -> int:
        """How many replies and failures it has given."""
        with self._lock:
            return self._used.total()

    async def worst_case_micros(self, request: ModelRequest) -> int:
        """As ModelPort says."""
        return self._prepare(request).worst_micros

    async def complete(self, request: ModelRequest) -> ModelReply:
        """As ModelPort says; an error in the script is raised as the fault it names."""
        prepared = self._prepare(request)
        with outside("model.complete"):
            line = self._take(request)
            if line.reply.error is not None:
                raise _failure(request.model, line.reply.error)
            return reply_from(_spoken(line, prepared), prepared)

    def _prepare(self, request: ModelRequest) -> Prepared:
        spec = find_model(self._models, request.model)
        return Prepared.of(request, spec, declared_price(spec), "prompt")

    def _take(self, request: ModelRequest) -> Line:
        with self._lock:
            for position, line in enumerate(self._script):
                if self._is_left(position, line) and line.match.fits(request):
                    self._used[position] += 1
                    return line
        raise UserMistake(
            f"The model script has no reply for agent {request.agent!r}, turn {turn_of(request)}, "
            f"after a {request.messages[-1].role} message.",
            "Add an entry that matches, or one without `match` at the end.",
        )

    def _is_left(self, position: int, line: Line) -> bool:
        return line.times is None or self._used[position] < line.times


def _failure(model: str, error: ScriptedError) -> ModelError:
    fault = ModelFault(
        kind=error.kind,
        status=error.status,
        retry_after_seconds=error.retry_after_seconds,
        may_be_billed=billable(error.status),
    )
    return error_for(model, fault)


def _spoken(line: Line, prepared: Prepared) -> WireReply:
    usage = line.usage or _counted(line.reply, prepared)
    limit = prepared.request.max_tokens
    if usage.completion_tokens > limit:
        return _cut_off(line.reply, prepared, usage.model_copy(update={"completion_tokens": limit}))
    return WireReply(
        text=line.reply.spoken,
        tool_calls=_calls(line.reply, prepared),
        finish_reason=line.reply.finish_reason or ("tool_calls" if line.reply.tool_calls else "stop"),
        usage=usage,
        provider_model=prepared.spec.model_id,
    )


def _cut_off(reply: ScriptedReply, prepared: Prepared, usage: Usage) -> WireReply:
    kept = (reply.spoken or "").encode()[: prepared.request.max_tokens * BYTES_PER_TOKEN]
    return WireReply(
        text=kept.decode(errors="ignore"),
        tool_calls=(),
        finish_reason="length",
        usage=usage,
        provider_model=prepared.spec.model_id,
    )


def _calls(reply: ScriptedReply, prepared: Prepared) -> tuple[ToolCall, ...]:
    turn = turn_of(prepared.request)
    return tuple(
        ToolCall(id=f"call_{turn}_{position}", name=call.name, arguments_json=call.raw_arguments)
        for position, call in enumerate(reply.tool_calls)
    )


def _counted(reply: ScriptedReply, prepared: Prepared) -> Usage:
    said = (reply.spoken or "") + "".join(call.name + call.raw_arguments for call in reply.tool_calls)
    return Usage(
        prompt_tokens=_tokens(prepared.shaped.prompt_bytes),
        completion_tokens=_tokens(len(said.encode())),
    )


def _tokens(count_bytes: int) -> int:
    return -(-count_bytes // BYTES_PER_TOKEN)
