"""The real model port: one gateway process, started at the first call and again whenever it died."""

import asyncio
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from agents.models.child import Faulted, GatewayChild
from agents.models.environment import child_environment, secrets_in
from agents.models.faults import FaultKind, ModelError, ModelFault, error_for, redacted
from agents.models.port import ModelReply, ModelRequest
from agents.models.prepared import Prepared, find_model
from agents.models.pricing import PriceTable, declared_price
from agents.models.protocol import LineTooLong, Op, Question
from agents.models.reply import WireReply, reply_from
from agents.models.structured import Rung
from agents.roster import ModelSpec
from store.kernel.canonical import Json, JsonObject
from store.kernel.crash import outside
from store.kernel.errors import UserMistake
from store.records import Record

# -I: neither the working directory nor PYTHON* variables may put code into the process that holds the keys.
GATEWAY_COMMAND = (sys.executable, "-I", "-m", "agents.models.gateway")

START_SECONDS = 60
"""How long the gateway may take to load its libraries; measured 4 to 6 seconds on two busy cores."""

GRACE_SECONDS = 5
"""How long past a call's own timeout the gateway may take to say so; one that is silent longer is killed."""


class Description(Record):
    """What litellm knows about a model. `price` None: nothing, or nothing that bounds a call."""

    price: PriceTable | None
    native_schema: bool
    tools: bool

    @property
    def best_rung(self) -> Rung:
        """The best way to ask this model for a typed answer."""
        if self.native_schema:
            return "native"
        return "tool" if self.tools else "prompt"


class GatewayModel:
    """Asks providers through the gateway process, which alone has the keys; keeps the promises of ModelPort.

    `models` is name → spec. `environment` is where keys and the few passed-through variables are taken from; the child
    sees nothing else of it. `rungs` says for a model how to ask for typed answers, where litellm does not know better.
    """

    def __init__(
        self,
        models: Mapping[str, ModelSpec],
        environment: Mapping[str, str],
        rungs: Mapping[str, Rung] | None = None,
        command: Sequence[str] = GATEWAY_COMMAND,
    ) -> None:
        self._models = models
        self._rungs = rungs or {}
        self._command = command
        self._environment = child_environment(environment, models.values())
        self._secrets = secrets_in(environment, models.values())
        self._descriptions: dict[str, Description] = {}
        self._child: GatewayChild | None = None
        self._closed = False
        self._lock = threading.Lock()

    async def worst_case_micros(self, request: ModelRequest) -> int:
        """As ModelPort says. Starts the gateway only to learn a price, or how to ask for a typed answer."""
        return (await self._prepare(request)).worst_micros

    async def complete(self, request: ModelRequest) -> ModelReply:
        """As ModelPort says. When the gateway dies in the call: ModelUnavailable, and the next call starts another."""
        prepared = await self._prepare(request)
        payload = self._question(prepared).model_dump(mode="json")
        with outside("model.complete"):
            result = await self._call(request.model, Op.COMPLETE, payload, request.timeout_seconds)
        return reply_from(WireReply.model_validate(result), prepared)

    async def ping(self) -> str:
        """Starts the gateway if need be and returns the version of litellm it runs."""
        result = await self._call("the gateway", Op.PING, None, GRACE_SECONDS)
        return str(result["litellm"])

    @property
    def gateway_pid(self) -> int | None:
        """The process id of the running gateway; None when none runs."""
        child = self._child
        return None if child is None or child.over else child.pid

    def close(self) -> None:
        """Ends the gateway and waits until it is gone; calls in flight fail as ModelUnavailable. Safe to repeat."""
        with self._lock:
            self._closed, child = True, self._child
        if child is not None:
            child.close()

    async def _prepare(self, request: ModelRequest) -> Prepared:
        spec = find_model(self._models, request.model)
        price = declared_price(spec) or (await self._describe(spec)).price
        return Prepared.of(request, spec, price, await self._rung(request, spec))

    async def _rung(self, request: ModelRequest, spec: ModelSpec) -> Rung:
        if request.answer_schema is None:
            return "prompt"
        return self._rungs.get(spec.name) or (await self._describe(spec)).best_rung

    async def _describe(self, spec: ModelSpec) -> Description:
        known = self._descriptions.get(spec.name)
        if known is None:
            result = await self._call(spec.name, Op.DESCRIBE, spec.model_id, GRACE_SECONDS)
            known = self._descriptions[spec.name] = Description.model_validate(result)
        return known

    def _question(self, prepared: Prepared) -> Question:
        request, spec, shaped = prepared.request, prepared.spec, prepared.shaped
        if spec.key_env is not None and spec.key_env not in self._environment:
            raise UserMistake(f"The model {spec.name!r} reads its key from {spec.key_env}, which is not set.")
        return Question(
            model_id=spec.model_id,
            api_base=spec.api_base,
            key_env=spec.key_env,
            messages=shaped.messages,
            tools=shaped.tools,
            tool_choice=shaped.tool_choice,
            response_format=shaped.response_format,
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            timeout_seconds=request.timeout_seconds,
            idempotency_key=request.idempotency_key,
        )

    async def _call(self, model: str, op: Op, payload: Json, timeout_seconds: int) -> JsonObject:
        try:
            child = await self._ready_child()
            return await _answer(child, op, payload, timeout_seconds + GRACE_SECONDS)
        except Faulted as fault:
            raise self._error(model, fault.fault) from None
        except LineTooLong as error:
            fault_ = ModelFault(kind=FaultKind.PROMPT_TOO_LONG, may_be_billed=False, detail=str(error))
            raise self._error(model, fault_) from None

    def _error(self, model: str, fault: ModelFault) -> ModelError:
        clean = fault.model_copy(update={"detail": redacted(fault.detail, self._secrets)})
        return error_for(model, clean)

    async def _ready_child(self) -> GatewayChild:
        # In a thread: starting a process takes milliseconds, and the lock may be held by another thread's start.
        child = await asyncio.to_thread(self._running_child)
        await _within(START_SECONDS, child, child.greeting, may_be_billed=False)
        return child

    def _running_child(self) -> GatewayChild:
        with self._lock:
            if self._closed:
                raise RuntimeError("the model gateway is closed")
            if self._child is None or self._child.over:
                self._child = GatewayChild(self._command, self._environment)
            return self._child


async def _answer(child: GatewayChild, op: Op, payload: Json, seconds: int) -> JsonObject:
    request_id, future = child.ask(op, payload)
    try:
        return await _within(seconds, child, future, may_be_billed=op is Op.COMPLETE)
    except asyncio.CancelledError:
        child.drop(request_id)
        raise


async def _within(
    seconds: int, child: GatewayChild, future: "Future[JsonObject]", *, may_be_billed: bool
) -> JsonObject:
    """The gateway keeps every call's time itself; one that does not answer after that is wedged, and is killed."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(future)
    except TimeoutError:
        child.kill()
        raise Faulted(ModelFault(kind=FaultKind.TIMEOUT, may_be_billed=may_be_billed)) from None
