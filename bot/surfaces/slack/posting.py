"""Cards as messages: posted so that they can be found again, edited whole, and never sent twice on a guess."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

import structlog

from blocks.elements import Card, Chart, chart_of
from blocks.render.slack import METADATA_EVENT_TYPE
from bot.surfaces.base import STANDING, Placing, Shown
from bot.surfaces.slack.abilities import CUSTOMIZE, PIN, Abilities
from bot.surfaces.slack.charts import ChartUploads
from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.identity import Home
from bot.surfaces.slack.late_charts import LateCharts
from bot.surfaces.slack.pacing import Urgency
from bot.surfaces.slack.rendering import card_message
from bot.surfaces.slack.timing import Timing
from bot.surfaces.slack.web import SlackWeb
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Retryable

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(minutes=5)
"""How far before the given moment a look-up begins: Slack stamps messages with its own clock, and ours may be off."""
PAGE = 200
OWED_PIN = "pin"

URGENCY_OF_KIND: Mapping[str, Urgency] = MappingProxyType(
    {
        "approval": Urgency.DECISION,
        "alert": Urgency.DELIVERABLE,
        "digest": Urgency.DELIVERABLE,
        "incident": Urgency.DELIVERABLE,
    }
)
"""Who goes first at Slack's door, by kind of card; a kind not named here is progress."""


