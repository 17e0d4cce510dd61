"""Keeps the server's commands as they are to be: told once when they differ from ours, and not again while they do not.

What they are is asked of Discord, one reading at each start, and compared by its hash with ours: a hash kept by
ourselves would not know that the bot was invited anew, that another version of this program wrote its own commands,
or that the record was restored from a copy.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import structlog

from bot.surfaces.discord.failures import MISSING_ACCESS, DiscordRefusal
from bot.surfaces.discord.identity import Identity
from bot.surfaces.discord.timing import DEFAULT_TIMING, Timing
from bot.surfaces.discord.vitals import Vitals
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.canonical import Json, JsonObject, fingerprint
from store.kernel.crash import outside
from store.kernel.errors import QuarterdeckError, Retryable

if TYPE_CHECKING:
    from discord import Client

log = structlog.get_logger(__name__)

_DEFAULTS: JsonObject = {
    "type": 1,
    "description": "",
    "required": False,
    "autocomplete": False,
    "min_length": None,
    "max_length": None,
    "default_member_permissions": None,
}
"""What counts of a command or an option beside its name and options, and what it is when it is not said."""


def commands_hash(commands: Sequence[Json]) -> str:
    """Equal for commands that look and work the same, whatever else Discord adds to them and in whatever order."""
    return fingerprint(sorted((_essence(one) for one in commands), key=fingerprint))


class CommandSync:
    """Tells Discord of the commands, until it has taken them; until then `vitals` says why it has not."""

    def __init__(
        self,
        web: DiscordWeb,
        identity: Identity,
        commands: Sequence[JsonObject],
        vitals: Vitals,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        self._web = web
        self._identity = identity
        self._commands = tuple(commands)
        self._vitals = vitals
        self._timing = timing
        self._working: asyncio.Task[None] | None = None
        self._was_away = False

    async def look(self, client: "Client") -> None:
        """Begins anew when the bot has come into the server again: its commands may have gone with it."""
        is_here = client.get_guild(int(self._identity.server_id)) is not None
        if is_here and self._was_away:
            self.start()
        self._was_away = not is_here

    def start(self) -> None:
        """Begins; while it is at it nothing more."""
        if self.idle:
            self._working = asyncio.create_task(self._keep_trying())

    @property
    def idle(self) -> bool:
        """True when there is nothing left to try."""
        return self._working is None or self._working.done()

    async def stop(self) -> None:
        """Tries no more."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def sync(self) -> bool:
        """Makes the server's commands ours; True when they were not. Repeating it changes nothing.

        Raises Retryable when Discord could not be asked, DiscordRefusal when it will not have them.
        """
        theirs = await self._call("GET", None)
        if commands_hash(theirs) == commands_hash(self._commands):
            return False
        with outside("surface.commands"):
            taken = await self._call("PUT", [*self._commands])
        if commands_hash(taken) != commands_hash(self._commands):
            log.warning("discord.commands_altered", reason="Discord keeps the commands in another form than ours")
        return True

    async def _keep_trying(self) -> None:
        pause_seconds = await self._try()
        while pause_seconds is not None:
            await asyncio.sleep(pause_seconds)
            pause_seconds = await self._try()

    async def _try(self) -> float | None:
        """One attempt: the pause before the next, None when none is needed."""
        try:
            changed = await self.sync()
        except QuarterdeckError as error:
            self._vitals.commands = _said(error)
            log.warning("discord.commands_not_synced", reason=str(error))
            return self._pause_after(error)
        except Exception:  # the outermost loop: nobody else would hear of it
            self._vitals.commands = "/deck is not up to date; the log says why"
            log.exception("discord.command_sync_failed")
            return self._timing.sync_again_seconds
        self._vitals.commands = None
        log.info("discord.commands_in_order", changed=changed)
        return None

    def _pause_after(self, error: QuarterdeckError) -> float:
        if isinstance(error, Retryable):
            return max(error.delay_seconds, self._timing.start_again_seconds)
        return self._timing.sync_again_seconds

    async def _call(self, method: str, body: Json) -> list[Json]:
        from discord.http import Route

        path = "/applications/{application_id}/guilds/{guild_id}/commands"
        us = self._identity
        route = Route(method, path, application_id=us.application_id, guild_id=us.server_id)
        answer = await self._web.call(route, body=body)
        return answer if isinstance(answer, list) else []


def _said(error: QuarterdeckError) -> str:
    if isinstance(error, DiscordRefusal) and error.code == MISSING_ACCESS:
        return "/deck is not there: the bot was invited without applications.commands, so invite it again"
    return f"/deck is not up to date: {str(error).rstrip('.')}"


def _essence(one: Json) -> JsonObject:
    """What of a command or an option makes a difference to who uses it."""
    given: Mapping[str, Json] = one if isinstance(one, Mapping) else {}
    options = given.get("options")
    inner: list[Json] = [_essence(option) for option in options] if isinstance(options, list) else []
    said = {name: default if given.get(name) is None else given[name] for name, default in _DEFAULTS.items()}
    return {**said, "name": given.get("name"), "options": inner}
