"""Asks Discord every minute whether the token still holds, and whether presses come to us: what no connection tells."""

import asyncio

import structlog

from bot.surfaces.discord.identity import ELSEWHERE, ask_application, is_deaf
from bot.surfaces.discord.timing import Timing
from bot.surfaces.discord.vitals import Vitals
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.errors import QuarterdeckError, UserMistake

log = structlog.get_logger(__name__)


class Pulse:
    """Keeps `vitals` honest about the token, and about where Discord sends what people do."""

    def __init__(self, web: DiscordWeb, vitals: Vitals, timing: Timing) -> None:
        self._web = web
        self._vitals = vitals
        self._timing = timing
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins, with a question at once."""
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Stops asking."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            try:
                await self.ask()
            except Exception:  # the outermost loop: health grows old and says so
                log.exception("discord.pulse_failed")
            await asyncio.sleep(self._timing.ask_every_seconds)

    async def ask(self) -> None:
        """One question. A refusal is a problem for a person; no answer is none yet, but the last answer grows old."""
        try:
            application = await ask_application(self._web)
        except UserMistake as error:
            self._vitals.refusal = str(error).rstrip(".")
        except QuarterdeckError as error:
            log.warning("discord.no_answer", reason=str(error))
        else:
            self._vitals.heard_answer()
            self._vitals.refusal = ELSEWHERE.rstrip(".") if is_deaf(application) else None
