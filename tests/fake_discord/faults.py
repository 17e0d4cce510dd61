"""How a call goes wrong: before Discord did anything, or after it did and only the answer is lost."""

import random
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Fault(Enum):
    """How one call goes wrong."""

    RATE_LIMITED = "429 for this route, nothing done"
    RATE_LIMITED_GLOBALLY = "429 for everything, nothing done"
    SERVER_ERROR = "HTTP 503, nothing done"
    SERVER_ERROR_AFTER = "HTTP 503, done all the same"
    BAD_GATEWAY = "HTTP 502, nothing done"
    BAD_GATEWAY_AFTER = "HTTP 502, done all the same"
    INTERNAL = "HTTP 500, nothing done"
    LOST = "the connection breaks before anything is done"
    LOST_AFTER = "done, then the connection breaks before the answer"
    SILENT = "nothing done, and no answer ever comes"
    SILENT_AFTER = "done, and no answer ever comes"
    LATE = "no answer ever comes, and only then is it done"
    SLOW = "done, and the answer comes late"


HAPPENED = frozenset(
    {Fault.SERVER_ERROR_AFTER, Fault.BAD_GATEWAY_AFTER, Fault.LOST_AFTER, Fault.SILENT_AFTER, Fault.SLOW}
)
STATUS = {
    Fault.SERVER_ERROR: 503,
    Fault.SERVER_ERROR_AFTER: 503,
    Fault.BAD_GATEWAY: 502,
    Fault.BAD_GATEWAY_AFTER: 502,
    Fault.INTERNAL: 500,
}


@dataclass
class Weather:
    """Which calls go wrong. `planned` comes first, per operation, first come first served; None lets one call through.

    `rates` is how often each fault meets an operation by chance. `met` counts what has been met.
    """

    rates: Mapping[str, Mapping[Fault, float]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - weather, not secrets
    planned: dict[str, deque[Fault | None]] = field(default_factory=lambda: defaultdict(deque))
    met: Counter[Fault] = field(default_factory=Counter)

    def plan(self, operation: str, *faults: Fault | None) -> None:
        self.planned[operation].extend(faults)

    def next(self, operation: str) -> Fault | None:
        fault = self.planned[operation].popleft() if self.planned[operation] else self._by_chance(operation)
        if fault is not None:
            self.met[fault] += 1
        return fault

    def happened_unseen(self) -> int:
        """How many calls were carried out without their answer getting through."""
        return sum(count for fault, count in self.met.items() if fault in HAPPENED - {Fault.SLOW} | {Fault.LATE})

    def _by_chance(self, operation: str) -> Fault | None:
        if operation not in self.rates:
            return None
        drawn, below = self.chance.random(), 0.0
        for fault, rate in self.rates[operation].items():
            below += rate
            if drawn < below:
                return fault
        return None
