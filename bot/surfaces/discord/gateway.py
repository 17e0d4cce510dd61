"""Where the gateway is, and whether Discord lets one more session begin there."""

from collections.abc import Mapping

from bot.surfaces.discord.settings import API_URL, DiscordSettings
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.errors import Retryable


class Gateway:
    """Discord's gateway, as the REST API describes it to this bot.

    A bot that begins more than a thousand sessions a day has its token taken away, so each one is asked for:
    https://docs.discord.com/developers/events/gateway#get-gateway-bot, checked 2026-11-21.
    """

    def __init__(self, web: DiscordWeb, settings: DiscordSettings) -> None:
        self._web = web
        self._settings = settings

    async def admit(self) -> None:
        """Returns when a session may begin. Raises Retryable until when none may, or when Discord cannot be asked."""
        from discord.http import Route

        answer = await self._web.call(Route("GET", "/gateway/bot"))
        told = answer if isinstance(answer, Mapping) else {}
        limit = told.get("session_start_limit")
        if isinstance(limit, Mapping) and limit.get("remaining") == 0:
            wait_ms = limit.get("reset_after")
            seconds = wait_ms / 1000 if isinstance(wait_ms, int | float) else 0.0
            raise Retryable("Discord lets this bot begin no more sessions today", seconds)
        self._use(told.get("url"))

    def _use(self, told: object) -> None:
        """Another API than Discord's has another gateway; the library has one for the whole process."""
        from discord.gateway import DiscordWebSocket
        from yarl import URL

        url = self._settings.gateway_url or told
        if self._settings.api_url != API_URL and isinstance(url, str):
            DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
