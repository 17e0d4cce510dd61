"""Keeps Socket Mode alive: sees for itself whether the connection stands, and heals what the SDK does not.

slack_sdk 3.47 over aiohttp can try one expired address for ever after a disconnect, and Bolt's own health check never
awaits `is_connected()`, so it is always "OK". Both were reproduced; neither is relied on here.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog

from bot.masking import redact
from bot.surfaces.slack.secrets import sdk_logger
from bot.surfaces.slack.timing import Timing
from bot.surfaces.slack.vitals import Connection
from bot.surfaces.slack.web import SlackWeb
from store.kernel.errors import QuarterdeckError

if TYPE_CHECKING:
    from aiohttp import WSMessage
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncApp

log = structlog.get_logger(__name__)


class Cure(StrEnum):
    """What to do about a connection that is down."""

    WAIT = "wait"
    NEW_ADDRESS = "new_address"
    REBUILD = "rebuild"


def cure_for(down_seconds: float, timing: Timing) -> Cure:
    """Wait at first: the SDK reconnects by itself. Then make it forget its address; at last replace it."""
    if down_seconds >= timing.rebuild_after_seconds:
        return Cure.REBUILD
    return Cure.NEW_ADDRESS if down_seconds >= timing.new_address_after_seconds else Cure.WAIT


class SocketLink:
    """One Socket Mode connection that comes back whatever happens to it."""

    def __init__(self, app: "AsyncApp", app_token: str, web: SlackWeb, vitals: Connection, timing: Timing) -> None:
        self._app = app
        self._app_token = app_token
        self._web = web
        self._vitals = vitals
        self._timing = timing
        self._handler: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._greeted = asyncio.Event()
        self._down_since: float | None = None
        self._cure: Cure | None = None
        self._pong_at: float | None = None

    async def start(self) -> None:
        """Connects, and returns when Slack has said hello, or after a while without; the watch goes on trying.

        Raises SlackRefusal for a bad app-level token, Retryable when Slack cannot be reached: then nothing was begun.
        """
        opened = await self._web.send("apps.connections.open", {}, repeatable=True, token=self._app_token)
        self._begin(str(opened.data["url"]))
        try:
            async with asyncio.timeout(self._timing.first_connection_seconds):
                await self._greeted.wait()
        except TimeoutError:
            log.warning("slack.socket_slow", seconds=self._timing.first_connection_seconds)
            return
        await self._check()

    async def join(self) -> None:
        """Like `start`, for a connection beside one that stands: what keeps it away is no error, the watch goes on."""
        try:
            await self.start()
        except QuarterdeckError as error:
            log.warning("slack.second_socket_late", reason=redact(str(error)))
            self._begin(None)

    def _begin(self, address: str | None) -> None:
        self._connect(address)
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Closes the connection; nothing arrives afterwards."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._disconnect()
        self._vitals.open = False

    def _connect(self, address: str | None) -> None:
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        handler = AsyncSocketModeHandler(
            self._app, self._app_token, logger=sdk_logger(), ping_interval=self._timing.ping_seconds
        )
        handler.client.wss_uri = address
        handler.client.on_message_listeners.append(self._heard)
        self._handler, self._pong_at = handler, None
        connect: Callable[[], Coroutine[None, None, None]] = handler.client.connect
        self._connecting = asyncio.create_task(connect())

    async def _disconnect(self) -> None:
        if self._handler is None or self._connecting is None:
            return
        self._connecting.cancel()
        await asyncio.gather(self._connecting, return_exceptions=True)
        close: Callable[[], Coroutine[None, None, None]] = self._handler.client.close
        try:
            async with asyncio.timeout(self._timing.close_seconds):
                await close()
        except (TimeoutError, OSError) as error:
            log.warning("slack.socket_close_failed", error=type(error).__name__)

    async def _heard(self, message: "WSMessage") -> None:
        self._vitals.heard_frame()
        if _is_hello(message.data):
            self._vitals.greetings += 1
        self._greeted.set()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._timing.check_seconds)
            try:
                await self._check()
            except Exception as error:
                log.exception("slack.watch_failed", error=redact(str(error)))

    async def _check(self) -> None:
        if self._handler is None:
            return
        self._hear_pong()
        self._vitals.open = await self._handler.client.is_connected()
        if self._vitals.open:
            self._down_since, self._cure = None, None
            return
        now = time.monotonic()
        self._down_since = now if self._down_since is None else self._down_since
        await self._heal(now - self._down_since)

    async def _heal(self, down_seconds: float) -> None:
        cure = cure_for(down_seconds, self._timing)
        if cure is not self._cure:
            log.warning("slack.socket_down", seconds=round(down_seconds, 1), cure=cure.value)
        self._cure = cure
        if cure is Cure.WAIT or self._handler is None:
            return
        if cure is Cure.NEW_ADDRESS:
            self._handler.client.wss_uri = None
            return
        await self._disconnect()
        self._connect(None)
        self._down_since = None

    def _hear_pong(self) -> None:
        # A pong is no message to the SDK's listeners; the time it keeps is only the answer's once it has changed.
        pong_at = None if self._handler is None else self._handler.client.last_ping_pong_time
        if self._pong_at is not None and pong_at not in (None, self._pong_at):
            self._vitals.heard_frame()
        self._pong_at = pong_at


def _is_hello(data: object) -> bool:
    return isinstance(data, str) and '"type":"hello"' in data.replace(" ", "")[:200]
