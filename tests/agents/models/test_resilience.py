"""A chaos server judges what a caller of the port does, when all it knows are the port's own faults."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from llmock.pytest_plugin import LLMock
from llmock.testing import LLMockServer

from agents.models.faults import ModelRejected, ModelUnavailable
from agents.models.gateway_client import GatewayModel
from agents.models.port import ModelReply, ModelRequest
from tests.agents.models.asking import KEY, KEY_ENV, READ_TOOL, ask, model

PROVIDERS = {"openai": "openai/gpt-4o-mini", "anthropic": "anthropic/claude-sonnet-4-5"}
FIRST_DELAY_SECONDS = 0.05


@pytest.fixture(scope="module")
def gateway(llmock_server: LLMockServer) -> Iterator[GatewayModel]:
    models = {
        name: model(name, model_id, api_base=llmock_server.base_url(name), key_env=KEY_ENV)
        for name, model_id in PROVIDERS.items()
    }
    port = GatewayModel(models, {KEY_ENV: KEY})
    yield port
    port.close()


async def patient(gateway: GatewayModel, request: ModelRequest) -> ModelReply:
    """What a caller does: waits as long as it was told, and longer each time; gives up on what cannot pass."""
    for attempt in range(4):
        try:
            return await gateway.complete(request)
        except ModelUnavailable as error:
            await asyncio.sleep(error.delay_seconds + FIRST_DELAY_SECONDS * 2**attempt)
    return await gateway.complete(request)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_rate_limit_is_waited_out(llmock: LLMock, gateway: GatewayModel, provider: str) -> None:
    llmock.rate_limit(times=2, retry_after=0.3)
    assert (await patient(gateway, ask(model=provider))).text
    assert len(llmock.requests) == 3
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_outage_is_waited_out(llmock: LLMock, gateway: GatewayModel, provider: str) -> None:
    llmock.fail(503, times=2)
    assert (await patient(gateway, ask(model=provider))).text
    assert len(llmock.requests) == 3
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_what_cannot_pass_is_not_tried_again(
    llmock: LLMock, gateway: GatewayModel, provider: str, status: int
) -> None:
    llmock.outage(status=status)
    with pytest.raises(ModelRejected):
        await patient(gateway, ask(model=provider))
    assert len(llmock.requests) == 1
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_prompt_that_is_too_long_is_not_tried_again(
    llmock: LLMock, gateway: GatewayModel, provider: str
) -> None:
    llmock.context_overflow(times=None)
    with pytest.raises(ModelRejected) as caught:
        await patient(gateway, ask(model=provider))
    assert caught.value.fault.kind == "prompt_too_long"
    llmock.assert_resilient(strict=True)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_tool_call_comes_back_from_every_provider(llmock: LLMock, gateway: GatewayModel, provider: str) -> None:
    llmock.call_tool("files_read", {"path": "notes.md"})
    reply = await gateway.complete(ask(model=provider, tools=(READ_TOOL,)))
    assert [call.name for call in reply.tool_calls] == ["files.read"]
    assert reply.finish_reason == "tool_calls"


async def test_broken_tool_calls_come_through_as_they_are(llmock: LLMock, gateway: GatewayModel) -> None:
    llmock.break_tool_call("malformed_arguments")
    (malformed,) = (await gateway.complete(ask(model="openai", tools=(READ_TOOL,)))).tool_calls
    with pytest.raises(ValueError, match="char"):
        json.loads(malformed.arguments_json)
    llmock.break_tool_call("unknown_tool")
    (unknown,) = (await gateway.complete(ask("And now?", model="openai", tools=(READ_TOOL,)))).tool_calls
    assert unknown.name not in ("files.read", "files_read")
