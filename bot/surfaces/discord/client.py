"""The gateway client: what Discord sends over its connection, handed to those it concerns. It decides nothing."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeAlias

import discord
import structlog

from bot.surfaces.discord.timing import LONGEST_WAIT_SECONDS
from bot.surfaces.discord.vitals import Vitals

log = structlog.get_logger(__name__)

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never speak: nobody need install for it

Receive: TypeAlias = Callable[[discord.Interaction], Awaitable[None]]


async def _nobody(_: object) -> None:
    """What nobody has asked for goes nowhere."""


@dataclass(frozen=True)
class Hearers:
    """To whom what is heard goes. What raises is logged with its event and goes no further.

    `interaction` gets every press, form, command and completion; `items` are the classes of DynamicItem whose
    components are dispatched to them as well. `servers` is called when anything of a server, its channels or its roles
    may be different from before: what the client then knows counts, and not what the event said.
    """

    interaction: Receive = _nobody
    items: Sequence[type[discord.ui.DynamicItem[Any]]] = ()
    servers: Callable[[discord.Client], Awaitable[None]] = _nobody


# The library warns of what its voice part lacks, which is never used here.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class QuarterdeckClient(discord.Client):
    """One connection to the gateway. Without any privileged intent, and it mentions nobody."""

    def __init__(self, hearers: Hearers, vitals: Vitals) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_WAIT_SECONDS,
            max_messages=None,
            enable_debug_events=True,  # hands on the frames, from which it is seen that heartbeats are acknowledged
        )
        self._hearers = hearers
        self._vitals = vitals

    async def setup_hook(self) -> None:
        # Once for a client: on_connect and on_ready come again with every new session.
        if self._hearers.items:
            self.add_dynamic_items(*self._hearers.items)

    async def on_socket_raw_receive(self, frame: str) -> None:
        self._vitals.heard_frame(frame)
        self._vitals.latency_seconds = self.latency if isfinite(self.latency) else None

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        # The library goes on dispatching after close, into a loop it has let go of (discord.py 2.7.1).
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        # The library calls it while handling the exception.
        log.error("discord.event_failed", handler=event_method, exc_info=sys.exception())

    async def on_connect(self) -> None:
        log.info("discord.connected")
        self._vitals.began_session()
        await self._hearers.servers(self)  # what changed while nobody listened

    async def on_resumed(self) -> None:
        log.info("discord.resumed")
        self._vitals.resumed_session()

    async def on_disconnect(self) -> None:
        log.info("discord.disconnected")
        self._vitals.lost_connection()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._hearers.interaction(interaction)

    async def on_guild_channel_update(self, *_: object) -> None:
        await self._hearers.servers(self)

    async def on_guild_channel_delete(self, _: object) -> None:
        await self._hearers.servers(self)

    async def on_guild_role_update(self, *_: object) -> None:
        await self._hearers.servers(self)

    async def on_guild_role_delete(self, _: object) -> None:
        await self._hearers.servers(self)

    async def on_member_update(self, _: discord.Member, after: discord.Member) -> None:
        # Without the members intent only the bot's own membership is told: its roles were given or taken.
        if self.user is not None and after.id == self.user.id:
            await self._hearers.servers(self)

    async def on_guild_join(self, _: object) -> None:
        await self._hearers.servers(self)

    async def on_guild_available(self, _: object) -> None:
        await self._hearers.servers(self)

    async def on_guild_remove(self, _: object) -> None:
        await self._hearers.servers(self)
