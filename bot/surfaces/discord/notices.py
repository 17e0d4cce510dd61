"""What becomes of our channels, told once: renamed, deleted, barred from the bot, or back.

Discord's events say that something is different, and not what that means for us. So whatever the event, the channels
of ours are looked at as the gateway now knows them, and what differs from the last look is told. An event that comes
twice, or was missed while there was no connection, makes no difference.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.surfaces.base import ChannelChange, Inbound, InboundEvent, InboundKind
from bot.surfaces.discord.permissions import NEEDED
from bot.surfaces.discord.vitals import Vitals
from store.kernel.canonical import JsonObject
from store.records import Record

if TYPE_CHECKING:
    from discord import Client, Guild

SURFACE = "discord"


class State(StrEnum):
    """How a channel stands to us."""

    USABLE = "usable"
    BARRED = "barred"
    GONE = "gone"


class Seen(Record):
    """A channel at one look. `name` is empty where it is not seen."""

    state: State
    name: str = ""


class Change(Record):
    """One change of one channel; `name` is a new name, None where it is the same."""

    channel_id: str
    change: ChannelChange
    name: str | None = None


class ChannelWatch:
    """Looks at our channels and tells what has changed. `known` says which could be used, id → name, and `tell` tells.

    Out of the server is one loss and not one for each channel: it is told of the first one, and `vitals` has it.
    """

    def __init__(
        self,
        server_id: str,
        known: Callable[[], Mapping[str, str]],
        vitals: Vitals,
        tell: Callable[[InboundEvent], Awaitable[None]],
    ) -> None:
        self._server_id = server_id
        self._known = known
        self._vitals = vitals
        self._tell = tell
        self._seen: dict[str, Seen] = {}
        self._looking = asyncio.Lock()

    async def look(self, client: "Client") -> None:
        """One look at the server as the client knows it. A server that Discord itself cannot reach tells nothing.

        What could not be told, for `tell` raised, is found again by the next look.
        """
        async with self._looking:
            guild = client.get_guild(int(self._server_id))
            if guild is not None and guild.unavailable:
                return
            self._vitals.away = None if guild is not None else away_from(self._server_id)
            known = {channel_id: Seen(state=State.USABLE, name=name) for channel_id, name in self._known().items()}
            before = {channel_id: self._seen.get(channel_id, seen) for channel_id, seen in known.items()}
            now = seen_in(guild, known) if guild is not None else barred(before)
            for change in changes(before, now):
                await self._tell(notice(change, moment_ms=int(self._vitals.clock.now().timestamp() * 1000)))
                self._seen[change.channel_id] = now[change.channel_id]
            self._seen = now


def away_from(server_id: str) -> str:
    """What is the matter while the bot is not in its server."""
    again = "invite it again with the link of `quarterdeck discord setup`"
    return f"The bot is not in the Discord server {server_id}: {again}"


def telling(inbound: Inbound) -> Callable[[InboundEvent], Awaitable[None]]:
    """Stores what is told, then acts on it. Raises whatever storing raises: then it is to be told again."""

    async def tell(event: InboundEvent) -> None:
        accepted = await inbound.accept(event)
        if not accepted.repeat:
            await inbound.act(accepted)

    return tell


def seen_in(guild: "Guild", channel_ids: Iterable[str]) -> dict[str, Seen]:
    """How each of these channels stands, as the gateway knows the server."""
    return {channel_id: _seen(guild, channel_id) for channel_id in channel_ids}


def barred(before: Mapping[str, Seen]) -> dict[str, Seen]:
    """What was seen before, the first channel barred: how a whole server that is closed to us is told."""
    first = next(iter(before), None)
    closed = Seen(state=State.BARRED, name=before[first].name) if first is not None else None
    return {channel_id: closed if closed and channel_id == first else seen for channel_id, seen in before.items()}


def changes(before: Mapping[str, Seen], now: Mapping[str, Seen]) -> list[Change]:
    """What has become of the channels that are in both."""
    both = ((channel_id, before[channel_id], seen) for channel_id, seen in now.items() if channel_id in before)
    found = (_change(channel_id, was, seen) for channel_id, was, seen in both)
    return [change for change in found if change is not None]


def notice(change: Change, *, moment_ms: int) -> InboundEvent:
    """The change as an event. Discord does not say who made it."""
    told: JsonObject = {"channel": change.channel_id, "change": change.change.value}
    return InboundEvent(
        surface=SURFACE,
        key=f"notice:{change.channel_id}:{change.change.value}:{moment_ms}",
        kind=InboundKind.NOTICE,
        account=SURFACE,
        account_class="unknown",
        payload=told if change.name is None else {**told, "name": change.name},
    )


def _seen(guild: "Guild", channel_id: str) -> Seen:
    channel = guild.get_channel(int(channel_id))
    if channel is None:
        return Seen(state=State.GONE)
    may = channel.permissions_for(guild.me).value
    return Seen(state=State.USABLE if may & NEEDED == NEEDED else State.BARRED, name=channel.name)


def _change(channel_id: str, before: Seen, now: Seen) -> Change | None:
    if now.state is State.GONE and before.state is not State.GONE:
        return Change(channel_id=channel_id, change=ChannelChange.DELETED)
    if now.state is State.BARRED and before.state is State.USABLE:
        return Change(channel_id=channel_id, change=ChannelChange.LEFT)
    if now.state is State.USABLE and before.state is not State.USABLE:
        return Change(channel_id=channel_id, change=ChannelChange.JOINED)
    renamed = before.name and now.name and before.name != now.name
    return Change(channel_id=channel_id, change=ChannelChange.RENAMED, name=now.name) if renamed else None
