"""The child process that alone imports litellm and alone holds provider keys: `python -m agents.models.gateway`.

It speaks `agents.models.protocol` over stdin and stdout, answers requests as they finish, keeps nothing, logs nothing,
and ends when stdin closes. One request is one attempt on the wire.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, BinaryIO

from agents.models import wire
from agents.models.diagnosis import diagnose
from agents.models.faults import FaultKind, ModelFault
from agents.models.price_map import table_from_map
from agents.models.protocol import GREETING_ID, MAX_LINE_BYTES, Op, Question, decode, encode
from agents.models.response import read_response
from store.kernel.canonical import JsonObject

NO_KEY = "none"
"""Sent to an endpoint that asks for no key, because some libraries refuse to send none."""


def main(environment: Mapping[str, str]) -> None:
    """Serves until stdin closes, then ends at once, whatever is still in flight."""
    out = _claim_stdout()
    try:
        litellm = _load()
    except ImportError as error:
        broken = ModelFault(kind=FaultKind.GATEWAY_BROKEN, may_be_billed=False, detail=str(error))
        _send(out, GREETING_ID, _fault(broken))
        sys.exit(1)
    _silence()
    _send(out, GREETING_ID, {"result": {"litellm": version("litellm")}})
    asyncio.run(Gateway(litellm, out, environment).serve(sys.stdin.buffer))
    # No clean-up: libraries keep threads and pools alive that nobody needs once there is nobody to answer.
    os._exit(0)


def _claim_stdout() -> BinaryIO:
    """The real stdout, kept for the protocol; whatever a library prints goes to stderr instead."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def _silence() -> None:
    """From here on prompts and keys pass through, so nothing this process prints is kept; its errors are answers."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())


def _load() -> Any:
    import litellm

    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    wire.install()
    return litellm


def _send(out: BinaryIO, message_id: int, body: JsonObject) -> None:
    out.write(encode({"id": message_id, **body}))
    out.flush()


def _fault(fault: ModelFault) -> JsonObject:
    return {"fault": fault.model_dump(mode="json")}


class Gateway:
    """Answers requests concurrently, each in its own task."""

    def __init__(self, litellm: Any, out: BinaryIO, environment: Mapping[str, str]) -> None:
        self._litellm = litellm
        self._out = out
        self._environment = environment
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(self, requests: BinaryIO) -> None:
        """Answers every line until the other side closes, or dies in the middle of one."""
        lines: asyncio.Queue[bytes] = asyncio.Queue()
        reader = threading.Thread(target=_pump, args=(requests, asyncio.get_running_loop(), lines), daemon=True)
        reader.start()
        while (line := await lines.get()).endswith(b"\n"):
            self._accept(decode(line))

    def _accept(self, message: JsonObject) -> None:
        request_id = int(str(message["id"]))
        if message["op"] == Op.CANCEL:
            self._drop(request_id)
            return
        task = asyncio.create_task(self._answer(request_id, message))
        self._tasks[request_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(request_id, None))

    def _drop(self, request_id: int) -> None:
        task = self._tasks.get(request_id)
        if task is not None:
            task.cancel()

    async def _answer(self, request_id: int, message: JsonObject) -> None:
        attempt = wire.begin()
        try:
            _send(self._out, request_id, {"result": await self._result(attempt, message)})
        except Exception as error:  # noqa: BLE001 - the boundary: whatever a library raises becomes a storable fault
            _send(self._out, request_id, _fault(diagnose(attempt, error)))

    async def _result(self, attempt: wire.Attempt, message: JsonObject) -> JsonObject:
        if message["op"] == Op.PING:
            return {"litellm": version("litellm")}
        if message["op"] == Op.DESCRIBE:
            return self._describe(str(message["payload"]))
        question = Question.model_validate(message["payload"])
        async with asyncio.timeout(question.timeout_seconds):
            return read_response(await self._ask(attempt, question))

    def _describe(self, model_id: str) -> JsonObject:
        price = table_from_map(self._map_entry(model_id))
        return {
            "price": None if price is None else price.model_dump(mode="json"),
            "native_schema": bool(self._litellm.supports_response_schema(model=model_id)),
            "tools": bool(self._litellm.supports_function_calling(model=model_id)),
        }

    def _map_entry(self, model_id: str) -> Mapping[str, object]:
        try:
            key = self._litellm.get_model_info(model_id)["key"]
        except Exception:  # noqa: BLE001 - litellm raises even a bare Exception for a model its map does not have
            return {}
        entry: Mapping[str, object] = self._litellm.model_cost.get(key, {})
        return entry

    async def _ask(self, attempt: wire.Attempt, question: Question) -> Any:
        arguments = self._arguments(question)
        try:
            return await self._litellm.acompletion(**arguments)
        except self._litellm.UnsupportedParamsError:
            # Reasoning models take no temperature but their own; litellm says so before anything is sent.
            if attempt.begun:
                raise
            del arguments["temperature"]
            return await self._litellm.acompletion(**arguments)

    def _arguments(self, question: Question) -> dict[str, Any]:
        optional = {
            "tools": question.tools,
            "tool_choice": question.tool_choice,
            "response_format": question.response_format,
        }
        return {
            **{name: value for name, value in optional.items() if value},
            "model": question.model_id,
            "api_base": question.api_base,
            "api_key": self._key(question),
            "messages": question.messages,
            "max_tokens": question.max_tokens,
            "temperature": float(question.temperature),
            "timeout": question.timeout_seconds,
            "extra_headers": {"Idempotency-Key": question.idempotency_key},
            "num_retries": 0,
            "max_retries": 0,
            "stream": False,
        }

    def _key(self, question: Question) -> str | None:
        if question.key_env is not None:
            return self._environment[question.key_env]
        return NO_KEY if question.api_base else None


def _pump(requests: BinaryIO, loop: asyncio.AbstractEventLoop, lines: "asyncio.Queue[bytes]") -> None:
    line = b"\n"
    while line.endswith(b"\n"):
        line = requests.readline(MAX_LINE_BYTES)
        loop.call_soon_threadsafe(lines.put_nowait, line)


if __name__ == "__main__":
    main(os.environ)  # noqa: TID251 - a process of its own, whose environment its parent chose name by name
