"""What is known of the connection without asking the network, and how it is said."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.surfaces.base import Health
from bot.surfaces.slack.abilities import Abilities
from bot.surfaces.slack.features import Features
from store.kernel.clock import Clock

STALE_SECONDS = 180.0
"""Older signs of life than this prove nothing: Slack is asked every minute, and sends frames every few seconds."""


@dataclass
class Sign:
    """The last time something was heard. None: never."""

    seconds: float | None = None
    at: datetime | None = None


@dataclass
class Connection:
    """One way in: whether it stands, when something last came over it, and how often Slack has said hello on it."""

    mark: Callable[[], Sign]
    open: bool = False
    greetings: int = 0
    frame: Sign = field(default_factory=Sign)

    def heard_frame(self) -> None:
        """Slack sent something."""
        self.frame = self.mark()


@dataclass
class Vitals:
    """Signs of life, written by the connections as they come. `problem` is what is wrong now; None when nothing is."""

    clock: Clock
    now: Callable[[], float] = time.monotonic
    problem: str | None = None
    connections: list[Connection] = field(default_factory=list)
    asked: Sign = field(default_factory=Sign)
    abilities: Abilities = field(default_factory=Abilities)
    features: Features = field(default_factory=Features)

    def connection(self) -> Connection:
        """One more way in, not open yet."""
        self.connections.append(Connection(self._mark))
        return self.connections[-1]

    @property
    def greetings(self) -> int:
        """How often Slack has opened a connection with a hello."""
        return sum(each.greetings for each in self.connections)

    @property
    def frame(self) -> Sign:
        """The last frame on any connection."""
        return max((each.frame for each in self.connections), key=lambda sign: sign.seconds or 0.0, default=Sign())

    def heard_answer(self) -> None:
        """Slack answered auth.test: the token holds."""
        self.asked = self._mark()
        self.problem = None

    def health(self) -> Health:
        """Connected only while a way in is open and the token was confirmed lately; never on old news."""
        age = self._age(self.asked)
        connected = self._open > 0 and self.problem is None and age is not None and age < STALE_SECONDS
        return Health(
            surface="slack", connected=connected, detail=self._detail(), last_seen_at=self.frame.at or self.asked.at
        )

    def _detail(self) -> str:
        signs = f"last frame {self._ago(self.frame)}, token confirmed {self._ago(self.asked)}"
        return f"{self.problem or self._way_in()}; {signs}{self.abilities.said()}{self.features.said()}."

    def _way_in(self) -> str:
        if len(self.connections) > 1:
            return f"{self._open} of {len(self.connections)} connections to Slack are open"
        return "Slack can reach us" if self._open else "Slack cannot reach us"

    @property
    def _open(self) -> int:
        return sum(each.open for each in self.connections)

    def _mark(self) -> Sign:
        return Sign(self.now(), self.clock.now())

    def _ago(self, sign: Sign) -> str:
        age = self._age(sign)
        return "never" if age is None else f"{age:.0f} s ago"

    def _age(self, sign: Sign) -> float | None:
        return None if sign.seconds is None else self.now() - sign.seconds
