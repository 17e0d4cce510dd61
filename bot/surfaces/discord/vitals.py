"""What is known of the connection without asking the network, and how it is said."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from blocks.text import count
from bot.surfaces.base import Health
from store.kernel.clock import Clock

HEARTBEAT_SECONDS = 41.25
"""What Discord asks for until it has said: https://docs.discord.com/developers/events/gateway, checked 2026-11-21."""
BEATS_MISSED = 2.0
"""A connection on which no heartbeat was acknowledged for so many intervals is down, whatever the socket says."""
STALE_SECONDS = 180.0
"""An older answer of the REST API than this proves nothing."""
_HELLO, _ACKNOWLEDGED = 10, 11
_SHORT_CHARS = 300
"""Frames about the connection itself are short; only such are read here."""


@dataclass
class Sign:
    """The last time something was heard. None: never."""

    seconds: float | None = None
    at: datetime | None = None


@dataclass
class Vitals:
    """Signs of life, written by the connection as they come.

    `problem` is what is wrong with the connection now, `refusal` what the REST API says against us; None: nothing.
    `trouble` is what the last interruption was that is over, `over` when it ended.
    `ours` is whether this process is the one that receives; None until that is known. `settled` is set once events
    arrive, or will not: another process receives them, or Discord refuses us. `commands` is why the server's commands
    are not as they should be; None while they are.
    """

    clock: Clock
    now: Callable[[], float] = time.monotonic
    problem: str | None = None
    refusal: str | None = None
    ours: bool | None = None
    ready: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    sessions: int = 0
    resumed: int = 0
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    latency_seconds: float | None = None
    trouble: str | None = None
    over: Sign = field(default_factory=Sign)
    session: Sign = field(default_factory=Sign)
    frame: Sign = field(default_factory=Sign)
    acknowledged: Sign = field(default_factory=Sign)
    answered: Sign = field(default_factory=Sign)
    commands: str | None = None
    away: str | None = None
    """What is the matter when the bot is not in its server; None while it is, or while nobody has seen otherwise."""

    def began_session(self) -> None:
        """Discord has begun a new session and sends events."""
        self._back()
        self.sessions += 1
        self.settled.set()
        self.session = self._mark()

    def resumed_session(self) -> None:
        """Discord goes on with the session, from where it was broken off."""
        self._back()
        self.resumed += 1

    def lost_connection(self) -> None:
        """No events arrive now."""
        self.ready = False

    def _back(self) -> None:
        if self.session.at is not None or self.problem is not None:
            self.trouble, self.over = self.problem or BROKEN_OFF, self._mark()
        self.ready, self.problem = True, None

    def heard_frame(self, text: str) -> None:
        """Discord sent something over the gateway."""
        self.frame = self._mark()
        said = _short(text)
        if said.get("op") == _HELLO and isinstance(data := said.get("d"), dict):
            self.heartbeat_seconds = float(data.get("heartbeat_interval", HEARTBEAT_SECONDS * 1000)) / 1000
        if said.get("op") in (_HELLO, _ACKNOWLEDGED):
            self.acknowledged = self.frame

    def heard_answer(self) -> None:
        """The REST API answered: the token holds."""
        self.answered = self._mark()
        self.refusal = None

    @property
    def unacknowledged(self) -> bool:
        """True when Discord has left heartbeats without an answer: the connection is dead though nobody closed it."""
        age = self._age(self.acknowledged)
        return self.ready and (age is None or age > BEATS_MISSED * self.heartbeat_seconds)

    @property
    def receiving(self) -> bool:
        """True while events arrive here."""
        return self.ready and not self.unacknowledged and self._wrong is None

    def health(self) -> Health:
        """Connected while events arrive here, or while another process receives and this one can post."""
        return Health(
            surface="discord",
            connected=self.receiving or self._posts_only,
            detail=self._detail(),
            last_seen_at=self.frame.at or self.answered.at,
        )

    @property
    def _posts_only(self) -> bool:
        age = self._age(self.answered)
        return self.ours is False and self._wrong is None and age is not None and age < STALE_SECONDS

    def _detail(self) -> str:
        if self.ours is False:
            return f"{self._wrong or OTHERS}; token confirmed {self._ago(self.answered)}{self._lacking}."
        signs = f"last frame {self._ago(self.frame)}, heartbeat acknowledged {self._ago(self.acknowledged)}"
        latency = "" if self.latency_seconds is None else f" ({self.latency_seconds * 1000:.0f} ms)"
        return f"{self._state()}; {signs}{latency}; {self._counted}{self._lacking}."

    @property
    def _counted(self) -> str:
        counted = f"{count(self.sessions, 'session')}, resumed {count(self.resumed, 'time')}"
        return counted if self.trouble is None else f"{counted}; back {self._ago(self.over)}: {self.trouble}"

    @property
    def _lacking(self) -> str:
        return f"; {self.commands}" if self.commands else ""

    def _state(self) -> str:
        if self._wrong is not None:
            return self._wrong
        if self.unacknowledged:
            return "Discord has stopped answering heartbeats"
        return f"Connected to Discord, session began {self._ago(self.session)}" if self.ready else "Not connected"

    @property
    def _wrong(self) -> str | None:
        return self.refusal or self.away or self.problem

    def _mark(self) -> Sign:
        return Sign(self.now(), self.clock.now())

    def _ago(self, sign: Sign) -> str:
        age = self._age(sign)
        return "never" if age is None else f"{age:.0f} s ago"

    def _age(self, sign: Sign) -> float | None:
        return None if sign.seconds is None else self.now() - sign.seconds


BROKEN_OFF = "the connection was broken off"
OTHERS = "Another process of the team receives from Discord; this one posts"


def _short(text: str) -> dict[str, object]:
    if len(text) > _SHORT_CHARS:
        return {}
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
