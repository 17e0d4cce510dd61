"""One pace for the whole fleet: Slack counts per method, workspace and app, so a method's callers share one bucket."""

import asyncio
import heapq
import time
from collections.abc import Callable, Mapping
from enum import IntEnum
from itertools import count
from types import MappingProxyType

from bot.surfaces.base import Paced
from store.records import Record


class Urgency(IntEnum):
    """Who goes first when several wait: decisions before deliverables before progress."""

    DECISION = 0
    DELIVERABLE = 1
    PROGRESS = 2


class Pace(Record):
    """`per_minute` sustained, after a burst of `burst`."""

    per_minute: int
    burst: int


TIER_2, TIER_3, TIER_4 = Pace(per_minute=20, burst=5), Pace(per_minute=50, burst=10), Pace(per_minute=100, burst=20)

PACES: Mapping[str, Pace] = MappingProxyType(
    {
        "agents.sessions.setStatus": TIER_3,
        "auth.test": TIER_4,
        "apps.connections.open": Pace(per_minute=2, burst=2),
        "blocks.validate": TIER_3,
        "chat.getPermalink": TIER_4,
        "chat.postMessage": Pace(per_minute=240, burst=10),
        "chat.postEphemeral": TIER_4,
        "chat.update": TIER_3,
        "conversations.create": TIER_2,
        "conversations.history": TIER_3,
        "conversations.info": TIER_3,
        "conversations.invite": TIER_3,
        "conversations.join": TIER_3,
        "conversations.list": TIER_2,
        "conversations.replies": TIER_3,
        "conversations.setTopic": TIER_2,
        "files.completeUploadExternal": TIER_4,
        "files.getUploadURLExternal": TIER_4,
        "files.info": TIER_4,
        "pins.add": TIER_2,
        "users.info": TIER_4,
        "views.open": TIER_4,
        "views.publish": TIER_4,
    }
)
"""Every Web API method this surface calls, at the rate Slack guarantees it.
https://docs.slack.dev/apis/web-api/rate-limits, checked 2026-11-21."""

CHANNEL_PACE = Pace(per_minute=60, burst=3)
"""Posting into one channel: about one a second, short bursts allowed (same page)."""

PATIENCE_SECONDS: Mapping[Urgency, float] = MappingProxyType(
    {Urgency.DECISION: 5.0, Urgency.DELIVERABLE: 5.0, Urgency.PROGRESS: 0.3}
)
"""A turn further away than this is not waited for, so that one method's queue cannot hold up other work. Progress
hardly waits at all: it reads differently by then, and whatever stands behind it is more urgent."""

RESERVED_SHARE = 0.3
"""Of a burst, what progress leaves for the decision that may come next (rounded down)."""


class Bucket:
    """A token bucket whose waiters are served by urgency, then in order of arrival."""

    def __init__(self, pace: Pace, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = pace.per_minute / 60
        self._burst = float(pace.burst)
        self._reserve = int(pace.burst * RESERVED_SHARE)
        self._tokens = self._burst
        self._now = now
        self._refilled_at = now()
        self._paused_until = 0.0
        self._order = count()
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, urgency: Urgency) -> None:
        """Returns when it is this caller's turn. Raises Paced, using up nothing, when that is too far away."""
        delay_seconds = self._wait_seconds(urgency)
        if delay_seconds > PATIENCE_SECONDS[urgency]:
            raise Paced("Slack's pace for this is used up.", delay_seconds)
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), turn))
        self._serve()
        await turn

    def pause(self, seconds: float) -> None:
        """Serves nobody for `seconds`: Slack said so."""
        self._paused_until = max(self._paused_until, self._now() + seconds)

    def _wait_seconds(self, urgency: Urgency) -> float:
        self._refill()
        ahead = sum(not turn.done() and other <= urgency for other, _, turn in self._waiting)
        missing = max(0.0, ahead + self._needed(urgency) - self._tokens)
        return max(0.0, self._paused_until - self._now()) + missing / self._per_second

    def _refill(self) -> None:
        now = self._now()
        self._tokens = min(self._burst, self._tokens + (now - self._refilled_at) * self._per_second)
        self._refilled_at = now

    def _needed(self, urgency: Urgency) -> int:
        return 1 + (self._reserve if urgency is Urgency.PROGRESS else 0)

    def _serve(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._refill()
        paused_seconds = self._paused_until - self._now()
        while self._waiting and self._tokens >= self._needed(self._waiting[0][0]) and paused_seconds <= 0:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                self._tokens -= 1
                turn.set_result(None)
        if self._waiting:
            missing = self._needed(self._waiting[0][0]) - self._tokens
            delay_seconds = max(paused_seconds, missing / self._per_second, 0.001)
            self._timer = asyncio.get_running_loop().call_later(delay_seconds, self._serve)


class Pacer:
    """All buckets of one workspace. A method without a pace is a bug (KeyError)."""

    def __init__(self, paces: Mapping[str, Pace] = PACES, channel_pace: Pace = CHANNEL_PACE) -> None:
        self._methods = {method: Bucket(pace) for method, pace in paces.items()}
        self._channel_pace = channel_pace
        self._channels: dict[str, Bucket] = {}

    async def turn(self, method: str, urgency: Urgency, channel_id: str | None = None) -> None:
        """Waits for a turn at `method`; `channel_id` set means at posting into that channel too. Raises Paced."""
        if channel_id is not None:
            await self._channels.setdefault(channel_id, Bucket(self._channel_pace)).take(urgency)
        await self._methods[method].take(urgency)

    def pause(self, method: str, seconds: float) -> None:
        """Lets nobody call `method` for `seconds`."""
        self._methods[method].pause(seconds)
