"""The REST door: who calls, how fast, what goes wrong on the way, and then the operation itself."""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fake_discord import guild_calls, interaction_calls, message_calls  # noqa: F401 - fill the table
from tests.fake_discord.buckets import Buckets
from tests.fake_discord.calls import OPERATIONS, Call, Operation, Upload
from tests.fake_discord.faults import HAPPENED, STATUS, Fault, Weather
from tests.fake_discord.judging import check_described
from tests.fake_discord.refusals import DiscordError
from tests.fake_discord.world import World

API = "/api/v10"
HANG_SECONDS = 30.0


@dataclass
class Rest:
    """`calls` is what was asked, all of it unless the test keeps less.

    `refusals` are said once each, first come first served, per operation. `retry_after_seconds` is what a fault of the
    weather asks for, `slow_seconds` how late a slow answer is, `late_seconds` how late what nobody waits for is done.
    `judged` limits how many bodies are held against Discord's own description, which takes a while; None is all.
    """

    world: World
    weather: Weather = field(default_factory=Weather)
    buckets: Buckets = field(default_factory=lambda: Buckets(time.time))
    calls: deque[Call] = field(default_factory=deque)
    refusals: dict[str, deque[DiscordError]] = field(default_factory=lambda: defaultdict(deque))
    retry_after_seconds: float = 0.01
    slow_seconds: float = 0.2
    late_seconds: float = 1.0
    judged: int | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    def add_routes(self, app: web.Application) -> None:
        for each in sorted(OPERATIONS.values(), key=lambda one: one.path.count("{")):  # the plainest path first
            app.router.add_route(each.method, API + each.path, self._handler(each))
        app.router.add_get("/attachments/{path:.+}", self._file)
        app.on_response_prepare.append(self._date)
        app.router.add_route("*", API + "/{rest:.*}", self._unknown)

    async def _date(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Answers tell the server's own time."""
        response.headers["Date"] = formatdate(self.world.now(), usegmt=True)

    def called(self, name: str) -> list[Call]:
        return [call for call in self.calls if call.name == name]

    def _handler(self, operation: Operation) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            if operation.needs_token and request.headers.get("Authorization") != f"Bot {self.world.token}":
                return _json({"message": "401: Unauthorized", "code": 0}, 401)
            try:
                call = await _read(operation, request)
            except ValueError as error:
                return _json({"message": str(error), "code": 50109}, 400)
            self.calls.append(call)
            return await self._serve(operation, call, request)

        return handle

    async def _serve(self, operation: Operation, call: Call, request: web.Request) -> web.StreamResponse:
        fault = self.weather.next(call.name)
        if fault is Fault.LATE:
            self._do_later(operation, call)
        if fault is not None and fault not in HAPPENED:
            return await self._fail(fault, request)
        allowed, headers = self.buckets.take(call)
        if not allowed:
            return _limited(float(headers["X-RateLimit-Reset-After"]), "user", headers)
        response = self._carried_out(operation, call, headers)
        if fault is not None and response.status < 400:
            return await self._fail(fault, request, response)
        return response

    def _carried_out(self, operation: Operation, call: Call, headers: Mapping[str, str]) -> web.StreamResponse:
        try:
            if self.refusals[call.name]:
                raise self.refusals[call.name].popleft()
            self._judge(operation, call)
            answer = operation.handler(self.world, call)
        except DiscordError as refusal:
            return _json(refusal.body, refusal.status, headers)
        return web.Response(status=204, headers=headers) if answer is None else _json(answer, 200, headers)

    def _judge(self, operation: Operation, call: Call) -> None:
        if operation.schema is None or self.judged == 0:
            return
        if self.judged is not None:
            self.judged -= 1
        if operation.schema != "commands":
            check_described(operation.schema, call.body)
            return
        for each in call.body:
            check_described("ApplicationCommandUpdateRequest", each)

    async def _fail(
        self, fault: Fault, request: web.Request, response: web.StreamResponse | None = None
    ) -> web.StreamResponse:
        match fault:
            case Fault.RATE_LIMITED:
                return _limited(self.retry_after_seconds, "user", {})
            case Fault.RATE_LIMITED_GLOBALLY:
                return _limited(self.retry_after_seconds, "global", {"X-RateLimit-Global": "true"})
            case Fault.SLOW if response is not None:
                await self._wait(self.slow_seconds)
                return response
            case Fault.SILENT | Fault.SILENT_AFTER | Fault.LATE:
                await self._wait(HANG_SECONDS)
        if fault in STATUS:
            return web.Response(status=STATUS[fault], text="<html>upstream</html>", content_type="text/html")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _do_later(self, operation: Operation, call: Call) -> None:
        """Carries it out when whoever asked has given up, whether it is still wanted or not."""

        async def do() -> None:
            await self._wait(self.late_seconds)
            self._carried_out(operation, call, {})

        doing = asyncio.create_task(do())
        self._later.add(doing)
        doing.add_done_callback(self._later.discard)

    async def _wait(self, seconds: float) -> None:
        closing = asyncio.create_task(self.closing.wait())
        await asyncio.wait([closing], timeout=seconds)
        closing.cancel()

    async def _file(self, request: web.Request) -> web.Response:
        content = self.world.files.get(request.match_info["path"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _unknown(self, request: web.Request) -> web.Response:
        return _json({"message": f"404: Not Found ({request.method} {request.path})", "code": 0}, 404)


async def _read(operation: Operation, request: web.Request) -> Call:
    body, uploads = None, list[Upload]()
    if request.content_type.startswith("multipart/"):
        body, uploads = await _parts(request)
    elif request.can_read_body:
        body = json.loads(await request.text() or "null")
    if operation.method in ("POST", "PATCH") and body is None and operation.schema:
        raise ValueError("The request body contains invalid JSON.")
    reason = request.headers.get("X-Audit-Log-Reason")
    return Call(operation.name, dict(request.match_info), dict(request.query), body, tuple(uploads), reason)


async def _parts(request: web.Request) -> tuple[Any, list[Upload]]:
    body, uploads = None, list[Upload]()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = json.loads(content)
        else:
            uploads.append(Upload(part.name or "", part.filename or "", content))
    return body, uploads


def _limited(retry_after: float, scope: str, headers: Mapping[str, str]) -> web.Response:
    said = {"message": "You are being rate limited.", "retry_after": retry_after, "global": scope == "global"}
    asked = {"Retry-After": str(max(1, round(retry_after))), "X-RateLimit-Scope": scope, "Via": "1.1 google"}
    return _json(said, 429, {**headers, **asked})


def _json(body: Any, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """Discord's answers name no charset, and the library looks for exactly that."""
    content = json.dumps(body).encode()
    return web.Response(body=content, status=status, content_type="application/json", headers=dict(headers or {}))
