"""One try at showing one card on one surface, and what is to be recorded when it fails."""

from dataclasses import dataclass

from bot.surfaces.base import Surface
from store.records import CardRow, Delivery, DeliveryState

BACKOFF_SECONDS = (1.0, 5.0, 30.0, 120.0)
"""The pause after each failure in a row; after the last one it stays."""


@dataclass
class Attempt:
    """One try at one card on one surface; `held` is the delivery as this sender last knew it."""

    surface: Surface
    row: CardRow
    held: Delivery | None
    posting: bool = False

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self.held.attempts if self.held else 0

    @property
    def backoff(self) -> float:
        """Seconds to wait after one more failure."""
        return BACKOFF_SECONDS[min(self.failures, len(BACKOFF_SECONDS) - 1)]

    @property
    def unposted(self) -> DeliveryState:
        """What the delivery is after a failure that certainly posted nothing now; what is in doubt stays in doubt."""
        if self.held is not None and self.held.message_id:
            return DeliveryState.POSTED
        return DeliveryState.UNKNOWN if self.in_doubt else DeliveryState.PENDING

    @property
    def in_doubt(self) -> bool:
        """True while an earlier post may be visible without our knowing."""
        if self.held is None or self.posting:
            return False
        return self.held.state in (DeliveryState.SENDING, DeliveryState.UNKNOWN)
