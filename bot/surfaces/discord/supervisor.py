"""Keeps the connection to Discord's gateway alive: a new client whenever one has ended, and only while it is our turn.

discord.py 2.7.1 reconnects and resumes by itself, with two exceptions, both reproduced: a first handshake that fails
ends the client with an AttributeError (issue 10520 of Rapptz/discord.py), and so does an exception while any event is
parsed. It also takes a connection for alive on which heartbeats are no longer acknowledged as long as any frame comes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

import structlog

from bot.masking import redact
from bot.surfaces.discord.failures import DiscordRefusal
from bot.surfaces.discord.settings import HOW
from bot.surfaces.discord.timing import Timing
from bot.surfaces.discord.turn import Turn
from bot.surfaces.discord.vitals import Vitals
from store.kernel.errors import Retryable

if TYPE_CHECKING:
    from bot.surfaces.discord.client import QuarterdeckClient

log = structlog.get_logger(__name__)

SESSION_STAYS = 4000
"""A close code after which the session is resumed; 1000 and 1001 would end it.
https://docs.discord.com/developers/events/gateway#initiating-a-disconnect, checked 2026-11-21."""
REFUSED_TOKEN = f"Discord refuses the bot token. {HOW.rstrip('.')}"
CLOSED_FOR_GOOD = MappingProxyType(
    {
        4004: REFUSED_TOKEN,
        4010: "Discord refuses the connection: invalid shard",
        4011: "Discord refuses the connection: the bot is in so many servers that it needs shards, which are not built",
        4012: "Discord no longer speaks this version of its gateway: update Quarterdeck",
        4013: "Discord refuses the connection: invalid intents",
        4014: "Discord refuses the connection: it asks for intents that the application may not have",
    }
)
"""Close codes after which connecting again is refused again, and what to say.
https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway, checked 2026-11-21."""


def pause_after(failures: int, timing: Timing) -> float:
    """How long to wait before the next client: twice as long after each failure, up to the most."""
    return min(timing.again_most_seconds, timing.again_first_seconds * 2.0 ** min(failures, 30))


