"""The record of watched channels, as a surface writes and reads it: what to look for, and where what is found goes."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from store.actions.watching import History, keep_messages, note_watch_problem
from store.handle import Store
from store.queries.watching import cursors, readers
from store.records import SeenMessage, WatchCursor


class WatchedChannel(NamedTuple):
    """One channel to be read. `threads`: somebody wants the answers inside threads too."""

    cursor: WatchCursor
    threads: bool


class Watchbook:
    """The watched channels of one surface. Every method may raise Retryable: then nothing was written."""

    def __init__(self, store: Store, surface: str, channel_ids: frozenset[str]) -> None:
        self.clock = store.clock
        self.channel_ids = channel_ids
        """The channels of the workspace's watches; of any other nothing is kept."""
        self._store = store
        self._surface = surface

    async def channels(self) -> list[WatchedChannel]:
        """Every channel to be read, and how far it was."""
        return await asyncio.to_thread(self._channels)

    async def keep(self, channel_id: str, seen: Sequence[SeenMessage], history: History) -> int:
        """Keeps a part of a channel's history and moves its cursor, together; how many were new or changed."""
        return await asyncio.to_thread(keep_messages, self._store, self._surface, channel_id, seen, history)

    async def problem(self, channel_id: str, problem: str) -> None:
        """Puts on record, and on an incident card, why a channel cannot be read."""
        await asyncio.to_thread(note_watch_problem, self._store, self._surface, channel_id, problem)

    def _channels(self) -> list[WatchedChannel]:
        deep = {one.channel_id for one in readers(self._store, self._surface) if one.threads}
        return [WatchedChannel(one, one.channel_id in deep) for one in cursors(self._store, self._surface)]
