"""Webhooks: signed, stored once, answered at once, carried out afterwards."""

import asyncio
from collections.abc import Mapping

import pytest

from bot.surfaces.base import InboundKind
from bot.surfaces.webhooks import sign
from tests.blocks.samples import NOW
from tests.bot.console.conftest import SECRET, Console, Reply

BODY = b'{"deploy": 7}'


async def send(
    console: Console,
    *,
    hook: str = "deploys",
    identity: str = "msg_1",
    body: bytes = BODY,
    changes: Mapping[str, str] | None = None,
) -> Reply:
    seconds = int(NOW.timestamp())
    headers = {
        "webhook-id": identity,
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign(SECRET, identity, seconds, body),
        "Host": "hooks.example.test",
        **(changes or {}),
    }
    return await console.send("POST", f"/hooks/{hook}", data=body, headers=headers)


async def acted(console: Console, count: int) -> None:
    async with asyncio.timeout(5):
        while len(console.inbound.acted) < count:
            await asyncio.sleep(0.005)


async def test_a_signed_request_becomes_one_event(stranger: Console) -> None:
    assert (await send(stranger)).status == 202
    await acted(stranger, 1)
    (event,) = stranger.inbound.acted
    assert (event.surface, event.kind, event.account, event.key) == (
        "webhook",
        InboundKind.WEBHOOK,
        "deploys",
        "deploys:msg_1",
    )
    assert event.payload == {"deploy": 7}


async def test_a_redelivery_is_acknowledged_and_not_acted_on(stranger: Console) -> None:
    statuses = [(await send(stranger)).status for _ in range(4)]
    assert statuses == [202, 200, 200, 200]
    assert (await send(stranger, identity="msg_2")).status == 202
    await acted(stranger, 2)
    assert len(stranger.inbound.acted) == 2


async def test_the_sender_is_answered_before_the_work_is_done(stranger: Console) -> None:
    stranger.inbound.gate.clear()
    assert (await send(stranger)).status == 202
    assert stranger.inbound.acted == []
    stranger.inbound.gate.set()
    await acted(stranger, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-timestamp": str(int(NOW.timestamp()) - 301)},
        {"webhook-id": "msg_other"},
    ],
)
async def test_an_unsigned_request_leaves_nothing(stranger: Console, changes: dict[str, str]) -> None:
    assert (await send(stranger, changes=changes)).status == 403
    assert stranger.inbound.accepted == []


async def test_an_unknown_hook_a_bad_body_and_a_huge_one_are_refused(stranger: Console) -> None:
    assert (await send(stranger, hook="nothing")).status == 404
    assert (await send(stranger, body=b"not json")).status == 400
    assert (await send(stranger, body=b'"' + b"x" * 300_000 + b'"')).status == 413
    assert stranger.inbound.accepted == []


async def test_a_body_that_is_no_object_is_kept_whole(stranger: Console) -> None:
    assert (await send(stranger, body=b"[1, 2]")).status == 202
    await acted(stranger, 1)
    assert stranger.inbound.acted[0].payload == {"value": [1, 2]}


async def test_a_failing_handler_is_logged_and_the_event_stays_on_record(stranger: Console) -> None:
    async def fail(_accepted: object) -> None:
        raise RuntimeError("boom")

    stranger.inbound.act = fail  # type: ignore[method-assign,assignment]  # the fault
    assert (await send(stranger)).status == 202
    await stranger.surface.stop()
    assert len(stranger.inbound.accepted) == 1
