"""What the bot and its gateway process say to each other: one JSON object a line, a request answered by its id.

To the gateway: `{"id": 1, "op": "complete", "payload": {…}}`; `cancel` drops the request of that id and gets no answer.
Back: `{"id": 1, "result": {…}}` or `{"id": 1, "fault": {…}}`. Id 0 is the greeting, sent once the gateway can work.
"""

import json
from decimal import Decimal
from enum import StrEnum

from store.kernel.canonical import Json, JsonObject
from store.records import Record

MAX_LINE_BYTES = 8 * 1024 * 1024
"""Longest line either side accepts, newline included; twice the prompt of a model that reads a million tokens."""

GREETING_ID = 0


class Op(StrEnum):
    """What the gateway can be asked."""

    PING = "ping"
    DESCRIBE = "describe"
    COMPLETE = "complete"
    CANCEL = "cancel"


class Question(Record):
    """The payload of `complete`: a request as the provider library takes it. `key_env` names the key's variable."""

    model_id: str
    api_base: str | None
    key_env: str | None
    messages: list[JsonObject]
    tools: list[JsonObject]
    tool_choice: Json
    response_format: Json
    max_tokens: int
    temperature: Decimal
    timeout_seconds: int
    idempotency_key: str


class LineTooLong(ValueError):
    """A message longer than MAX_LINE_BYTES."""


def encode(message: JsonObject) -> bytes:
    """One line. Raises LineTooLong."""
    line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise LineTooLong(f"{len(line)} bytes, and at most {MAX_LINE_BYTES} fit")
    return line


def decode(line: bytes) -> JsonObject:
    """The message of one line. ValueError when it is not one whole JSON object with an id."""
    message = json.loads(line)
    if not line.endswith(b"\n") or not isinstance(message, dict) or not isinstance(message.get("id"), int):
        raise ValueError("not a message")
    return message
