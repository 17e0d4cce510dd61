"""One queue a message: an edit replaces the whole message, so the last one sent is what everybody sees."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

REMEMBERED = 2000
"""Messages whose newest revision is kept in mind."""

Shown = TypeVar("Shown")


@dataclass
class _Queue:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[int] = field(default_factory=list)
    newest: int = -1


class EditQueues:
    """Lets one edit of a message be under way at a time, and never an older revision after a newer one."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, _Queue] = OrderedDict()

    async def edit(self, message_id: str, revision: int, send: Callable[[], Awaitable[Shown]]) -> Shown | None:
        """What `send` returned; None when it was not called because a newer revision is shown, or waits to be.

        The same revision again is sent again. Raises what `send` raises.
        """
        queue = self._queue(message_id)
        queue.waiting.append(revision)
        try:
            async with queue.turn:
                if revision < max(queue.newest, *queue.waiting):
                    return None
                shown = await send()
                queue.newest = revision
                return shown
        finally:
            queue.waiting.remove(revision)

    def _queue(self, message_id: str) -> _Queue:
        queue = self._queues.setdefault(message_id, _Queue())
        self._queues.move_to_end(message_id)
        while len(self._queues) > REMEMBERED:
            idle = next((each for each, other in self._queues.items() if not other.waiting), message_id)
            if idle == message_id:
                break
            del self._queues[idle]
        return queue
