"""A token that Discord has refused is not shown to it again for a while."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.surfaces.discord.failures import DiscordRefusal
from store.kernel.errors import QuarterdeckError

if TYPE_CHECKING:
    from discord.http import Route


class RefusedToken:
    """Answers in Discord's place while the last refusal is fresh, with that refusal.

    Cards that wait would ask by the thousand, and ten thousand refusals in ten minutes get the address banned:
    https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit, checked 2026-11-21. Calls that an
    interaction's own token is for go on.
    """

    def __init__(self, fresh_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._fresh_seconds = fresh_seconds
        self._now = now
        self._last: tuple[float, DiscordRefusal] | None = None

    def check(self, route: "Route") -> None:
        """Raises the last refusal, for this call, while it is fresh."""
        if self._last is None or route.webhook_token is not None:
            return
        refused_at, refusal = self._last
        if self._now() - refused_at < self._fresh_seconds:
            raise DiscordRefusal(f"{route.method} {route.path}", refusal.status, refusal.code, refusal.said)
        self._last = None

    def heard(self, route: "Route", failure: QuarterdeckError) -> None:
        """Takes note of how a call failed."""
        if isinstance(failure, DiscordRefusal) and failure.of_token and route.webhook_token is None:
            self._last = self._now(), failure
