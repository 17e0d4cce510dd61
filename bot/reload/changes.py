"""The edited workspace, from whoever notices it to the process that takes it up."""

import asyncio
from dataclasses import dataclass

from bot.foundation import Foundation
from store.records import Actor


@dataclass(frozen=True)
class Change:
    """A workspace that was read and has no mistakes, and who wants it: a person, or the edit itself."""

    foundation: Foundation
    actor: Actor


class Changes:
    """Holds the latest change that waits to be taken up. `offer` may be called from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._offered = asyncio.Event()
        self._change: Change | None = None

    def offer(self, change: Change) -> None:
        """Asks for the change to be taken up soon; a later one takes the place of one that still waits."""
        self._loop.call_soon_threadsafe(self._set, change)

    async def wait(self) -> None:
        """Returns once a change waits."""
        await self._offered.wait()

    def take(self) -> Change | None:
        """The change that waits, and then none does."""
        change, self._change = self._change, None
        self._offered.clear()
        return change

    def _set(self, change: Change) -> None:
        self._change = change
        self._offered.set()
