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
class Vitals:
    """Signs of life, written by the connection as they come. `problem` is what is wrong now; None when nothing is.

    `greetings` counts the connections Slack has opened with a hello.
    """

    clock: Clock
    now: Callable[[], float] = time.monotonic
    open: bool = False
    greetings: int = 0
    problem: str | None = None
    frame: Sign = field(default_factory=Sign)
    asked: Sign = field(default_factory=Sign)
    abilities: Abilities = field(default_factory=Abilities)
    features: Features = field(default_factory=Features)

    def heard_frame(self) -> None:
        """Slack sent something."""
        self.frame = Sign(self.now(), self.clock.now())

    def heard_answer(self) -> None:
        """Slack answered auth.test: the token holds."""
        self.asked = Sign(self.now(), self.clock.now())
        self.problem = None

    def health(self) -> Health:
        """Connected only while the way in is open and the token was confirmed lately; never on old news."""
        age = self._age(self.asked)
        connected = self.open and self.problem is None and age is not None and age < STALE_SECONDS
        return Health(
            surface="slack", connected=connected, detail=self._detail(), last_seen_at=self.frame.at or self.asked.at
        )

    def _detail(self) -> str:
        way_in = "Slack can reach us" if self.open else "Slack cannot reach us"
        signs = f"last frame {self._ago(self.frame)}, token confirmed {self._ago(self.asked)}"
        return f"{self.problem or way_in}; {signs}{self.abilities.said()}{self.features.said()}."

    def _ago(self, sign: Sign) -> str:
        age = self._age(sign)
        return "never" if age is None else f"{age:.0f} s ago"

    def _age(self, sign: Sign) -> float | None:
        return None if sign.seconds is None else self.now() - sign.seconds
