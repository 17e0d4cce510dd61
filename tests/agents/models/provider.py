"""A model provider on loopback that does exactly what a test plans, and remembers every request it got.

Failures are the same in every provider's wire format; whole answers are in OpenAI's.
"""

import asyncio
import json
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

Act = Callable[["Provider", web.Request], Awaitable[web.StreamResponse]]
WAIT_SECONDS = 20


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: Any


class Provider:
    """Plays its acts in order, one a request, then `otherwise`, which says "ok" unless it is given.

    In a thread of its own, so callers may use any loop.
    """

    def __init__(self, otherwise: Act | None = None) -> None:
        self.seen: list[Seen] = []
        self.hung_up = threading.Event()
        self.url = ""
        self._acts: deque[Act] = deque()
        self._otherwise = otherwise or says("ok")
        self._arrived = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self._runner = self._run(self._start())
        return self

    def __exit__(self, *exception: object) -> None:
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def plan(self, *acts: Act) -> None:
        """Forgets what was, and plays these acts next."""
        self.seen.clear()
        self.hung_up.clear()
        self._acts = deque(acts)

    def wait_for_requests(self, count: int = 1) -> None:
        """Returns once so many requests have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.seen) >= count, WAIT_SECONDS), f"{len(self.seen)} of {count}"

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_SECONDS)

    async def _start(self) -> web.AppRunner:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        with self._arrived:
            self.seen.append(Seen(request.path, {name.lower(): value for name, value in request.headers.items()}, body))
            self._arrived.notify_all()
        act = self._acts.popleft() if self._acts else self._otherwise
        return await act(self, request)


def says(
    text: str | None, *, finish: str = "stop", calls: tuple[tuple[str, str], ...] = (), counted: bool = True
) -> Act:
    """A whole answer; `calls` are (name, raw arguments)."""

    async def act(provider: Provider, request: web.Request) -> web.StreamResponse:
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if calls:
            functions = [{"name": name, "arguments": arguments} for name, arguments in calls]
            message["tool_calls"] = [
                {"id": f"call_{position}", "type": "function", "function": function}
                for position, function in enumerate(functions)
            ]
        usage = {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
            "prompt_tokens_details": {"cached_tokens": 40},
            "completion_tokens_details": {"reasoning_tokens": 5},
        }
        answer = {
            "id": "answer-1",
            "object": "chat.completion",
            "model": "provider-model-1",
            "choices": [{"index": 0, "finish_reason": finish, "message": message}],
            **({"usage": usage} if counted else {}),
        }
        # Escaped, as providers send it: an unpaired surrogate survives only that way.
        return web.Response(text=json.dumps(answer), content_type="application/json")

    return act


def fails(status: int, *, headers: dict[str, str] | None = None, code: str = "broken", message: str = "no") -> Act:
    """An error status with a body like OpenAI's."""

    async def act(provider: Provider, request: web.Request) -> web.StreamResponse:
        body = {"error": {"message": message, "type": code, "code": code}}
        return web.json_response(body, status=status, headers=headers)

    return act


def sends(body: str, content_type: str = "application/json") -> Act:
    """A 200 with any body."""

    async def act(provider: Provider, request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, content_type=content_type)

    return act


def redirects(to: str) -> Act:
    async def act(provider: Provider, request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": to})

    return act


async def hangs(provider: Provider, request: web.Request) -> web.StreamResponse:
    """Never answers; notes when the caller hangs up."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        provider.hung_up.set()
        raise
    return web.Response()


async def dribbles(provider: Provider, request: web.Request) -> web.StreamResponse:
    """Sends a byte every tenth of a second for ever: each read succeeds, the answer never ends."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.1)


async def drops(provider: Provider, request: web.Request) -> web.StreamResponse:
    """Closes the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
