"""The gateway process: what it sees, what leaves it, how it dies, and that one call is one request whatever happens."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agents.models import gateway_client
from agents.models.faults import FaultKind, ModelError, ModelRejected, ModelUnavailable
from agents.models.gateway_client import GatewayModel
from agents.models.protocol import MAX_LINE_BYTES
from store.kernel.errors import Refused, UserMistake
from tests.agents.models import watched_gateway
from tests.agents.models.asking import DIGEST, KEY, KEY_ENV, READ_TOOL, ask, model
from tests.agents.models.provider import Act, Provider, dribbles, drops, fails, hangs, redirects, says, sends

OTHER_SECRET = "another-secret-of-the-bot"
ENVIRONMENT = {"PATH": os.environ["PATH"], KEY_ENV: KEY, "SLACK_BOT_TOKEN": OTHER_SECRET}
FAMILIES = ["openai/some-model", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture(scope="module")
def contacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway") / "contacts"


@pytest.fixture(scope="module")
def shared(provider: Provider, contacts: Path) -> Iterator[GatewayModel]:
    port = gateway_to(provider, command=(sys.executable, watched_gateway.__file__, str(contacts)))
    for family in FAMILIES:  # the first call of each loads its part of the library, for longer than some tests wait
        with suppress(ModelError):
            asyncio.run(port.complete(ask(model=family, timeout_seconds=60)))
    yield port
    port.close()


@pytest.fixture
def gateway(provider: Provider, shared: GatewayModel) -> GatewayModel:
    provider.plan()
    return shared


def gateway_to(provider: Provider, command: tuple[str, ...] = gateway_client.GATEWAY_COMMAND) -> GatewayModel:
    """A gateway with one model of each provider family, and some special ones, all at `provider`."""
    families = {family: model(family, family, api_base=provider.url, key_env=KEY_ENV) for family in FAMILIES}
    at_v1 = {"api_base": provider.url + "/v1", "key_env": KEY_ENV}
    unpriced = {"input_micros_per_million": None, "output_micros_per_million": None}
    special = {
        "main": model(**at_v1),
        "keyless": model("keyless", api_base=provider.url + "/v1"),
        "no-key-set": model("no-key-set", api_base=provider.url + "/v1", key_env="UNSET_KEY"),
        "mini": model("mini", "openai/gpt-4o-mini", **at_v1, **unpriced),
        "reasoning": model("reasoning", "openai/gpt-5", **at_v1, **unpriced),
        "unheard-of": model("unheard-of", "openai/unheard-of", **at_v1, **unpriced),
        "nowhere": model("nowhere", api_base="http://127.0.0.1:9/v1", key_env=KEY_ENV),
    }
    families[FAMILIES[0]] = model(FAMILIES[0], FAMILIES[0], **at_v1)
    return GatewayModel({**families, **special}, ENVIRONMENT, rungs={"main": "native"}, command=command)


async def failure(gateway: GatewayModel, **changes: Any) -> ModelError:
    """The error of a call that must fail."""
    with pytest.raises(ModelError) as caught:
        await gateway.complete(ask(**changes))
    return caught.value


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("act", "kind"),
    [
        pytest.param(fails(503), FaultKind.OVERLOADED, id="503"),
        pytest.param(fails(429, headers={"Retry-After": "1"}), FaultKind.RATE_LIMITED, id="429"),
        pytest.param(hangs, FaultKind.TIMEOUT, id="hangs"),
        pytest.param(dribbles, FaultKind.TIMEOUT, id="dribbles"),
        pytest.param(drops, FaultKind.CONNECTION_LOST, id="drops"),
        pytest.param(redirects("/elsewhere"), FaultKind.REDIRECTED, id="redirect"),
        pytest.param(sends("<html>"), FaultKind.MALFORMED_REPLY, id="html"),
        pytest.param(sends('{"choices": ['), FaultKind.MALFORMED_REPLY, id="half-json"),
        pytest.param(sends("{}"), FaultKind.MALFORMED_REPLY, id="empty"),
    ],
)
async def test_one_call_is_one_request_whatever_the_provider_does(
    provider: Provider, gateway: GatewayModel, family: str, act: Act, kind: FaultKind
) -> None:
    provider.plan(*[act] * 5)
    await gateway.ping()
    same = gateway.gateway_pid
    # Long enough for what answers, even where the gateway first has to load what a family needs.
    error = await failure(gateway, model=family, timeout_seconds=1 if kind is FaultKind.TIMEOUT else 20)
    assert error.fault.kind is kind
    assert len(provider.seen) == 1
    assert gateway.gateway_pid == same


async def test_a_date_in_retry_after_counts_from_the_providers_own_clock(
    provider: Provider, gateway: GatewayModel
) -> None:
    dates = {"Date": "Sat, 21 Nov 2026 10:00:00 GMT", "Retry-After": "Sat, 21 Nov 2026 10:00:30 GMT"}
    provider.plan(fails(429, headers=dates))
    assert (await failure(gateway)).fault.retry_after_seconds == 30.0


async def test_what_never_reached_a_provider_is_not_billed(gateway: GatewayModel) -> None:
    fault = (await failure(gateway, model="nowhere")).fault
    assert (fault.kind, fault.may_be_billed) == (FaultKind.UNREACHABLE, False)


async def test_an_answer_without_a_count_costs_the_worst_case(provider: Provider, gateway: GatewayModel) -> None:
    provider.plan(says("Hello.", counted=False))
    reply = await gateway.complete(ask())
    assert reply.usage is None
    assert reply.cost_micros == await gateway.worst_case_micros(ask())


async def test_the_providers_own_count_is_what_it_cost(provider: Provider, gateway: GatewayModel) -> None:
    provider.plan(says("Hello."))
    reply = await gateway.complete(ask(model="mini"))
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.cached_tokens) == (100, 40)
    assert (reply.usage.completion_tokens, reply.usage.reasoning_tokens) == (20, 5)
    # gpt-4o-mini in litellm's map: $0.15, $0.075 from the cache and $0.60 a million tokens.
    assert reply.cost_micros == -(-(60 * 150_000 + 40 * 75_000 + 20 * 600_000) // 1_000_000)


async def test_prices_come_from_litellm_when_the_workspace_states_none(gateway: GatewayModel) -> None:
    one_more = await gateway.worst_case_micros(ask(model="mini", max_tokens=1_000_200))
    assert one_more - await gateway.worst_case_micros(ask(model="mini")) == 600_000
    with pytest.raises(Refused, match="no known price"):
        await gateway.worst_case_micros(ask(model="unheard-of"))


async def test_what_is_sent(provider: Provider, gateway: GatewayModel) -> None:
    await gateway.complete(ask(tools=(READ_TOOL,)))
    (seen,) = provider.seen
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["idempotency-key"] == "run_1/step_0"
    assert seen.body == {
        "model": "some-model",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What changed?"}],
        "max_tokens": 200,
        "temperature": 0.0,
        "tool_choice": "auto",
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "files_read",
                    "description": "Reads a file",
                    "parameters": READ_TOOL.parameters,
                },
            }
        ],
    }


async def test_the_schema_goes_by_the_way_the_model_knows(provider: Provider, gateway: GatewayModel) -> None:
    for name in ("main", "mini", "keyless"):
        await gateway.complete(ask(model=name, answer_schema=DIGEST))
    told, known, unknown = (seen.body for seen in provider.seen)
    assert told["response_format"]["json_schema"] == {"name": "answer", "strict": True, "schema": DIGEST}
    assert known["response_format"] == told["response_format"]
    assert "response_format" not in unknown
    assert "JSON Schema" in unknown["messages"][0]["content"]


async def test_a_model_with_a_temperature_of_its_own_is_asked_without_one(
    provider: Provider, gateway: GatewayModel
) -> None:
    await gateway.complete(ask(model="reasoning"))
    (seen,) = provider.seen
    assert "temperature" not in seen.body
    assert seen.body["max_completion_tokens"] == 200


async def test_text_that_is_no_text_becomes_storable(provider: Provider, gateway: GatewayModel) -> None:
    provider.plan(says("half a pair: \ud83d"))
    assert (await gateway.complete(ask())).text == "half a pair: ?"


async def test_a_prompt_too_long_for_the_line_is_refused_unsent(provider: Provider, gateway: GatewayModel) -> None:
    error = await failure(gateway, text="x" * MAX_LINE_BYTES)
    assert isinstance(error, ModelRejected)
    assert (error.fault.kind, error.fault.may_be_billed) == (FaultKind.PROMPT_TOO_LONG, False)
    assert provider.seen == []


async def test_an_answer_too_long_for_the_line_is_a_fault(provider: Provider, gateway: GatewayModel) -> None:
    provider.plan(says("x" * MAX_LINE_BYTES))
    assert (await failure(gateway)).fault.kind is FaultKind.MALFORMED_REPLY
    assert (await gateway.complete(ask())).text == "ok"


async def test_answers_come_as_they_finish(provider: Provider, gateway: GatewayModel) -> None:
    provider.plan(hangs, says("Quick."))
    slow = asyncio.create_task(gateway.complete(ask(timeout_seconds=60)))
    await asyncio.to_thread(provider.wait_for_requests)
    assert (await gateway.complete(ask())).text == "Quick."
    assert not slow.done()
    slow.cancel()


async def test_a_cancelled_call_hangs_up_on_the_provider(provider: Provider, gateway: GatewayModel) -> None:
    provider.plan(hangs)
    call = asyncio.create_task(gateway.complete(ask(timeout_seconds=60)))
    await asyncio.to_thread(provider.wait_for_requests)
    call.cancel()
    assert await asyncio.to_thread(provider.hung_up.wait, 10)
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_key_that_is_not_set_is_said_before_anything_is_sent(provider: Provider, gateway: GatewayModel) -> None:
    with pytest.raises(UserMistake, match="'no-key-set' reads its key from UNSET_KEY, which is not set"):
        await gateway.complete(ask(model="no-key-set"))
    assert provider.seen == []


async def test_a_provider_that_repeats_the_key_does_not_get_it_into_the_error(
    provider: Provider, gateway: GatewayModel
) -> None:
    provider.plan(fails(401, message=f"wrong key {KEY}"))
    error = await failure(gateway)
    assert "wrong key ***" in error.fault.detail
    assert KEY not in error.fault.detail + str(error)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_the_gateway_sees_its_keys_and_nothing_else_of_the_environment(gateway: GatewayModel) -> None:
    await gateway.ping()
    environment = Path(f"/proc/{gateway.gateway_pid}/environ").read_text().rstrip("\0").split("\0")
    names = {entry.partition("=")[0] for entry in environment}
    assert names == {"PATH", KEY_ENV, "LITELLM_MODE", "LITELLM_OFFLINE_MODE", "LITELLM_LOCAL_MODEL_COST_MAP"}


async def test_it_reaches_nothing_but_the_providers_address(
    provider: Provider, gateway: GatewayModel, contacts: Path
) -> None:
    for family in FAMILIES:
        provider.plan(fails(503))
        await failure(gateway, model=family)
    await gateway.worst_case_micros(ask(model="mini"))
    seen = contacts.read_text().splitlines()
    assert any("socket.connect" in line for line in seen)
    assert [line for line in seen if "127.0.0.1" not in line] == []


async def test_a_library_that_prints_prompts_reaches_neither_the_protocol_nor_a_log(
    provider: Provider, contacts: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gateway = gateway_to(provider, command=(sys.executable, watched_gateway.__file__, str(contacts)))
    provider.plan()
    assert (await gateway.complete(ask("the secret plan"))).text == "ok"
    gateway.close()
    printed = "".join(capfd.readouterr())
    assert "secret plan" not in printed
    assert KEY not in printed


def test_threads_that_call_first_at_once_start_one_gateway(tmp_path: Path) -> None:
    gateway = GatewayModel({}, {}, command=(sys.executable, "-c", _COUNTED.format(file=str(tmp_path / "starts"))))
    with ThreadPoolExecutor(4) as pool:
        versions = list(pool.map(lambda _: asyncio.run(gateway.ping()), range(4)))
    gateway.close()
    assert len(set(versions)) == 1
    assert (tmp_path / "starts").read_text() == "started\n"


_COUNTED = """
import runpy
with open({file!r}, "a") as starts:
    starts.write("started\\n")
