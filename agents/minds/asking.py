"""One question to the model, durably: one wire attempt is one step, one hold and its own events on the audit trail."""

import asyncio
from dataclasses import dataclass

import structlog

from agents.models.faults import FaultKind, ModelError, ModelFault, error_for
from agents.models.port import Message, ModelPort, ModelReply, ModelRequest, ToolSchema
from agents.outcomes import Halt, mismatch
from agents.parts import Session
from agents.present import run_with_room
from agents.roster import ModelSpec
from agents.storable import storable
from agents.tools.execute import MAX_PAUSE_SECONDS
from store.actions.steps import begin_step, settle_step
from store.kernel.canonical import Json, JsonObject, call_hash, fingerprint
from store.kernel.errors import Refused, UserMistake
from store.kernel.ids import derive
from store.records import Access, RunState, Step, StepIntent, StepKind, StepState

log = structlog.get_logger()

CALL_TIMEOUT_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the model is asked in one turn, from 1. The last `new` messages were not in the question before."""

    turn: int
    messages: tuple[Message, ...]
    new: int
    tools: tuple[ToolSchema, ...]
    answer: JsonObject


class Asker:
    """Asks one model for one run. An answer on record is given again without asking; retries are decided here alone."""

    def __init__(self, session: Session, port: ModelPort, model: ModelSpec) -> None:
        self._session = session
        self._port = port
        self._model = model

    async def ask(self, question: Question) -> ModelReply:
        """The model's answer.

        Raises ModelUnavailable when every attempt failed in a way that may pass, ModelRejected or ModelDeclined when
        repeating is no use, and Halt when a budget, a limit or an unknown price forbids the call: nothing is sent then.
        """
        pauses = (*self._session.parts.retry_delays_seconds, None)
        for attempt, pause in enumerate(pauses, start=1):
            outcome = await self._attempt(question, attempt)
            if isinstance(outcome, ModelReply):
                return outcome
            asked = outcome.retry_after_seconds or 0.0
            if not outcome.retryable or pause is None or asked > MAX_PAUSE_SECONDS:
                raise error_for(self._model.name, outcome)
            await asyncio.sleep(max(pause, asked))
        raise AssertionError("unreachable: the last attempt answers or raises")

    async def _attempt(self, question: Question, attempt: int) -> ModelReply | ModelFault:
        key = _attempt_key(question.turn, attempt)
        recorded = _recorded_request(self._model, question)
        step = self._session.memo.visit(key)
        if step is not None and step.request_hash != call_hash(recorded):
            raise mismatch(key, "another question", "this one")
        if step is not None and step.state.is_final:
            return _from_record(step)
        request = self._request(question, key)
        self._begin(key, recorded, await self._worst_case(request))
        return await self._send(key, request)

    async def _send(self, key: str, request: ModelRequest) -> ModelReply | ModelFault:
        """One request on the wire and its outcome on record, whatever happens to it."""
        try:
            reply = _cleaned(await self._port.complete(request))
        except ModelError as error:
            self._settle_fault(key, error.fault)
            return error.fault
        except BaseException:  # ended or broken while in flight: it may have been billed
            self._settle_fault(key, ModelFault(kind=FaultKind.CONNECTION_LOST, may_be_billed=True))
            raise
        self._settle(key, StepState.DONE, reply.model_dump(mode="json"), spent_micros=reply.cost_micros)
        return reply

    async def _worst_case(self, request: ModelRequest) -> int:
        run_with_room(self._session)
        try:
            return await self._port.worst_case_micros(request)
        except (Refused, UserMistake) as error:
            raise Halt(RunState.NEEDS_ATTENTION, str(error)) from error

    def _begin(self, key: str, recorded: JsonObject, hold_micros: int) -> None:
        intent = StepIntent(
            run_id=self._session.run.id,
            key=key,
            position=self._session.memo.position(key),
            segment=self._session.run.segment,
            kind=StepKind.MODEL,
            name=self._model.name,
            access=Access.READ,
            irreversible=False,
            request=recorded,
            request_hash=call_hash(recorded),
            idempotency_key=self._idempotency_key(key),
            hold_micros=hold_micros,
            rule_id="mind.model",
        )
        try:
            self._session.memo.keep(begin_step(self._session.store, intent))
        except Refused as limit:
            raise Halt(RunState.NEEDS_ATTENTION, limit.message) from limit

    def _settle_fault(self, key: str, fault: ModelFault) -> None:
        held = next(step.held_micros for step in self._session.memo.steps if step.key == key)
        spent = held if fault.may_be_billed else 0
        error = error_for(self._model.name, fault).message
        self._settle(key, StepState.FAILED, {"fault": fault.model_dump(mode="json")}, spent_micros=spent, error=error)

    def _settle(
        self, key: str, state: StepState, result: JsonObject, *, spent_micros: int, error: str | None = None
    ) -> None:
        run_id = self._session.run.id
        step = settle_step(
            self._session.store, run_id, key, state=state, result=result, error=error, spent_micros=spent_micros
        )
        self._session.memo.keep(step)
        log.info(
            "model.call", run=run_id, step=key, model=self._model.name, state=state.value, spent_micros=spent_micros
        )

    def _idempotency_key(self, key: str) -> str:
        return derive("ask", self._session.run.id, key)

    def _request(self, question: Question, key: str) -> ModelRequest:
        return ModelRequest(
            agent=self._session.agent.id,
            model=self._model.name,
            messages=question.messages,
            tools=question.tools,
            answer_schema=question.answer,
            max_tokens=self._model.max_tokens,
            idempotency_key=self._idempotency_key(key),
            timeout_seconds=CALL_TIMEOUT_SECONDS,
        )


def first_attempt(turn: int) -> str:
    """The place of a turn's first attempt: nothing is there until the turn's question is asked."""
    return _attempt_key(turn, 1)


def _attempt_key(turn: int, attempt: int) -> str:
    return f"{turn}.model.{attempt}"


def _recorded_request(model: ModelSpec, question: Question) -> JsonObject:
    """What is kept of a question: what is new in it, and a fingerprint of the whole, so that nothing is kept twice."""
    messages: list[Json] = [message.model_dump(mode="json") for message in question.messages]
    asked = {
        "messages": messages,
        "tools": [tool.model_dump(mode="json") for tool in question.tools],
        "answer": question.answer,
    }
    return {
        "model": model.name,
        "max_tokens": model.max_tokens,
        "asked": fingerprint(asked),
        "new_messages": messages[len(messages) - question.new :],
    }


def _cleaned(reply: ModelReply) -> ModelReply:
    """The reply as it will be read from the record: what a model writes need not be storable."""
    return ModelReply.model_validate(storable(reply.model_dump(mode="json")))


def _from_record(step: Step) -> ModelReply | ModelFault:
    result = step.result if isinstance(step.result, dict) else {}
    if step.state is StepState.DONE:
        return ModelReply.model_validate(result)
    return ModelFault.model_validate(result["fault"])
