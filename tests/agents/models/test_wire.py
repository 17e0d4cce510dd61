"""The guard below the provider library: one request for each attempt, and none outside."""

import asyncio

import pytest

from agents.models import wire
from agents.models.diagnosis import diagnose
from agents.models.faults import FaultKind


class Answer:
    """As much of a response as the guard reads."""

    status_code = 503
    headers: dict[str, str] = {"retry-after": "3"}  # noqa: RUF012 - a stand-in for a library's class
    is_closed = True
    text = "overloaded"


class Client:
    """Counts what is really sent, and whether it would follow a redirect."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    async def send(self, request: object, **options: object) -> Answer:
        self.sent.append(options.get("follow_redirects"))
        return Answer()


@pytest.fixture
def client() -> Client:
    return Client()


send_once = wire._guarded(Client.send)


async def test_a_second_request_of_one_attempt_is_stopped_before_it_is_sent(client: Client) -> None:
    attempt = wire.begin()
    await send_once(client, "first", follow_redirects=True)
    with pytest.raises(wire.UnaccountedRequest):
        await send_once(client, "second")
    assert client.sent == [False]
    assert (attempt.status, attempt.retry_after_seconds, attempt.error_body) == (503, 3.0, "overloaded")


async def test_a_request_outside_any_attempt_is_stopped(client: Client) -> None:
    with pytest.raises(wire.UnaccountedRequest):
        await send_once(client, "uninvited")
    assert client.sent == []


async def test_tasks_of_one_attempt_share_its_one_request(client: Client) -> None:
    wire.begin()
    outcomes = await asyncio.gather(*(send_once(client, number) for number in range(3)), return_exceptions=True)
    assert len(client.sent) == 1
    assert sum(isinstance(outcome, wire.UnaccountedRequest) for outcome in outcomes) == 2


async def test_each_attempt_has_its_own(client: Client) -> None:
    async def attempt() -> None:
        wire.begin()
        await send_once(client, "one")

    await asyncio.gather(*(asyncio.create_task(attempt()) for _ in range(3)))
    assert len(client.sent) == 3


@pytest.mark.parametrize(
    ("attempt", "error", "kind", "billed"),
    [
        (wire.Attempt(), ValueError("no such parameter"), FaultKind.BAD_REQUEST, False),
        (wire.Attempt(), TimeoutError(), FaultKind.TIMEOUT, False),
        (wire.Attempt(begun=True), OSError(), FaultKind.UNREACHABLE, False),
        (wire.Attempt(begun=True, sent=True), OSError(), FaultKind.CONNECTION_LOST, True),
        (wire.Attempt(begun=True, sent=True), TimeoutError(), FaultKind.TIMEOUT, True),
        (wire.Attempt(begun=True, sent=True, status=200), KeyError("choices"), FaultKind.MALFORMED_REPLY, True),
        (wire.Attempt(begun=True, sent=True, status=302), OSError(), FaultKind.REDIRECTED, False),
        (wire.Attempt(begun=True, sent=True, status=408), OSError(), FaultKind.TIMEOUT, True),
        (wire.Attempt(begun=True, sent=True, status=418), OSError(), FaultKind.BAD_REQUEST, False),
        (wire.Attempt(begun=True, sent=True, status=504), OSError(), FaultKind.OVERLOADED, True),
    ],
)
def test_the_wire_decides_what_a_failure_was(
    attempt: wire.Attempt, error: Exception, kind: FaultKind, billed: bool
) -> None:
    fault = diagnose(attempt, error)
    assert (fault.kind, fault.may_be_billed) == (kind, billed)
