"""The attempts of one call, as discord.py makes them by itself, and whether an earlier one may have taken effect.

The library sends a call again after 429, 500, 502, 504 and 524, and after some socket errors, up to five times. It
tells only how the last attempt ended (discord.py 2.7.1, http.py), and the first may have made the message all the same.
"""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

from bot.surfaces.discord.failures import CutShort
from store.kernel.errors import OutcomeUnknown, QuarterdeckError

if TYPE_CHECKING:
    from aiohttp.client_middlewares import ClientHandlerType

NONCE_TRUSTED_SECONDS = 60.0
"""So long after an attempt in doubt another one may still be made with the same nonce. Discord remembers one for "the
past few minutes": https://docs.discord.com/developers/resources/message#create-message, checked 2026-11-21."""


class Attempts:
    """A middleware for one call that makes something.

    `repeat_seconds` is how long after an attempt in doubt another may be made: 0 when the call must not come twice.
    """

    def __init__(self, repeat_seconds: float) -> None:
        self._repeat_seconds = repeat_seconds
        self._doubted_at: float | None = None

    async def __call__(self, request: aiohttp.ClientRequest, handler: "ClientHandlerType") -> aiohttp.ClientResponse:
        """Makes one attempt. Raises CutShort instead of letting the library make one that could double the effect."""
        if self._doubted_at is not None and self._now() - self._doubted_at > self._repeat_seconds:
            raise CutShort("it took too long")
        try:
            response = await handler(request)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise  # never sent
        except (aiohttp.ClientError, OSError) as error:
            self._doubt(type(error).__name__)
            raise
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._doubt(f"HTTP {response.status}", response)
        return response

    def meaning_of(self, failure: QuarterdeckError) -> QuarterdeckError:
        """How the call failed as a whole: with an attempt in doubt, no later answer says that nothing happened."""
        if self._doubted_at is None or isinstance(failure, OutcomeUnknown):
            return failure
        return OutcomeUnknown(f"An earlier attempt may have taken effect. {failure.message}")

    def _doubt(self, how: str, response: aiohttp.ClientResponse | None = None) -> None:
        if self._doubted_at is None:
            self._doubted_at = self._now()
        if self._repeat_seconds > 0:
            return
        if response is not None:
            response.close()
        raise CutShort(how) from None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
