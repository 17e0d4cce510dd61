"""What a channel takes just now, and who may use up the last of it: progress leaves that to what matters more.

Discord says with every answer how many calls of a kind a channel still takes, and until when. The numbers may change,
so none is written down here: https://docs.discord.com/developers/topics/rate-limits, checked 2026-11-21. discord.py
keeps to them, but lets whoever uses up the last call sleep until there are more, with everything that waits behind it.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from bot.surfaces.base import Paced

RESERVED = 1
"""Calls of a kind that progress leaves to a channel."""
REMEMBERED = 1000
"""Kinds of calls and channels of which is kept in mind what was said last."""

_ID = re.compile(r"/[0-9]{15,20}(?=/|$)")


class Room(NamedTuple):
    """So many calls are `left` of those that are taken at a time, until the event loop's clock shows `renewed_at`."""

    left: int
    taken: int
    renewed_at: float


class Pace:
    """What Discord said last of each kind of call in each channel."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, Room] = OrderedDict()

    def heard(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Takes in the headers of an answer. One that says nothing of it changes nothing."""
        try:
            left, taken = int(headers["X-RateLimit-Remaining"]), int(headers["X-RateLimit-Limit"])
            renewed_at = asyncio.get_running_loop().time() + float(headers["X-RateLimit-Reset-After"])
        except (KeyError, ValueError):
            return
        kind = _kind(method, path)
        self._rooms[kind] = Room(left, taken, renewed_at)
        self._rooms.move_to_end(kind)
        while len(self._rooms) > REMEMBERED:
            self._rooms.popitem(last=False)

    def leave_room(self, method: str, path: str) -> None:
        """Raises Paced, with the time until there is more, when this call would use up what is reserved.

        Nothing is held back where Discord has not said what it takes, or takes no more than that at a time.
        """
        room = self._rooms.get(_kind(method, path))
        if room is None or room.taken <= RESERVED or room.left > RESERVED:
            return
        wait_seconds = room.renewed_at - asyncio.get_running_loop().time()
        if wait_seconds > 0:
            raise Paced("The rest of what the channel takes now is left to what matters more.", wait_seconds)


def _kind(method: str, path: str) -> str:
    """Method and path, where of all ids only the channel's counts: calls are counted by that."""
    place, _, rest = path.rpartition("/channels/")[2].partition("/")
    return f"{method} {place} {_ID.sub('/', '/' + rest)}"
