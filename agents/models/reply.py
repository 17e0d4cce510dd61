"""From what came over the wire to a reply: names back to ours, the typed answer checked, the cost settled."""

from agents.models.port import FinishReason, ModelReply, ModelRequest, ToolCall, Usage
from agents.models.prepared import Prepared
from agents.models.pricing import cost_micros
from agents.models.structured import Reading, read_answer
from store.records import Record


class WireReply(Record):
    """One answer as `agents.models.response` writes it."""

    text: str | None
    tool_calls: tuple[ToolCall, ...]
    finish_reason: FinishReason
    usage: Usage | None
    provider_model: str


def reply_from(wire: WireReply, prepared: Prepared) -> ModelReply:
    """The reply. A provider that counted nothing is charged the worst case."""
    names = prepared.shaped.names
    calls = tuple(call.model_copy(update={"name": names.own(call.name)}) for call in wire.tool_calls)
    reading = _read(prepared.request, wire, calls)
    return ModelReply(
        text=reading.text,
        tool_calls=reading.tool_calls,
        answer=reading.answer,
        violation=reading.violation,
        finish_reason=wire.finish_reason,
        usage=wire.usage,
        provider_model=wire.provider_model,
        cost_micros=prepared.worst_micros if wire.usage is None else cost_micros(prepared.price, wire.usage),
    )


def _read(request: ModelRequest, wire: WireReply, calls: tuple[ToolCall, ...]) -> Reading:
    if request.answer_schema is None:
        return Reading(wire.text, calls)
    return read_answer(request.answer_schema, wire.text, calls, cut_off=wire.finish_reason == "length")
