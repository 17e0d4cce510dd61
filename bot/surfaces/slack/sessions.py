"""A run as Slack's own agent session: its status beside the thread, and Slack's own Stop button, where there are any.

https://docs.slack.dev/ai/agent-sessions, checked 2026-11-21. Advisory: the run's card says all of it, and its own
button stops it everywhere. A session that was told is told again only when its run's state changes.
"""

import asyncio
from collections import OrderedDict
from enum import StrEnum

import structlog

from blocks.elements import Card, Tone
from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.features import Feature, Features
from bot.surfaces.slack.timing import Timing
from bot.surfaces.slack.web import SlackWeb
from store.kernel.crash import outside
from store.kernel.errors import QuarterdeckError
from store.records import CardKind

log = structlog.get_logger(__name__)

REMEMBERED = 500
TRIES = 3
TITLE_CHARS = 200

_OF_ONE_THREAD = frozenset(
    {"channel_not_found", "is_archived", "message_not_found", "not_in_channel", "thread_not_found"}
)
"""Refusals that say nothing about the workspace."""


class SessionStatus(StrEnum):
    """`suspended` waits for a person. An ended run is `active`, not closed: the next may use its card and thread."""

    PROCESSING = "processing"
    ACTIVE = "active"
    SUSPENDED = "suspended"


Thread = tuple[str, str]


class Sessions:
    """Tells Slack in the background how runs stand, until Slack says that it has no sessions."""

    def __init__(self, web: SlackWeb, features: Features, timing: Timing) -> None:
        self._web = web
        self._features = features
        self._timing = timing
        self._wanted: OrderedDict[Thread, SessionStatus] = OrderedDict()
        self._telling: dict[Thread, asyncio.Task[None]] = {}

    def note(self, channel_id: str, ts: str, card: Card) -> None:
        """The message now shows this card. Never raises, and does not wait."""
        status, thread = status_of(card), (channel_id, ts)
        if status is None or not self._features.has(Feature.SESSION) or self._wanted.get(thread) is status:
            return
        self._wanted[thread] = status
        self._wanted.move_to_end(thread)
        while len(self._wanted) > REMEMBERED:
            self._wanted.popitem(last=False)
        if thread not in self._telling:
            self._telling[thread] = asyncio.create_task(self._tell(thread, card.title[:TITLE_CHARS]))

    async def close(self) -> None:
        """Tells nothing more."""
        telling = list(self._telling.values())
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)

    async def _tell(self, thread: Thread, title: str) -> None:
        told, failures = None, 0
        try:
            while failures < TRIES and (wanted := self._wanted.get(thread)) is not told and wanted is not None:
                if await self._told(thread, wanted, title):
                    told = wanted
                    continue
                failures += 1
                await asyncio.sleep(self._timing.session_pause_seconds)
        except SlackRefusal as refusal:
            self._refused(thread, refusal)
        finally:
            del self._telling[thread]

    async def _told(self, thread: Thread, status: SessionStatus, title: str) -> bool:
        channel_id, ts = thread
        arguments = {"channel_id": channel_id, "thread_ts": ts, "status": status.value, "title": title}
        try:
            with outside("surface.session"):
                await self._web.call("agents.sessions.setStatus", {**arguments}, repeatable=True)
        except SlackRefusal:
            raise
        except QuarterdeckError as error:
            log.info("slack.session_not_told", channel=channel_id, status=status.value, reason=str(error))
            return False
        return True

    def _refused(self, thread: Thread, refusal: SlackRefusal) -> None:
        if refusal.code in _OF_ONE_THREAD:
            log.info("slack.session_refused", channel=thread[0], reason=refusal.code)
        else:
            self._features.miss(Feature.SESSION, refusal.code)


def status_of(card: Card) -> SessionStatus | None:
    """How the session of a run's card stands; None for any other card."""
    if card.kind != CardKind.RUN:
        return None
    if card.live:
        return SessionStatus.PROCESSING
    return SessionStatus.SUSPENDED if card.tone is Tone.WAITING else SessionStatus.ACTIVE