class Poster:
    """Posts, edits and finds cards.

    `home` tells our messages from look-alikes. `simulated` says that the times we are given are not the world's.
    """

    def __init__(
        self, web: SlackWeb, charts: ChartUploads, home: Home, abilities: Abilities, *, simulated: bool, timing: Timing
    ) -> None:
        self._web = web
        self._charts = charts
        self._home = home
        self._abilities = abilities
        self._simulated = simulated
        self._timing = timing
        self._late = LateCharts(charts, self._update)

    async def post(self, channel_id: str, card: Card, placing: Placing) -> Shown:
        """Posts the card once; the message's id is its ts. A chart not ready in time is added by an edit later.

        Raises Retryable (nothing was posted), OutcomeUnknown (look with `find` first) or SlackRefusal.
        """
        chart = chart_of(card)
        file_id = await self._file_for(chart)
        # An unfurled link is a request that somebody else's text made us cause.
        place: JsonObject = {"channel": channel_id, "unfurl_links": False, "unfurl_media": False}
        if placing.thread_id is not None:
            place["thread_ts"] = placing.thread_id
        answer, pictured = await self._send("chat.postMessage", place | self._persona(placing), card, file_id)
        ts = str(answer["ts"])
        if chart is not None and not pictured:
            self._late.add(channel_id, ts, card)
        return Shown(message_id=ts, owes=await self._pinned(channel_id, ts, placing))

    async def edit(self, channel_id: str, ts: str, card: Card, placing: Placing = STANDING) -> Shown:
        """Makes the message show this card. Raises Retryable (a repeat is harmless) or SlackRefusal.

        Under whose name it stands was settled when it was posted: Slack lets no edit change that.
        """
        chart = chart_of(card)
        file_id = await self._file_for(chart)
        async with self._late.turn(channel_id, ts, card):
            pictured = await self._update(channel_id, ts, card, file_id)
        if chart is not None and not pictured:
            self._late.add(channel_id, ts, card)
        return Shown(message_id=ts, owes=await self._pinned(channel_id, ts, placing))

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None) -> str | None:
        """The ts of the oldest message that is this card, posted after `since`; None when none is to be seen."""
        # Simulated time says nothing about when Slack stamped a message.
        oldest = None if self._simulated else f"{(since - LOOK_BACK).timestamp():.6f}"
        return await self._look(channel_id, card_key, oldest, thread_id)

    async def close(self) -> None:
        """Leaves charts that are still missing to the next edit of their cards."""
        await self._late.close()

    def _persona(self, placing: Placing) -> JsonObject:
        persona = placing.persona
        if persona is None or not self._abilities.has(CUSTOMIZE):
            return {}
        return {"username": persona.name, **({"icon_emoji": f":{persona.icon}:"} if persona.icon else {})}

    async def _pinned(self, channel_id: str, ts: str, placing: Placing) -> str | None:
        """What is owed: the pin, when it could not be made now and may be later."""
        if not placing.pinned or not self._abilities.has(PIN):
            return None
        try:
            await self._web.call("pins.add", {"channel": channel_id, "timestamp": ts}, repeatable=True)
        except Retryable:
            return OWED_PIN
        except SlackRefusal as refusal:
            if refusal.code == "missing_scope":
                self._abilities.refused(PIN)
            elif refusal.code != "already_pinned":
                log.warning("slack.not_pinned", channel=channel_id, reason=str(refusal))
        return None

    async def _file_for(self, chart: Chart | None) -> str | None:
        return None if chart is None else await self._charts.file_for(chart, self._timing.chart_patience_seconds)

    async def _update(self, channel_id: str, ts: str, card: Card, file_id: str | None) -> bool:
        # Always with blocks: `text` alone would delete them.
        _, pictured = await self._send("chat.update", {"channel": channel_id, "ts": ts}, card, file_id)
        return pictured

    async def _send(
        self, method: Literal["chat.postMessage", "chat.update"], place: JsonObject, card: Card, file_id: str | None
    ) -> tuple[JsonObject, bool]:
        """Slack's answer, and whether the message shows the chart's picture."""
        try:
            return await self._call(method, {**place, **card_message(card, file_id)}, card), file_id is not None
        except SlackRefusal as refusal:
            if refusal.code == "missing_scope" and "username" in place:
                self._abilities.refused(CUSTOMIZE)
                return await self._send(method, _unnamed(place), card, file_id)
            # A file may be refused though its scan looked finished (https://github.com/slackapi/python-slack-sdk/issues/1658),
            # and a workspace may lack the newer blocks. A refusal is definite: nothing was sent.
            if refusal.code != "invalid_blocks":
                raise
            log.warning("slack.card_simplified", card=card.key, method=method)
        return await self._call(method, {**place, **card_message(card, None, plain=True)}, card), False

    async def _call(self, method: str, arguments: JsonObject, card: Card) -> JsonObject:
        posting = method == "chat.postMessage"
        return await self._web.call(
            method,
            arguments,
            urgency=URGENCY_OF_KIND.get(card.kind, Urgency.PROGRESS),
            repeatable=not posting,
            post_to=str(arguments["channel"]) if posting else None,
        )

    async def _look(self, channel_id: str, card_key: str, oldest: str | None, thread_id: str | None) -> str | None:
        method = "conversations.history" if thread_id is None else "conversations.replies"
        found: list[str] = []
        cursor: Json = None
        while cursor != "":
            # Without include_all_metadata Slack leaves the payload, and with it the key, out.
            span: JsonObject = {
                "channel": channel_id,
                "oldest": oldest,
                "limit": PAGE,
                "cursor": cursor,
                "ts": thread_id,
            }
            arguments: JsonObject = {**span, "include_all_metadata": True}
            page = await self._web.call(method, arguments, urgency=Urgency.DECISION, repeatable=True)
            found += [str(message["ts"]) for message in messages_of(page) if self._is_card(message, card_key)]
            cursor = next_cursor(page)
        return min(found, default=None)

    def _is_card(self, message: JsonObject, card_key: str) -> bool:
        metadata = message.get("metadata")
        if not isinstance(metadata, dict) or not self._is_ours(message):
            return False
        payload, kind = metadata.get("event_payload"), metadata.get("event_type")
        return kind == METADATA_EVENT_TYPE and isinstance(payload, dict) and payload.get("key") == card_key

    def _is_ours(self, message: JsonObject) -> bool:
        # What goes out under an agent's name carries no user, only the bot's id:
        # https://docs.slack.dev/reference/events/message/bot_message, checked 2026-11-21.
        by_bot = self._home.bot_id is not None and message.get("bot_id") == self._home.bot_id
        return by_bot or message.get("user") == self._home.bot_user_id


def _unnamed(place: JsonObject) -> JsonObject:
    return {name: value for name, value in place.items() if name not in ("username", "icon_emoji")}


def messages_of(page: JsonObject) -> list[JsonObject]:
    """The messages of one page of history."""
    messages = page.get("messages")
    return [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []


def next_cursor(page: JsonObject) -> str:
    """Where the next page begins; empty when this was the last."""
    metadata = page.get("response_metadata")
    cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else None
    return cursor if isinstance(cursor, str) else ""
