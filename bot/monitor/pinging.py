"""The dead-man ping: a monitor elsewhere hears from us while we live, and tells somebody when it does not.

The address is a secret: whoever knows it can say that we are well. It is never logged.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import structlog

from store.kernel.crash import outside

log = structlog.get_logger()

TIMEOUT_SECONDS = 10.0
"""As healthchecks.io advises (https://healthchecks.io/docs/reliability_tips/, read 2026-11-21)."""
START, FAIL = "start", "fail"
"""What follows the address, as healthchecks.io and those who speak like it understand it; nothing means: alive."""


class DeadMan:
    """Pings every `every_seconds`: alive while `ailment` finds nothing, else `/fail` with what it found.

    A ping that fails is logged and forgotten; nothing of the team ever waits for one. No redirect is followed.
    """

    def __init__(self, url: str, every_seconds: float, ailment: Callable[[], Awaitable[str | None]]) -> None:
        self._url = url
        self._every_seconds = every_seconds
        self._ailment = ailment

    async def run(self) -> None:
        """Pings until cancelled."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await self._ping(session, START, "")
            while True:
                ailing = await self._ailment()
                if ailing is not None:
                    log.error("not_alive", reason=ailing)
                await self._ping(session, FAIL if ailing else "", ailing or "")
                await asyncio.sleep(self._every_seconds)

    async def _ping(self, session: aiohttp.ClientSession, what: str, said: str) -> None:
        try:
            with outside("monitor.ping"):
                async with session.post(address(self._url, what), data=said.encode(), allow_redirects=False) as answer:
                    refused = answer.status
            if refused >= 300:  # noqa: PLR2004 - HTTP: anything but a success
                log.warning("deadman_ping_refused", status=refused)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Only the kind of error: its text may hold the address.
            log.warning("deadman_ping_failed", error=type(error).__name__)


def address(url: str, what: str) -> str:
    """The monitor's address for `what`; a query stays behind it."""
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/{what}" if what else parts.path
    return urlunsplit(parts._replace(path=path, fragment=""))