class Supervisor:
    """One connection that comes back whatever happens to it, until the token itself is refused.

    `admit` is asked before each new client, and raises Retryable as long as none may connect.
    """

    def __init__(
        self,
        make: "Callable[[], QuarterdeckClient]",
        admit: Callable[[], Awaitable[None]],
        token: str,
        *,
        turn: Turn,
        vitals: Vitals,
        timing: Timing,
    ) -> None:
        self._make = make
        self._admit = admit
        self._token = token
        self._turn = turn
        self._vitals = vitals
        self._timing = timing
        self._keeping: asyncio.Task[None] | None = None
        self._failures = 0

    async def start(self) -> None:
        """Connects, and returns when events arrive here or it is settled that they do not; it goes on trying."""
        self._keeping = asyncio.create_task(self._keep())
        try:
            async with asyncio.timeout(self._timing.first_ready_seconds):
                await self._vitals.settled.wait()
        except TimeoutError:
            log.warning("discord.slow", seconds=self._timing.first_ready_seconds)

    async def stop(self) -> None:
        """Closes the connection and gives the turn away; nothing arrives afterwards."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await asyncio.to_thread(self._turn.release)
        self._vitals.lost_connection()

    async def _keep(self) -> None:
        while True:
            pause_seconds = await self._attempt()
            if pause_seconds is None:
                return
            await asyncio.sleep(pause_seconds)

    async def _attempt(self) -> float | None:
        """One client's whole life, if it is our turn. The pause before the next one; None: there is to be none."""
        least_seconds, final = 0.0, None
        try:
            if not await self._have_turn():
                return self._timing.turn_check_seconds
            await self._admit()
            final = await self._connect_once()
        except Retryable as error:
            self._vitals.problem, least_seconds = error.message.rstrip("."), error.delay_seconds
        except DiscordRefusal as refusal:
            self._vitals.problem = refusal.message.rstrip(".")
            final = REFUSED_TOKEN if refusal.of_token else None
        except Exception:  # the outermost loop of the connection: shown in health, and tried again
            log.exception("discord.supervision_failed")
            self._vitals.problem = "Connecting to Discord failed; the log says why"
        await self._give_up_turn()
        if final is None:
            return self._pause(least_seconds)
        self._vitals.problem = final
        self._vitals.settled.set()
        log.error("discord.refused", reason=final)
        return None

    async def _have_turn(self) -> bool:
        try:
            self._vitals.ours = await asyncio.to_thread(self._turn.take)
        except Retryable as error:
            self._vitals.ours, self._vitals.problem = None, error.message.rstrip(".")
            return False
        if not self._vitals.ours:
            self._vitals.problem = None
            self._vitals.settled.set()
        return self._vitals.ours

    async def _give_up_turn(self) -> None:
        """Another process may have a better way to Discord."""
        self._vitals.lost_connection()
        self._vitals.ours = None
        await asyncio.to_thread(self._turn.release)

    def _pause(self, least_seconds: float) -> float:
        seconds = max(pause_after(self._failures, self._timing), least_seconds)
        self._failures += 1
        log.info("discord.connects_again", seconds=round(seconds, 1))
        return seconds

    async def _connect_once(self) -> str | None:
        """Lives as long as one client. Why it will never be let in again; None when a new one may be."""
        client = self._make()
        running = asyncio.create_task(client.start(self._token), name="discord")
        watching = asyncio.create_task(self._watch(client))
        try:
            await asyncio.wait((running, watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            await self._close(client, running)
            await asyncio.gather(watching, return_exceptions=True)
        if not watching.cancelled():
            watching.result()
        return self._ended(running)

    async def _watch(self, client: "QuarterdeckClient") -> None:
        """Ends when the turn is lost, or when the client does not come back by itself.

        Meanwhile a connection that no longer answers is made to begin anew.
        """
        up_seconds = down_seconds = 0.0
        while await asyncio.to_thread(self._turn.holds):
            if self._vitals.unacknowledged:
                await self._begin_anew(client)
            step_seconds = self._timing.turn_check_seconds
            up_seconds = up_seconds + step_seconds if self._vitals.ready else 0.0
            down_seconds = 0.0 if self._vitals.ready else down_seconds + step_seconds
            if up_seconds >= self._timing.settled_seconds:
                self._failures = 0
            if down_seconds > self._timing.rebuild_after_seconds:
                self._vitals.problem = "Discord does not answer"
                log.warning("discord.client_stuck", seconds=round(down_seconds))
                return
            await asyncio.sleep(step_seconds)
        self._failures = 0
        log.warning("discord.turn_lost")

    async def _begin_anew(self, client: "QuarterdeckClient") -> None:
        log.warning("discord.heartbeats_unanswered")
        self._vitals.lost_connection()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.close_seconds):
                await client.ws.close(SESSION_STAYS)

    async def _close(self, client: "QuarterdeckClient", running: asyncio.Task[None]) -> None:
        self._vitals.lost_connection()
        try:
            async with asyncio.timeout(self._timing.close_seconds):
                await client.close()
        except (TimeoutError, OSError) as error:
            log.warning("discord.close_failed", error=type(error).__name__)
        await client.http.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def _ended(self, running: asyncio.Task[None]) -> str | None:
        error = None if running.cancelled() else running.exception()
        final = for_good(error)
        if error is not None and final is None:
            self._vitals.problem = f"The connection to Discord ended ({type(error).__name__})"
            log.warning("discord.client_ended", error=redact(str(error)), kind=type(error).__name__)
        return final


def for_good(error: BaseException | None) -> str | None:
    """Why Discord will not let this bot in, in words for a person; None when trying again may do."""
    from discord import ConnectionClosed, LoginFailure, PrivilegedIntentsRequired

    if isinstance(error, LoginFailure):
        return REFUSED_TOKEN
    if isinstance(error, PrivilegedIntentsRequired):
        return CLOSED_FOR_GOOD[4014]
    return CLOSED_FOR_GOOD.get(error.code) if isinstance(error, ConnectionClosed) else None
