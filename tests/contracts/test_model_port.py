"""The promises of ModelPort, kept by the scripted model and by the gateway over real HTTP."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest

from agents.models.faults import FaultKind, ModelDeclined, ModelError, ModelRejected, ModelUnavailable
from agents.models.gateway_client import GatewayModel
from agents.models.port import Message, ModelPort, ModelReply, ModelRequest, ToolCall
from agents.models.script import Line, ScriptedCall, ScriptedError, ScriptedReply
from agents.models.scripted import ScriptedModel
from store.kernel import crash
from store.kernel.errors import Refused, Retryable, UserMistake
from tests.agents.models.asking import DIGEST, KEY, KEY_ENV, READ_TOOL, ask, model
from tests.agents.models.provider import Act, Provider, fails, says

MODELS = {
    "main": model(key_env=KEY_ENV),
    "unpriced": model("unpriced", "openai/nobody-knows-it", input_micros_per_million=None),
    "free": model("free", input_micros_per_million=0, output_micros_per_million=0),
}


class Stage(Protocol):
    """A model port and the world behind it, in which one thing is planned to happen for each attempt."""

    @property
    def port(self) -> ModelPort: ...

    def say(self, text: str, finish: str = "stop") -> None: ...

    def call(self, name: str, arguments_json: str) -> None: ...

    def fail(self, kind: FaultKind, status: int, retry_after_seconds: int | None = None) -> None: ...

    @property
    def attempts(self) -> int: ...


class ScriptedStage:
    """Every plan is a line of a script that is used once."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._port: ScriptedModel | None = None

    @property
    def port(self) -> ScriptedModel:
        self._port = self._port or ScriptedModel(MODELS, tuple(self._lines))
        return self._port

    def say(self, text: str, finish: str = "stop") -> None:
        self._plan(ScriptedReply.model_validate({"text": text, "finish_reason": finish}))

    def call(self, name: str, arguments_json: str) -> None:
        self._plan(ScriptedReply(tool_calls=(ScriptedCall(name=name, arguments_json=arguments_json),)))

    def fail(self, kind: FaultKind, status: int, retry_after_seconds: int | None = None) -> None:
        error = ScriptedError(kind=kind, status=status, retry_after_seconds=retry_after_seconds)
        self._plan(ScriptedReply(error=error))

    def _plan(self, reply: ScriptedReply) -> None:
        self._lines.append(Line(reply=reply, times=1))

    @property
    def attempts(self) -> int:
        return self.port.attempts


CODES = {FaultKind.CONTENT_REFUSED: "content_policy_violation", FaultKind.QUOTA_EXHAUSTED: "insufficient_quota"}


class GatewayStage:
    """Every plan is an act of a provider on loopback; attempts are the HTTP requests it got."""

    def __init__(self, provider: Provider, port: GatewayModel) -> None:
        self._provider = provider
        self.port = port
        self._acts: list[Act] = []
        provider.plan()

    def say(self, text: str, finish: str = "stop") -> None:
        self._plan(says(text, finish=finish))

    def call(self, name: str, arguments_json: str) -> None:
        self._plan(says(None, finish="tool_calls", calls=((name.replace(".", "_"), arguments_json),)))

    def fail(self, kind: FaultKind, status: int, retry_after_seconds: int | None = None) -> None:
        headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
        self._plan(fails(status, headers=headers, code=CODES.get(kind, "broken")))

    def _plan(self, act: Act) -> None:
        self._acts.append(act)
        self._provider.plan(*self._acts)

    @property
    def attempts(self) -> int:
        return len(self._provider.seen)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(provider: Provider) -> Iterator[GatewayModel]:
    models = {name: spec.model_copy(update={"api_base": provider.url + "/v1"}) for name, spec in MODELS.items()}
    port = GatewayModel(models, {KEY_ENV: KEY}, rungs={"main": "native"})
    yield port
    port.close()


@pytest.fixture(params=["scripted", "gateway"])
def stage(request: pytest.FixtureRequest) -> Stage:
    if request.param == "scripted":
        return ScriptedStage()
    return GatewayStage(request.getfixturevalue("provider"), request.getfixturevalue("gateway"))


