"""A part of a channel's history, read to its end: every message, and the answers in the threads it begins.

https://docs.slack.dev/reference/methods/conversations.history and …/conversations.replies, checked 2026-11-21.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from bot.surfaces.slack.overheard import moment_of, ts_of
from bot.surfaces.slack.plaintext import parts, word
from bot.surfaces.slack.posting import next_cursor
from bot.surfaces.slack.web import SlackWeb
from store.kernel.canonical import Json, JsonObject
from store.kernel.crash import outside
from store.kernel.errors import Retryable

PAGE = 200
"""Slack recommends no more than 200 messages a page."""
PAGES = 25
ATTEMPTS = 6
LEAST_PAUSE_SECONDS = 0.5


class Unit(NamedTuple):
    """A message of the channel itself, written `at`, and those answers in its thread that were asked for."""

    at: datetime
    messages: tuple[Mapping[str, object], ...]


class TooMuch(Exception):
    """There is more in the window than is read at once."""


class HistoryReader:
    """Reads history at the fleet's pace; waits when Slack says so."""

    def __init__(self, web: SlackWeb, page: int = PAGE) -> None:
        self._web = web
        self._limit = page

    async def window(
        self, channel_id: str, oldest: datetime, latest: datetime | None, replies_since: datetime | None
    ) -> list[Unit]:
        """All that was written from `oldest` to `latest` (None: to the end), both ends included, oldest first.

        `replies_since` None leaves the threads out. Raises TooMuch for more than PAGES pages, SlackRefusal, and
        Retryable when Slack could not be asked for long.
        """
        bounds: JsonObject = {"channel": channel_id, "oldest": ts_of(oldest), "inclusive": True}
        if latest is not None:
            bounds["latest"] = ts_of(latest)
        found = await self._pages("conversations.history", bounds)
        units = [await self._unit(channel_id, message, replies_since) for message in found]
        return sorted((unit for unit in units if unit is not None), key=lambda unit: unit.at)

    async def _unit(
        self, channel_id: str, message: Mapping[str, object], replies_since: datetime | None
    ) -> Unit | None:
        at = moment_of(word(message, "ts"))
        if at is None:
            return None
        latest = moment_of(word(message, "latest_reply"))
        if replies_since is None or not message.get("reply_count") or (latest is not None and latest < replies_since):
            return Unit(at, (message,))
        thread: JsonObject = {"channel": channel_id, "ts": word(message, "ts"), "oldest": ts_of(replies_since)}
        replies = await self._pages("conversations.replies", {**thread, "inclusive": True})
        return Unit(at, (message, *(one for one in replies if one.get("ts") != message.get("ts"))))

    async def _pages(self, method: str, arguments: JsonObject) -> list[Mapping[str, object]]:
        found: list[Mapping[str, object]] = []
        cursor: Json = None
        for _ in range(PAGES):
            page = await self._page(method, {**arguments, "limit": self._limit, "cursor": cursor})
            found += parts(page, "messages")
            cursor = next_cursor(page)
            if cursor == "":
                return found
        raise TooMuch

    async def _page(self, method: str, arguments: JsonObject) -> JsonObject:
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._asked(method, arguments)
            except Retryable as later:
                await asyncio.sleep(max(later.delay_seconds, LEAST_PAUSE_SECONDS))
        return await self._asked(method, arguments)

    async def _asked(self, method: str, arguments: JsonObject) -> JsonObject:
        with outside("surface.history"):
            return await self._web.call(method, arguments, repeatable=True)
