"""Asks Discord every minute whether the token still holds: what a process that only posts cannot tell otherwise."""

import asyncio

import structlog

from bot.surfaces.discord.timing import Timing
from bot.surfaces.discord.vitals import Vitals
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.errors import QuarterdeckError, UserMistake

log = structlog.get_logger(__name__)


class Pulse:
    """Keeps `vitals` honest about the token."""

    def __init__(self, web: DiscordWeb, vitals: Vitals, timing: Timing) -> None:
        self._web = web
        self._vitals = vitals
        self._timing = timing
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins; the first question is asked after one interval."""
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Stops asking."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._timing.ask_every_seconds)
            try:
                await self.ask()
            except Exception:  # the outermost loop: health grows old and says so
                log.exception("discord.pulse_failed")

    async def ask(self) -> None:
        """One question. A refusal is a problem for a person; no answer is none yet, but the last answer grows old."""
        from discord.http import Route

        try:
            await self._web.call(Route("GET", "/users/@me"))
        except UserMistake as error:
            self._vitals.refusal = str(error).rstrip(".")
        except QuarterdeckError as error:
            log.warning("discord.no_answer", reason=str(error))
        else:
            self._vitals.heard_answer()
