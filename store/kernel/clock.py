"""Time as a port: every room asks a Clock, so the same code runs on the wall clock and on simulated time."""

import threading
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC datetime; it may step backwards when the machine's clock does."""

    @property
    def simulated(self) -> bool:
        """True when the time told is not the time of the world outside."""
        ...

    @property
    def held(self) -> bool:
        """True while simulated time stands still because a person must decide first."""
        ...

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class WallClock:
    """The machine's clock."""

    simulated = False
    held = False

    def now(self) -> datetime:
        """The machine's present moment."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told: for simulated runs and tests. Safe to read from any thread."""

    simulated = True

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("the start of a simulated clock must carry a time zone")
        self._now = start.astimezone(UTC)
        self.held = False
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The moment it was last moved to."""
        with self._lock:
            return self._now

    def move_to(self, moment: datetime) -> None:
        """Steps forward to `moment`; a moment in the past leaves the clock where it is."""
        with self._lock:
            self._now = max(self._now, moment.astimezone(UTC))