runpy.run_module("agents.models.gateway", run_name="__main__")
"""


async def test_killed_during_a_call_it_fails_that_call_and_serves_the_next(
    provider: Provider, gateway: GatewayModel
) -> None:
    provider.plan(hangs, says("Back."))
    call = asyncio.create_task(gateway.complete(ask(timeout_seconds=60)))
    await asyncio.to_thread(provider.wait_for_requests)
    killed = gateway.gateway_pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(ModelUnavailable) as caught:
        await call
    assert (caught.value.fault.kind, caught.value.fault.may_be_billed) == (FaultKind.GATEWAY_LOST, True)
    assert (await gateway.complete(ask())).text == "Back."
    assert gateway.gateway_pid not in (None, killed)
    assert len(provider.seen) == 2


async def test_frozen_it_is_killed_when_the_call_is_overdue(
    provider: Provider, gateway: GatewayModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gateway.ping()
    frozen = gateway.gateway_pid
    assert frozen is not None
    monkeypatch.setattr(gateway_client, "GRACE_SECONDS", 0)
    os.kill(frozen, signal.SIGSTOP)
    fault = (await failure(gateway, timeout_seconds=1)).fault
    assert (fault.kind, fault.may_be_billed) == (FaultKind.TIMEOUT, True)
    assert (await gateway.complete(ask())).text == "ok"
    assert gateway.gateway_pid != frozen


async def test_closed_it_ends_at_once_and_answers_who_still_waits(provider: Provider) -> None:
    gateway = gateway_to(provider)
    provider.plan(hangs)
    call = asyncio.create_task(gateway.complete(ask(timeout_seconds=60)))
    await asyncio.to_thread(provider.wait_for_requests)
    pid = gateway.gateway_pid
    assert pid is not None
    started = time.monotonic()
    await asyncio.to_thread(gateway.close)
    assert time.monotonic() - started < 2
    assert not _runs(pid)
    with pytest.raises(ModelUnavailable):
        await call
    gateway.close()
    with pytest.raises(RuntimeError, match="closed"):
        await gateway.complete(ask())


_ORPHAN = """
import asyncio, os, signal, sys
from agents.models.gateway_client import GatewayModel
gateway = GatewayModel({}, {})
asyncio.run(gateway.ping())
print(gateway.gateway_pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_does_not_outlive_a_bot_that_is_killed() -> None:
    bot = subprocess.run([sys.executable, "-c", _ORPHAN], stdout=subprocess.PIPE, text=True, check=False, timeout=60)
    assert bot.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 10
    while _runs(int(bot.stdout)):
        assert time.monotonic() < deadline, "the gateway outlived its parent"
        time.sleep(0.02)


_WITHOUT_LITELLM = """
import runpy, sys
sys.modules["litellm"] = None
runpy.run_module("agents.models.gateway", run_name="__main__")
"""


async def test_a_gateway_without_litellm_says_what_to_install(provider: Provider) -> None:
    gateway = gateway_to(provider, command=(sys.executable, "-c", _WITHOUT_LITELLM))
    error = await failure(gateway)
    gateway.close()
    assert isinstance(error, ModelRejected)
    assert "litellm is missing" in str(error)


@pytest.mark.parametrize("program", ["print('hello')", "raise SystemExit(3)"])
async def test_a_gateway_that_is_none_fails_the_call_and_nothing_more(provider: Provider, program: str) -> None:
    gateway = gateway_to(provider, command=(sys.executable, "-c", program))
    fault = (await failure(gateway)).fault
    gateway.close()
    assert (fault.kind, fault.may_be_billed) == (FaultKind.GATEWAY_LOST, False)


_IMPORTS = """
import sys
import agents.models.port, agents.models.gateway_client, agents.models.scripted
print([name for name in ("litellm", "openai", "httpx", "aiohttp", "sqlalchemy") if name in sys.modules])
"""


def test_the_bot_never_imports_litellm() -> None:
    bot = subprocess.run([sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True, timeout=60)
    assert bot.stdout.strip() == "[]"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
