"""Which roles an account holds in the server: Discord's plain word, or that nobody can say now."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.surfaces.discord.members import Members
from bot.surfaces.discord.settings import DiscordSettings
from bot.surfaces.discord.timing import Timing
from store.kernel.errors import Retryable

ANA = "100000000000000001"
SERVER = "300000000000000001"
HELD = "200000000000000001"
QUICK = Timing(member_seconds=0.6)
MEMBER: tuple[int, object, dict[str, str]] = (200, {"user": {"id": ANA}, "roles": [HELD]}, {})


@dataclass
class Rest:
    """A server that gives these answers in turn, the last one for ever; None never answers."""

    answers: list[tuple[int, object, dict[str, str]] | None] = field(default_factory=lambda: [MEMBER])
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.headers["Authorization"]))
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if given is None:
            await asyncio.Event().wait()
        assert given is not None
        status, body, headers = given
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, headers=headers)

    def members(self) -> Members:
        return Members(DiscordSettings(token=SecretStr("t0ken"), server_id=SERVER, api_url=self.url), QUICK)


@pytest.fixture
async def rest() -> AsyncIterator[Rest]:
    found, app = Rest(), web.Application()
    app.router.add_get("/{path:.*}", found.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    yield found
    await runner.cleanup()


async def test_a_members_roles_are_what_discord_says(rest: Rest) -> None:
    assert await rest.members().held("discord", ANA) == {HELD}
    assert rest.asked == [(f"/api/v10/guilds/{SERVER}/members/{ANA}", "Bot t0ken")]


@pytest.mark.parametrize("code", [10007, 10013])
async def test_whoever_left_the_server_holds_nothing(rest: Rest, code: int) -> None:
    rest.answers = [(404, {"message": "Unknown", "code": code}, {})]
    assert await rest.members().held("discord", ANA) == frozenset()


@pytest.mark.parametrize(
    "answer",
    [
        (404, {"message": "Unknown Guild", "code": 10004}, {}),
        (404, "404: Not Found", {}),
        (401, {"message": "401: Unauthorized", "code": 0}, {}),
        (403, {"message": "Missing Access", "code": 50001}, {}),
        (500, {}, {}),
        (503, "upstream", {}),
        (200, {"user": {}}, {}),
        (200, {"roles": HELD}, {}),
        (200, [], {}),
        (302, {"roles": [HELD]}, {"Location": "/api/v10/other"}),
        (429, {}, {"Retry-After": "60"}),
        None,
    ],
)
async def test_anything_else_is_no_answer(rest: Rest, answer: tuple[int, object, dict[str, str]] | None) -> None:
    rest.answers = [answer]
    with pytest.raises(Retryable) as told:
        await rest.members().held("discord", ANA)
    assert told.value.message == "Discord cannot say now who holds which role."


async def test_nobody_answers_where_nothing_listens() -> None:
    settings = DiscordSettings(token=SecretStr("t"), server_id=SERVER, api_url="http://127.0.0.1:9/api/v10")
    with pytest.raises(Retryable):
        await Members(settings, QUICK).held("discord", ANA)


async def test_asked_to_slow_down_it_asks_again_in_time(rest: Rest) -> None:
    rest.answers = [(429, {}, {"Retry-After": "0.05"}), MEMBER]
    assert await rest.members().held("discord", ANA) == {HELD}
    assert len(rest.asked) == 2


@pytest.mark.parametrize("account", ["", "../roles", "1/../../users/@me", "ana"])
async def test_only_an_id_is_asked_about(rest: Rest, account: str) -> None:
    with pytest.raises(Retryable):
        await rest.members().held("discord", account)
    assert rest.asked == []


async def test_another_surface_is_not_discords_to_know(rest: Rest) -> None:
    with pytest.raises(Retryable):
        await rest.members().held("slack", ANA)