async def test_text_comes_back_with_what_it_cost(stage: Stage) -> None:
    stage.say("Two files changed.")
    worst = await stage.port.worst_case_micros(ask())
    reply = await stage.port.complete(ask())
    assert (reply.text, reply.tool_calls, reply.answer, reply.finish_reason) == ("Two files changed.", (), None, "stop")
    assert reply.usage is not None
    assert reply.provider_model
    assert 0 < reply.cost_micros <= worst
    assert stage.attempts == 1


async def test_pricing_a_request_asks_no_provider(stage: Stage) -> None:
    assert await stage.port.worst_case_micros(ask()) > 0
    assert stage.attempts == 0


async def test_longer_prompts_and_answers_cost_more_in_the_worst_case(stage: Stage) -> None:
    small = await stage.port.worst_case_micros(ask())
    assert await stage.port.worst_case_micros(ask("What changed? " * 50)) > small
    assert await stage.port.worst_case_micros(ask(max_tokens=201)) == small + 3
    assert await stage.port.worst_case_micros(ask(model="free")) == 0


async def test_malformed_tool_arguments_come_through_as_they_are(stage: Stage) -> None:
    stage.call("files.read", '{"path": ')
    reply = await stage.port.complete(ask(tools=(READ_TOOL,)))
    assert [(call.name, call.arguments_json) for call in reply.tool_calls] == [("files.read", '{"path": ')]
    assert reply.finish_reason == "tool_calls"


async def test_an_unknown_tool_comes_through_for_the_gate_to_refuse(stage: Stage) -> None:
    stage.call("delete_everything", "{}")
    reply = await stage.port.complete(ask(tools=(READ_TOOL,)))
    assert [call.name for call in reply.tool_calls] == ["delete_everything"]


async def test_a_conversation_with_malformed_calls_and_results_goes_on(stage: Stage) -> None:
    stage.say("Understood.")
    call = ToolCall(id="call_0", name="files.read", arguments_json='{"path": ')
    told = Message(role="tool", content="arguments refused", tool_call_id="call_0")
    messages = (*ask().messages, Message(role="assistant", tool_calls=(call,)), told)
    assert (await stage.port.complete(ask(messages=messages, tools=(READ_TOOL,)))).text == "Understood."


async def test_an_answer_cut_off_says_so(stage: Stage) -> None:
    stage.say("It began when", finish="length")
    reply = await stage.port.complete(ask())
    assert (reply.text, reply.finish_reason) == ("It began when", "length")


async def test_a_typed_answer_is_checked_and_parsed(stage: Stage) -> None:
    stage.say(json.dumps({"headline": "Quiet", "changes": 2}))
    reply = await stage.port.complete(ask(answer_schema=DIGEST))
    assert reply.answer == {"headline": "Quiet", "changes": 2}
    assert reply.violation is None


async def test_an_answer_against_the_schema_is_a_violation_that_was_paid_for(stage: Stage) -> None:
    stage.say(json.dumps({"headline": "Quiet", "changes": "two"}))
    reply = await stage.port.complete(ask(answer_schema=DIGEST))
    assert reply.answer is None
    assert reply.violation is not None
    assert reply.violation.errors == ("$.changes: 'two' is not of type 'integer'",)
    assert not reply.violation.cut_off
    assert reply.cost_micros > 0


async def test_a_typed_answer_cut_off_is_a_violation_that_says_why(stage: Stage) -> None:
    stage.say('{"headline": "Qui', finish="length")
    reply = await stage.port.complete(ask(answer_schema=DIGEST))
    assert reply.violation is not None
    assert reply.violation.cut_off


async def test_a_tool_call_comes_before_a_typed_answer(stage: Stage) -> None:
    stage.call("files.read", '{"path": "a"}')
    reply = await stage.port.complete(ask(answer_schema=DIGEST, tools=(READ_TOOL,)))
    assert [call.name for call in reply.tool_calls] == ["files.read"]
    assert (reply.answer, reply.violation) == (None, None)


