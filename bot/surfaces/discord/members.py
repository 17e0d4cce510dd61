"""Who holds which role of the server, asked at the moment something depends on it."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

import aiohttp
import structlog

from bot.surfaces.discord.failures import UNKNOWN_MEMBER, UNKNOWN_USER
from bot.surfaces.discord.settings import DiscordSettings
from bot.surfaces.discord.timing import DEFAULT_TIMING, Timing
from store.kernel.crash import outside
from store.kernel.errors import Retryable

log = structlog.get_logger(__name__)

SURFACE = "discord"
AGENT = "DiscordBot (quarterdeck, 1)"
"""How Discord wants to be greeted: https://docs.discord.com/developers/reference#user-agent, checked 2026-11-21."""
BREATH_SECONDS = 0.5
"""Between two questions when Discord asks to slow down without saying for how long."""


class Members:
    """The members of one server. Needs no privileged intent: one member at a time is asked for over REST.

    Apart from the surface's own connection on purpose: sessions ask from threads and loops of their own, also while the
    surface is being taken down and up. Nothing is kept: an answer is good for the moment it was asked for.
    """

    def __init__(self, settings: DiscordSettings, timing: Timing = DEFAULT_TIMING) -> None:
        self._settings = settings
        self._timing = timing

    async def held(self, surface: str, account: str) -> frozenset[str]:
        """The ids of the roles that the account holds in the server now; none for whoever is no member of it.

        Raises Retryable when Discord does not say within a few seconds, also when it refuses to.
        """
        if surface != SURFACE:
            raise Retryable(f"Who holds which role on {surface} cannot be asked here.")
        try:
            with outside("surface.roles"):
                async with asyncio.timeout(self._timing.member_seconds):
                    return await self._ask(account)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # a time-out is an OSError
            log.warning("discord.member_unknown", account=account, error=type(error).__name__)
            raise Retryable("Discord cannot say now who holds which role.") from None

    async def _ask(self, account: str) -> frozenset[str]:
        token = self._settings.token.get_secret_value()
        headers = {"Authorization": f"Bot {token}", "User-Agent": AGENT}
        url = f"{self._settings.api_url}/guilds/{self._settings.server_id}/members/{int(account)}"
        async with aiohttp.ClientSession(headers=headers) as session:
            while True:
                async with session.get(url, allow_redirects=False) as response:
                    if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                        return _roles(response.status, await response.json(content_type=None))
                    pause_seconds = float(response.headers.get("Retry-After", BREATH_SECONDS))
                await asyncio.sleep(pause_seconds)


def _roles(status: int, answer: object) -> frozenset[str]:
    """The roles of a member, none for whoever is none. Raises ValueError for an answer that says neither."""
    said = answer if isinstance(answer, Mapping) else {}
    if status == HTTPStatus.NOT_FOUND and said.get("code") in (UNKNOWN_MEMBER, UNKNOWN_USER):
        return frozenset()
    roles = said.get("roles")
    if status != HTTPStatus.OK or not isinstance(roles, list):
        raise ValueError(f"HTTP {status}")
    return frozenset(role for role in roles if isinstance(role, str))
