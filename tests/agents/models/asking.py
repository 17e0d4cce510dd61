"""Requests and models that the tests of the model port share."""

from typing import Any

from agents.models.port import Message, ModelRequest, ToolSchema
from agents.roster import ModelSpec
from store.kernel.canonical import JsonObject

KEY_ENV = "MAIN_MODEL_KEY"
KEY = "sk-test-not-a-secret-9f3c"

DIGEST: JsonObject = {
    "type": "object",
    "properties": {"headline": {"type": "string"}, "changes": {"type": "integer", "minimum": 0}},
    "required": ["headline", "changes"],
    "additionalProperties": False,
}

READ_TOOL = ToolSchema(
    name="files.read",
    description="Reads a file",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)


def model(name: str = "main", model_id: str = "openai/some-model", **changes: Any) -> ModelSpec:
    """A model at 1 and 3 dollars a million tokens, in and out."""
    facts: dict[str, Any] = {
        "name": name,
        "model_id": model_id,
        "max_tokens": 500,
        "input_micros_per_million": 1_000_000,
        "output_micros_per_million": 3_000_000,
    }
    return ModelSpec.model_validate(facts | changes)


def ask(text: str = "What changed?", **changes: Any) -> ModelRequest:
    """A small request to the model `main`."""
    facts: dict[str, Any] = {
        "agent": "note-taker",
        "model": "main",
        "messages": (Message(role="system", content="Be brief."), Message(role="user", content=text)),
        "max_tokens": 200,
        "idempotency_key": "run_1/step_0",
        "timeout_seconds": 10,
    }
    return ModelRequest.model_validate(facts | changes)
