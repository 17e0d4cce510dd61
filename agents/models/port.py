"""The one door to a language model: what is asked, what comes back, and the promise every implementation keeps."""

from decimal import Decimal
from typing import Annotated, Literal, Protocol, Self

from pydantic import Field, PositiveInt, model_validator

from store.kernel.canonical import JsonObject
from store.records import Record

FinishReason = Literal["stop", "tool_calls", "length", "content_filter", "other"]
"""Why the model stopped; `length` means cut off at `max_tokens`, `other` a reason this program does not know."""

NonEmpty = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]


class ToolCall(Record):
    """One call the model asks for, unchecked: the name may be unknown, the arguments may not be JSON."""

    id: NonEmpty
    name: str
    arguments_json: str
    """The arguments exactly as the model wrote them."""


class Message(Record):
    """One turn of the conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    """Only on an assistant's turn."""
    tool_call_id: str | None = None
    """Only on a tool's turn: the call it answers."""

    @model_validator(mode="after")
    def _fields_fit_role(self) -> Self:
        if self.tool_calls and self.role != "assistant":
            raise ValueError("only an assistant's message carries tool calls")
        if (self.tool_call_id is not None) != (self.role == "tool"):
            raise ValueError("a tool's message, and no other, names the call it answers")
        if self.content is None and not self.tool_calls:
            raise ValueError("a message needs content or tool calls")
        return self


class ToolSchema(Record):
    """A tool as the model sees it; `parameters` is a JSON Schema of an object."""

    name: NonEmpty
    description: str
    parameters: JsonObject


class ModelRequest(Record):
    """Everything one call needs: equal requests ask the same question."""

    agent: NonEmpty
    """Who asks. Never sent to the provider."""
    model: NonEmpty
    """The workspace's name of the model, not the provider's."""
    messages: Annotated[tuple[Message, ...], Field(min_length=1)]
    tools: tuple[ToolSchema, ...] = ()
    answer_schema: JsonObject | None = None
    """JSON Schema (2020-12, an object at the root) of a typed answer; None asks for plain text."""
    max_tokens: PositiveInt
    """Most tokens the model may produce, hidden reasoning included. Without it the worst case has no bound."""
    temperature: Decimal = Field(default=Decimal(0), ge=0, le=2)
    """Left out for models that accept only their own."""
    idempotency_key: NonEmpty
    """Sent as the `Idempotency-Key` header; providers give no guarantee for it."""
    timeout_seconds: Annotated[int, Field(gt=0, le=3600)]
    """The whole call, from sending to the last byte."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if len({tool.name for tool in self.tools}) != len(self.tools):
            raise ValueError("two tools have the same name")
        if self.answer_schema is not None and self.answer_schema.get("type") != "object":
            raise ValueError("an answer schema describes an object")
        return self


class Usage(Record):
    """What the provider counted. Zero means none; a provider that counts nothing gives no Usage at all."""

    prompt_tokens: Count
    """All input, the cached part included."""
    completion_tokens: Count
    """All output, hidden reasoning included."""
    cached_tokens: Count = 0
    """The part of `prompt_tokens` read from the provider's cache."""
    cache_write_tokens: Count = 0
    """The part of `prompt_tokens` written to the provider's cache."""
    reasoning_tokens: Count = 0
    """The part of `completion_tokens` nobody sees."""


class SchemaViolation(Record):
    """The answer does not satisfy the schema. It was billed all the same; one repair turn is the caller's to grant."""

    errors: tuple[str, ...]
    """What is wrong, nearest the root first; at most five, shortened. They quote the model: untrusted text."""
    cut_off: bool
    """True when the answer ended at `max_tokens`: the same question again is cut off again."""

    @property
    def repair_prompt(self) -> str:
        """What to tell the model in a repair turn."""
        return (
            "Your answer was not accepted:\n"
            + "\n".join(f"- {error}" for error in self.errors)
            + "\nAnswer again, corrected and complete."
        )


class ModelReply(Record):
    """One answer. It is tool calls, or a typed answer, or a violation of the asked type, or plain text."""

    text: str | None
    """What the model wrote; for a typed answer, its raw JSON."""
    tool_calls: tuple[ToolCall, ...] = ()
    answer: JsonObject | None = None
    """The typed answer, valid against the schema. None when none was asked, tools come first, or `violation` is set."""
    violation: SchemaViolation | None = None
    finish_reason: FinishReason
    usage: Usage | None
    """None when the provider counted nothing; `cost_micros` is then the worst case."""
    provider_model: str
    """The model the provider says it used."""
    cost_micros: Count
    """Micro-dollars, rounded up."""


class ModelPort(Protocol):
    """A way to ask a language model. Safe to use from any thread and any event loop."""

    async def worst_case_micros(self, request: ModelRequest) -> int:
        """The most this request can cost, in micro-dollars: what a budget holds before the call. No provider is asked.

        Raises Refused for a model without a known price and UserMistake for one that is not configured.
        """
        ...

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Sends one request to the provider, or none when it raises before; never retries, never follows a redirect.

        Raises `agents.models.faults.ModelUnavailable` (Retryable: repeating is safe and may be billed again),
        `ModelRejected` (UserMistake) or `ModelDeclined` (Refused); each carries the fault, whose `may_be_billed` says
        whether the hold must be kept. Refused for an unknown price, before anything is sent.
        """
        ...
