"""A REST API on loopback that answers as a test says: every request is kept, every answer is chosen beforehand."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from discord.http import HTTPClient, Route

from bot.surfaces.discord.timing import Timing
from bot.surfaces.discord.web import DiscordWeb, use_api
from store.kernel.canonical import Json

QUICK = Timing(call_seconds=2.0, connect_seconds=1.0, login_seconds=2.0)


@dataclass(frozen=True)
class Given:
    """One answer. `status` 0 drops the connection without one."""

    status: int = 200
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Scripted:
    """The answers still to be given, in order (then always the last), and the requests that came."""

    answers: list[Given] = field(default_factory=lambda: [Given(body={"id": "1"})])
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path, (await request.read()).decode("utf-8", "replace")))
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if given.status == 0 and request.transport is not None:
            request.transport.abort()
        if given.body is None:
            return web.Response(status=given.status or 500, headers=given.headers)
        # The library reads a body as JSON only when its type is exactly this, without a charset.
        headers = {**given.headers, "Content-Type": "application/json"}
        return web.Response(body=json.dumps(given.body).encode(), status=given.status, headers=headers)


@asynccontextmanager
async def scripted_web(timing: Timing = QUICK) -> AsyncIterator[tuple[DiscordWeb, Scripted]]:
    """A door to a server of one's own; it has been let in, and nothing has been asked yet."""
    script = Scripted([Given(body={"id": "10", "username": "deck"})])
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = Route.BASE
    use_api(f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10")
    http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=30.0)
    try:
        await http.static_login("token")
        script.asked.clear()
        yield DiscordWeb(http, timing), script
    finally:
        await http.close()
        Route.BASE = base
        await runner.cleanup()
