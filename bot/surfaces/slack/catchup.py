"""Finds what events did not bring: the history of each watched channel, from where it is on record to its end.

Read at the start, after every new connection, and every few minutes. What is found once more changes nothing, so each
reading begins a while before the cursor, and the cursor moves only with the rows.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.history import HistoryReader, TooMuch, Unit
from bot.surfaces.slack.listening import Listening
from bot.surfaces.slack.timing import Timing
from bot.surfaces.slack.vitals import Vitals
from bot.watching.watchbook import Watchbook, WatchedChannel
from store.actions.watching import History
from store.kernel.errors import QuarterdeckError

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=15)
"""How far before the cursor a reading begins: what became visible late, and edits whose events were lost."""
THREADS_LOOK_BACK = timedelta(days=1)
"""How far back threads are looked into for answers whose events were lost, when a connection is new and every hour."""
UNITS_AT_ONCE = 200
LEAST_WINDOW = timedelta(seconds=1)

PROBLEMS = {
    "channel_not_found": "Slack shows no channel {id} to Quarterdeck. Check the id; a private channel must invite it.",
    "not_in_channel": "Quarterdeck is not in the Slack channel {id}. Invite it there: /invite and its name.",
}
"""What a person is told when Slack refuses a channel's history, by Slack's word for it."""


class CatchUp:
    """Keeps the record of the watched channels without a gap for as long as Slack can be reached."""

    def __init__(
        self, reader: HistoryReader, listening: Listening, book: Watchbook, vitals: Vitals, timing: Timing
    ) -> None:
        self._reader = reader
        self._listening = listening
        self._book = book
        self._vitals = vitals
        self._timing = timing
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins, at once with a first reading."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stops; what is under way is read again next time."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def once(self, *, deep: bool) -> None:
        """Reads every channel to its end; one that cannot be read keeps none of the others waiting.

        `deep` looks into the threads of the last day too.
        """
        for channel in await self._book.channels():
            try:
                await self._channel(channel, deep=deep)
            except SlackRefusal as refusal:
                words = PROBLEMS.get(refusal.code, str(refusal))
                await self._book.problem(channel.cursor.channel_id, words.format(id=channel.cursor.channel_id))
            except QuarterdeckError as error:
                log.warning("slack.history_unread", channel=channel.cursor.channel_id, reason=str(error))

    async def _run(self) -> None:
        last_deep: float | None = None
        while True:
            greetings, now = self._vitals.greetings, asyncio.get_running_loop().time()
            deep = last_deep is None or now - last_deep >= self._timing.look_deep_every_seconds
            try:
                await self.once(deep=deep)
                last_deep = now if deep else last_deep
            except Exception:  # the outermost loop: shown by a cursor that grows old, and tried again
                log.exception("slack.catch_up_failed")
            if await self._reconnected(greetings):
                last_deep = None

    async def _reconnected(self, greetings: int) -> bool:
        """Waits for the next reading; True when it is a new connection that asks for it."""
        until = asyncio.get_running_loop().time() + self._timing.catch_up_every_seconds
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(min(self._timing.check_seconds, self._timing.catch_up_every_seconds))
            if self._vitals.greetings != greetings:
                return True
        return False

    async def _channel(self, channel: WatchedChannel, *, deep: bool) -> None:
        cursor = channel.cursor
        back = THREADS_LOOK_BACK if deep and channel.threads else OVERLAP
        oldest = max(cursor.begins_at, cursor.read_up_to - back)
        await self._window(channel, oldest, None, oldest if channel.threads else None)

    async def _window(
        self, channel: WatchedChannel, oldest: datetime, latest: datetime | None, replies_since: datetime | None
    ) -> None:
        asked_at = self._book.clock.now()
        try:
            units = await self._reader.window(channel.cursor.channel_id, oldest, latest, replies_since)
        except TooMuch:
            end = asked_at if latest is None else latest
            middle = oldest + max((end - oldest) / 2, LEAST_WINDOW)
            await self._window(channel, oldest, middle, replies_since)
            await self._window(channel, middle, latest, replies_since)
            return
        read = History(asked_at=asked_at, up_to=oldest, at_end=latest is None)
        await self._keep(channel.cursor.channel_id, units, read)

    async def _keep(self, channel_id: str, units: Sequence[Unit], history: History) -> None:
        """In parts, oldest first. An answer goes with its thread, so that the cursor never passes one by."""
        if not units:
            await self._book.keep(channel_id, (), history)
        parts = [units[first : first + UNITS_AT_ONCE] for first in range(0, len(units), UNITS_AT_ONCE)]
        for number, part in enumerate(parts, start=1):
            seen = [await self._listening.read(channel_id, message) for unit in part for message in unit.messages]
            at_end = history.at_end and number == len(parts)
            moved = history.model_copy(update={"up_to": part[-1].at, "at_end": at_end})
            await self._book.keep(channel_id, [one for one in seen if one is not None], moved)
