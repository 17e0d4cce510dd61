"""Discord's ids: milliseconds since 2015 and a running number, so that newer ids are greater.

https://docs.discord.com/developers/reference#snowflakes, 2026-11-21.
"""

from collections.abc import Callable
from dataclasses import dataclass

_EPOCH_MS = 1_420_070_400_000
_SHIFT = 22


@dataclass
class Snowflakes:
    """Ids at the time of `now`, in Unix seconds; never one twice, never a smaller one."""

    now: Callable[[], float]
    _last: int = 0

    def next(self) -> str:
        at = int(self.now() * 1000) - _EPOCH_MS
        self._last = max(self._last + 1, at << _SHIFT)
        return str(self._last)


def made_at(snowflake: str) -> float:
    """When the id was made, in Unix seconds."""
    return ((int(snowflake) >> _SHIFT) + _EPOCH_MS) / 1000
