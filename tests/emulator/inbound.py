"""A way in for tests: records what was stored and acted on, and can refuse to store."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.surfaces.base import Accepted, Answer, InboundEvent
from store.kernel.errors import Retryable


@dataclass
class RecordingInbound:
    """Deduplicates by key, as the inbox does. `answer` is what a person is told; `refusals` to store come first."""

    answer: Callable[[InboundEvent], Answer] = lambda _event: Answer()
    stored: list[InboundEvent] = field(default_factory=list)
    acted: list[InboundEvent] = field(default_factory=list)
    refusals: int = 0
    attempts: int = 0
    hold: asyncio.Event | None = None

    async def accept(self, event: InboundEvent) -> Accepted:
        self.attempts += 1
        if self.refusals:
            self.refusals -= 1
            raise Retryable("The database is locked.")
        repeat = any(known.key == event.key for known in self.stored)
        if not repeat:
            self.stored.append(event)
        return Accepted(event=event, repeat=repeat)

    async def act(self, accepted: Accepted) -> Answer:
        if self.hold is not None:
            await self.hold.wait()
        self.acted.append(accepted.event)
        return self.answer(accepted.event)
