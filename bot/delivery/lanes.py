"""Work side by side, in lanes: one thing at a time in each lane, so that a slow channel holds up no other."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import TypeVar

MOST = 10
"""Lanes of one surface at work together: as many cards are drawn and sent at the same time."""
RESERVED = 2
"""Of these, left to what is urgent: a lane may be held up for seconds, while its channel takes nothing more."""

Item = TypeVar("Item")


class Lanes:
    """Starts work lane by lane. A lane is busy until everything it was given is done or has failed.

    A failure inside a lane is raised by the next `wait`, once; the lane is free again.
    """

    def __init__(self, most: int = MOST, reserved: int = RESERVED) -> None:
        self._most = most
        self._reserved = reserved
        self._busy: dict[str, asyncio.Task[None]] = {}

    @property
    def busy(self) -> frozenset[str]:
        """The lanes in which something is being done."""
        return frozenset(self._busy)

    def start(
        self,
        items: Iterable[Item],
        lane_of: Callable[[Item], str],
        work: Callable[[list[Item]], Coroutine[None, None, None]],
        is_urgent: Callable[[Item], bool] = lambda _: False,
    ) -> int:
        """Gives the items to free lanes, in their order, and returns how many lanes were started.

        Items of a busy lane, and of lanes beyond the most there may be, are left for later. The last few lanes are for
        those whose first item is urgent.
        """
        waiting: dict[str, list[Item]] = {}
        for item in items:
            waiting.setdefault(lane_of(item), []).append(item)
        before = len(self._busy)
        for lane, some in waiting.items():
            room = self._most if is_urgent(some[0]) else self._most - self._reserved
            if lane not in self._busy and len(self._busy) < room:
                self._busy[lane] = asyncio.create_task(work(some))
        return len(self._busy) - before

    async def wait(self, seconds: float) -> None:
        """Returns once a lane has become free, or after `seconds`. Raises what a lane's work raised."""
        if not self._busy:
            await asyncio.sleep(seconds)
            return
        done, _ = await asyncio.wait(self._busy.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        self._busy = {lane: task for lane, task in self._busy.items() if task not in done}
        failed = [error for task in done if (error := task.exception()) is not None]
        if failed:
            raise failed[0]

    async def stop(self) -> None:
        """Cancels what is being done and waits for its end."""
        for task in self._busy.values():
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)
        self._busy.clear()
