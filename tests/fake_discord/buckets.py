"""Rate limits as headers tell them: https://docs.discord.com/developers/topics/rate-limits, 2026-11-21."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.fake_discord.calls import Call

_MAJOR = ("channel_id", "guild_id", "webhook_id", "token")


@dataclass
class Buckets:
    """So many calls of one operation on one channel or guild in so many seconds."""

    clock: Callable[[], float]
    limit: int = 10_000
    per_seconds: float = 1.0
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def take(self, call: Call) -> tuple[bool, Mapping[str, str]]:
        """Whether the call may go through, and the headers that say so."""
        key, now = self._key(call), self.clock()
        began, used = self._windows.get(key, (now, 0))
        if now - began >= self.per_seconds:
            began, used = now, 0
        allowed = used < self.limit
        self._windows[key] = (began, used + allowed)
        return allowed, self._headers(call, self.limit - used - allowed, began + self.per_seconds - now)

    def _key(self, call: Call) -> str:
        major = "+".join(call.path[name] for name in _MAJOR if name in call.path)
        return f"{call.name} {major}"

    def _headers(self, call: Call, remaining: int, reset_after: float) -> Mapping[str, str]:
        bucket = hashlib.sha256(call.name.encode()).hexdigest()[:32]
        counts = {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(remaining)}
        until = {"X-RateLimit-Reset": f"{self.clock() + reset_after:.3f}"}
        return {**counts, **until, "X-RateLimit-Reset-After": f"{reset_after:.3f}", "X-RateLimit-Bucket": bucket}
