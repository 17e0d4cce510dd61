"""Each answer of Slack's means one of four things, and what is not understood counts as "may have happened"."""

import asyncio

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from bot.surfaces.slack.failures import (
    AMBIGUOUS,
    HINTS,
    RATE_LIMITED,
    Reply,
    SlackRefusal,
    failure_of,
    failure_of_reply,
)
from store.kernel.errors import OutcomeUnknown, Retryable


@pytest.mark.parametrize("code", sorted(AMBIGUOUS))
def test_an_ambiguous_error_may_have_happened(code: str) -> None:
    assert isinstance(failure_of_reply(Reply(200, code, None), "chat.postMessage", repeatable=False), OutcomeUnknown)
    assert isinstance(failure_of_reply(Reply(200, code, None), "chat.update", repeatable=True), Retryable)


@pytest.mark.parametrize("reply", [Reply(429, None, 3.0), *(Reply(200, code, 3.0) for code in RATE_LIMITED)])
def test_slow_down_means_nothing_happened(reply: Reply) -> None:
    failure = failure_of_reply(reply, "chat.postMessage", repeatable=False)
    assert isinstance(failure, Retryable)
    assert failure.delay_seconds == 3.0


@pytest.mark.parametrize("code", sorted(HINTS))
def test_a_known_refusal_says_what_to_do(code: str) -> None:
    failure = failure_of_reply(Reply(200, code, None), "chat.postMessage", repeatable=False)
    assert isinstance(failure, SlackRefusal)
    assert failure.hint == HINTS[code]


@given(st.integers(500, 599), st.none() | st.text(min_size=1, max_size=20), st.booleans())
def test_no_server_error_is_ever_taken_for_a_refusal(status: int, code: str | None, repeatable: bool) -> None:
    failure = failure_of_reply(Reply(status, code, None), "chat.postMessage", repeatable=repeatable)
    assert not isinstance(failure, SlackRefusal)


@given(st.integers(200, 428))
def test_an_answer_without_a_word_is_unknown(status: int) -> None:
    failure = failure_of_reply(Reply(status, None, None), "chat.postMessage", repeatable=False)
    assert isinstance(failure, OutcomeUnknown)


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionResetError(104, "reset"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError(),
        aiohttp.SocketTimeoutError(),
        aiohttp.ClientOSError(32, "broken pipe"),
        SlackApiError("odd", {}),
        SlackApiError("odd", None),
    ],
)
def test_a_lost_answer_is_unknown(error: Exception) -> None:
    assert isinstance(failure_of(error, "chat.postMessage", repeatable=False), OutcomeUnknown)


async def test_a_request_that_never_left_is_known_not_to_have_happened() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError) as raised:
            await session.post("http://127.0.0.1:9/")
    assert isinstance(failure_of(raised.value, "chat.postMessage", repeatable=False), Retryable)
    unconnected = aiohttp.ConnectionTimeoutError()
    assert isinstance(failure_of(unconnected, "chat.postMessage", repeatable=False), Retryable)
    await asyncio.sleep(0)  # lets the failed connection be closed


def test_words_of_a_failure_hold_nothing_of_the_request() -> None:
    leaking = aiohttp.ClientPayloadError("Authorization: Bearer xoxb-1-secret")
    assert "xoxb" not in str(failure_of(leaking, "chat.postMessage", repeatable=False))


def test_only_a_method_that_nothing_depends_on_may_be_missing() -> None:
    nothing = Reply(404, None, None)
    asked = failure_of_reply(nothing, "blocks.validate", repeatable=True)
    assert isinstance(asked, SlackRefusal)
    assert asked.code == "unknown_method"
    assert isinstance(failure_of_reply(nothing, "chat.postMessage", repeatable=False), OutcomeUnknown)
    assert isinstance(failure_of_reply(nothing, "chat.update", repeatable=True), Retryable)
