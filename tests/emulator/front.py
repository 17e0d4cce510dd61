"""What the emulator lacks, added in front of it: guest flags, granted scopes, reply addresses, a record of requests."""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from bot.surfaces.slack.manifest import OPTIONAL_SCOPES, SCOPES
from tests.emulator.surfaces import BOT_TOKEN

TEAM = "T000000001"
BOT = "U0DECKBOT"
_PASSED_ON = ("Authorization", "Content-Type")


@dataclass
class EmulatedSlack:
    """A workspace on the emulator.

    `calls` records the requests, `replies` what was sent to reply addresses, `views` the forms that were opened.
    """

    emulator_url: str
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    url: str = ""
    _runner: web.AppRunner | None = None
    _session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession()
        app = web.Application()
        app.router.add_post("/api/{method}", self._pass_on)
        app.router.add_post("/respond", self._respond)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def called(self, method: str) -> list[dict[str, str]]:
        return [form for name, form in self.calls if name == method]

    async def ask(self, method: str, **form: str) -> dict[str, Any]:
        """Asks the emulator itself, past the record."""
        assert self._session is not None
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        async with self._session.post(f"{self.emulator_url}/api/{method}", data=form, headers=headers) as answer:
            body: dict[str, Any] = await answer.json()
            assert body["ok"], (method, body)
            return body

    async def messages(self, channel: str) -> list[dict[str, Any]]:
        """The channel's messages, oldest first."""
        page = await self.ask("conversations.history", channel=channel, limit="1000")
        return list(reversed(page["messages"]))

    async def account(self, name: str) -> str:
        """The account id of one of the seeded people."""
        users = (await self.ask("users.list"))["members"]
        return str(next(user["id"] for user in users if user["name"] == name))

    async def trigger(self, account: str) -> str:
        """A trigger id as a press by that account would bring."""
        return str((await self.ask("views.generateTriggerId", user_id=account))["trigger_id"])

    async def _pass_on(self, request: web.Request) -> web.Response:
        assert self._session is not None
        method, body = request.match_info["method"], await request.read()
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append((method, form))
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        url = f"{self.emulator_url}/api/{method}"
        async with self._session.post(url, data=body, headers=headers) as answer:
            told: dict[str, Any] = await answer.json()
        return self._complete(method, form, told, answer.status)

    def _complete(self, method: str, form: dict[str, str], told: dict[str, Any], status: int) -> web.Response:
        headers = {"X-OAuth-Scopes": ",".join([*SCOPES, *OPTIONAL_SCOPES])} if method == "auth.test" else {}
        if method == "users.info" and told["ok"]:
            told["user"] |= {"is_restricted": False, "is_ultra_restricted": False, **self.flags.get(form["user"], {})}
        if method == "views.open" and told["ok"]:
            self.views.append(told["view"] | {"blocks": json.loads(form["view"])["blocks"]})
        return web.json_response(told, headers=headers, status=status)

    async def _respond(self, request: web.Request) -> web.Response:
        self.replies.append(await request.json())
        return web.Response(text="ok")