@pytest.mark.parametrize(
    ("kind", "status", "error", "billed"),
    [
        (FaultKind.RATE_LIMITED, 429, ModelUnavailable, False),
        (FaultKind.OVERLOADED, 500, ModelUnavailable, True),
        (FaultKind.OVERLOADED, 503, ModelUnavailable, True),
        (FaultKind.OVERLOADED, 529, ModelUnavailable, True),
        (FaultKind.UNAUTHORIZED, 401, ModelRejected, False),
        (FaultKind.UNAUTHORIZED, 403, ModelRejected, False),
        (FaultKind.QUOTA_EXHAUSTED, 429, ModelRejected, False),
        (FaultKind.NOT_FOUND, 404, ModelRejected, False),
        (FaultKind.BAD_REQUEST, 400, ModelRejected, False),
        (FaultKind.BAD_REQUEST, 422, ModelRejected, False),
        (FaultKind.PROMPT_TOO_LONG, 413, ModelRejected, False),
        (FaultKind.CONTENT_REFUSED, 400, ModelDeclined, False),
    ],
)
async def test_each_failure_is_one_attempt_and_one_kind(
    stage: Stage,
    kind: FaultKind,
    status: int,
    error: type[ModelError],
    billed: bool,
) -> None:
    stage.fail(kind, status)
    with pytest.raises(error) as caught:
        await stage.port.complete(ask())
    fault = caught.value.fault
    assert (fault.kind, fault.status, fault.may_be_billed) == (kind, status, billed)
    assert fault.retryable == isinstance(caught.value, Retryable)
    assert "main" in caught.value.message
    assert stage.attempts == 1


async def test_the_provider_says_how_long_to_wait(stage: Stage) -> None:
    stage.fail(FaultKind.RATE_LIMITED, 429, retry_after_seconds=7)
    with pytest.raises(ModelUnavailable) as caught:
        await stage.port.complete(ask())
    assert (caught.value.delay_seconds, caught.value.fault.retry_after_seconds) == (7.0, 7.0)


async def test_only_the_caller_tries_again(stage: Stage) -> None:
    stage.fail(FaultKind.OVERLOADED, 503)
    stage.say("Here now.")
    with pytest.raises(ModelUnavailable):
        await stage.port.complete(ask())
    assert stage.attempts == 1
    assert (await stage.port.complete(ask())).text == "Here now."
    assert stage.attempts == 2


async def test_without_a_price_nothing_is_sent(stage: Stage) -> None:
    for refused in (stage.port.worst_case_micros, stage.port.complete):
        with pytest.raises(Refused, match="no known price") as caught:
            await refused(ask(model="unpriced"))
        assert caught.value.rule == "model.price"
    assert stage.attempts == 0


async def test_an_unknown_model_is_named_with_those_there_are(stage: Stage) -> None:
    with pytest.raises(UserMistake, match=r"no model 'mian'.*free, main, unpriced"):
        await stage.port.complete(ask(model="mian"))
    assert stage.attempts == 0


async def test_a_schema_that_is_none_is_refused_before_anything_is_sent(stage: Stage) -> None:
    with pytest.raises(UserMistake, match="not valid JSON Schema"):
        await stage.port.complete(ask(answer_schema={"type": "object", "required": "headline"}))
    assert stage.attempts == 0


def test_threads_with_loops_of_their_own_may_share_it(stage: Stage) -> None:
    for _ in range(12):
        stage.say("Same to all.")
    port = stage.port

    def one_run(number: int) -> list[str | None]:
        async def three() -> list[ModelReply]:
            return [await port.complete(ask(idempotency_key=f"run_{number}/{step}")) for step in range(3)]

        return [reply.text for reply in asyncio.run(three())]

    with ThreadPoolExecutor(4) as pool:
        texts = [text for run in pool.map(one_run, range(4)) for text in run]
    assert texts == ["Same to all."] * 12
    assert stage.attempts == 12


async def test_a_call_passes_its_crash_points(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []
    monkeypatch.setattr(crash.POINTS, "reach", reached.append)
    stage.say("ok")
    await stage.port.worst_case_micros(ask())
    assert reached == []
    await stage.port.complete(ask())
    assert reached == ["model.complete.before", "model.complete.after"]


@pytest.mark.parametrize("missing", ["max_tokens", "idempotency_key", "timeout_seconds"])
def test_a_request_without_a_bound_cannot_be_made(missing: str) -> None:
    facts = ask().model_dump(exclude={missing})
    with pytest.raises(ValueError, match=missing):
        ModelRequest.model_validate(facts)
