"""What programs of this machine may ask, and with what right."""

import json

import pytest

from bot.surfaces.base import Answer, InboundKind
from tests.bot.console.conftest import Console

COMMAND = {"text": "run machine-watch", "key": "cli-1", "person": "ana"}


def bearer(console: Console) -> dict[str, str]:
    return {"Authorization": f"Bearer {console.surface._secrets.local_token}"}


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Basic x"])
async def test_nothing_without_the_local_token(stranger: Console, token: str) -> None:
    headers = {"Authorization": token} if token else {}
    for method, path in (("GET", "/api/health"), ("POST", "/api/command"), ("POST", "/api/press")):
        reply = await stranger.send(method, path, json=COMMAND, headers=headers)
        assert reply.status == 401
    assert stranger.inbound.accepted == []


async def test_a_login_cookie_is_not_the_local_token(console: Console) -> None:
    assert (await console.send("POST", "/api/command", json=COMMAND)).status == 401


async def test_health_tells_what_the_console_knows(stranger: Console) -> None:
    body = json.loads((await stranger.get("/api/health", headers=bearer(stranger))).text)
    assert body == {"ok": True, "url": stranger.url, "pages_open": 0, "surfaces": [], "oldest_event_at": None}


async def test_a_command_is_an_event_of_its_person_and_repeats_change_nothing(stranger: Console) -> None:
    stranger.inbound.answer = Answer(text="Machine Watch starts now.")
    replies = [await stranger.send("POST", "/api/command", json=COMMAND, headers=bearer(stranger)) for _ in range(3)]
    assert {json.loads(reply.text)["text"] for reply in replies} == {"Machine Watch starts now."}
    (event,) = stranger.inbound.acted
    assert (event.surface, event.kind, event.account, event.text) == (
        "cli",
        InboundKind.COMMAND,
        "ana",
        "run machine-watch",
    )


async def test_a_press_may_bring_fields(stranger: Console) -> None:
    body = {"token": "q1:reject:a:1", "fields": {"reason": "no"}, "key": "k", "person": "bo"}
    assert (await stranger.send("POST", "/api/press", json=body, headers=bearer(stranger))).status == 200
    (event,) = stranger.inbound.acted
    assert (event.kind, event.fields, event.account) == (InboundKind.SUBMIT, {"reason": "no"}, "bo")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"key": "k", "person": "ana"}', "no text under 'text'"),
        ('{"text": "x", "person": "ana"}', "no text under 'key'"),
        ('{"text": "x", "key": "k", "person": "eve"}', "no person 'eve'"),
    ],
)
async def test_a_bad_body_is_said_plainly(stranger: Console, body: str, words: str) -> None:
    reply = await stranger.send("POST", "/api/command", data=body, headers=bearer(stranger))
    assert reply.status == 400
    assert words in json.loads(reply.text)["text"]
    assert stranger.inbound.accepted == []
