"""Charts that were not ready when their card had to be posted: added by an edit, never over a newer card."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from blocks.elements import Card, chart_of
from bot.surfaces.slack.charts import ChartUploads
from store.kernel.errors import QuarterdeckError, Retryable

log = structlog.get_logger(__name__)

Update = Callable[[str, str, Card, str | None], Awaitable[bool]]
"""Edits (channel, ts) to show a card with a file; True when the picture is shown."""

PATIENCE_SECONDS = 90.0
PAUSES_SECONDS = (1.0, 5.0, 30.0)
"""Between attempts; after the last one the card stays without its picture, and its numbers and words say the same."""


@dataclass
class _Awaiting:
    """A message without its chart: the newest card it must show. Edits of it take turns by `lock`."""

    card: Card
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class LateCharts:
    """Watches over messages posted without their chart. In memory: after a restart the card's next edit brings it."""

    def __init__(self, charts: ChartUploads, update: Update) -> None:
        self._charts = charts
        self._update = update
        self._awaiting: dict[tuple[str, str], _Awaiting] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, channel_id: str, ts: str, card: Card) -> None:
        """Adds the card's chart to the message once Slack can show it; a message already watched is left as it is."""
        if (channel_id, ts) in self._awaiting:
            return
        self._awaiting[channel_id, ts] = _Awaiting(card)
        task = asyncio.create_task(self._complete(channel_id, ts))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @asynccontextmanager
    async def turn(self, channel_id: str, ts: str, card: Card) -> AsyncIterator[None]:
        """Inside, the caller alone edits the message; `card` is what it shows from now on."""
        awaiting = self._awaiting.get((channel_id, ts))
        if awaiting is None:
            yield
            return
        async with awaiting.lock:
            awaiting.card = card
            yield

    async def close(self) -> None:
        """Stops watching."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _complete(self, channel_id: str, ts: str) -> None:
        awaiting = self._awaiting[channel_id, ts]
        try:
            for pause_seconds in PAUSES_SECONDS:
                if await self._shown(channel_id, ts, awaiting):
                    return
                await asyncio.sleep(pause_seconds)
            log.warning("slack.chart_missing", channel=channel_id, card=awaiting.card.key)
        except QuarterdeckError as error:
            log.warning("slack.chart_missing", channel=channel_id, card=awaiting.card.key, reason=str(error))
        finally:
            del self._awaiting[channel_id, ts]

    async def _shown(self, channel_id: str, ts: str, awaiting: _Awaiting) -> bool:
        chart = chart_of(awaiting.card)
        if chart is None:
            return True
        file_id = await self._charts.file_for(chart, PATIENCE_SECONDS)
        async with awaiting.lock:
            if file_id is None or chart_of(awaiting.card) != chart:
                return False
            try:
                return await self._update(channel_id, ts, awaiting.card, file_id)
            except Retryable:
                return False
