"""Cards as messages: posted so that they can be found again, edited whole, and never sent twice on a guess."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

import structlog

from blocks.elements import Card, chart_of
from blocks.render.slack import METADATA_EVENT_TYPE
from bot.surfaces.base import STANDING, Placing, Shown
from bot.surfaces.slack.abilities import CUSTOMIZE, PIN, Abilities
from bot.surfaces.slack.charts import ChartUploads, Picture, Standing
from bot.surfaces.slack.failures import SlackRefusal
from bot.surfaces.slack.features import Feature, Features
from bot.surfaces.slack.identity import Home
from bot.surfaces.slack.pacing import Urgency
from bot.surfaces.slack.rendering import Manner, card_message
from bot.surfaces.slack.web import SlackWeb
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import Retryable
from store.records import CardKind

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(minutes=5)
"""How far before the given moment a look-up begins, for what is left of the difference between two clocks."""
PAGE = 200
OWED_PIN = "pin"

Method: TypeAlias = Literal["chat.postMessage", "chat.update"]

OWED_CHART = "chart"
"""What a message owes whose chart is not shown as its picture yet."""


class Drawn(NamedTuple):
    """A card as the message it becomes in one manner."""

    manner: Manner
    message: JsonObject


class Poster:
    """Posts, edits and finds cards.

    `home` tells our messages from look-alikes. `simulated` says that the times we are given are not the world's.
    """

    def __init__(
        self,
        web: SlackWeb,
        charts: ChartUploads,
        home: Home,
        abilities: Abilities,
        features: Features,
        *,
        simulated: bool,
    ) -> None:
        self._web = web
        self._charts = charts
        self._home = home
        self._abilities = abilities
        self._features = features
        self._simulated = simulated

    async def post(self, channel_id: str, card: Card, placing: Placing) -> Shown:
        """Posts the card once; the message's id is its ts. A chart whose picture is not ready in time is owed.

        Raises Retryable (nothing was posted), OutcomeUnknown (look with `find` first) or SlackRefusal.
        """
        # An unfurled link is a request that somebody else's text made us cause.
        place: JsonObject = {"channel": channel_id, "unfurl_links": False, "unfurl_media": False}
        if placing.thread_id is not None:
            place["thread_ts"] = placing.thread_id
        shown = await self._show("chat.postMessage", place | self._persona(placing), card)
        return await self._with_pin(channel_id, shown, placing)

    async def edit(self, channel_id: str, ts: str, card: Card, placing: Placing = STANDING) -> Shown:
        """Makes the message show this card. Raises Retryable (a repeat is harmless) or SlackRefusal.

        Under whose name it stands was settled when it was posted: Slack lets no edit change that.
        """
        # Always with blocks: `text` alone would delete them.
        shown = await self._show("chat.update", {"channel": channel_id, "ts": ts}, card)
        return await self._with_pin(channel_id, shown, placing)

    async def find(self, channel_id: str, card_key: str, since: datetime, thread_id: str | None) -> str | None:
        """The ts of the oldest message that is this card, posted after `since`; None when none is to be seen."""
        # Simulated time says nothing about when Slack stamped a message.
        oldest = None if self._simulated else f"{(self._web.slack_clock.theirs(since) - LOOK_BACK).timestamp():.6f}"
        return await self._look(channel_id, card_key, oldest, thread_id)

    async def _show(self, method: Method, place: JsonObject, card: Card) -> Shown:
        picture = await self._picture_of(card)
        manner = self._manner(picture)
        answer, taken = await self._send(method, place, card, Drawn(manner, card_message(card, manner)))
        owes = picture is not None and taken.file_id is None and picture.standing is not Standing.HOPELESS
        return Shown(message_id=str(place.get("ts") or answer["ts"]), owes=OWED_CHART if owes else None)

    def _persona(self, placing: Placing) -> JsonObject:
        persona = placing.persona
        if persona is None or not self._abilities.has(CUSTOMIZE):
            return {}
        return {"username": persona.name, **({"icon_emoji": f":{persona.icon}:"} if persona.icon else {})}

    async def _with_pin(self, channel_id: str, shown: Shown, placing: Placing) -> Shown:
        owed = [part for part in (shown.owes, await self._pinned(channel_id, shown.message_id, placing)) if part]
        return Shown(message_id=shown.message_id, owes=", ".join(owed) or None)

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

    async def _picture_of(self, card: Card) -> Picture | None:
        chart = chart_of(card)
        return None if chart is None else await self._charts.picture_of(chart)

    def _manner(self, picture: Picture | None) -> Manner:
        failed = picture is not None and picture.standing in (Standing.FAILED, Standing.HOPELESS)
        return Manner(
            file_id=None if picture is None else picture.file_id,
            native_chart=failed and self._features.has(Feature.NATIVE_CHART),
            plan=self._features.has(Feature.PLAN),
        )

    async def _send(self, method: Method, place: JsonObject, card: Card, drawn: Drawn) -> tuple[JsonObject, Manner]:
        """Slack's answer, and the manner in which it took the card.

        A file may be refused though its scan looked finished (https://github.com/slackapi/python-slack-sdk/issues/1658),
        and a workspace may lack the newer blocks. A refusal is definite, so a plainer card may be sent after it.
        """
        try:
            return await self._call(method, {**place, **drawn.message}, card), drawn.manner
        except SlackRefusal as refusal:
            if refusal.code == "missing_scope" and "username" in place:
                self._abilities.refused(CUSTOMIZE)
                return await self._send(method, _unnamed(place), card, drawn)
            plainer = self._plainer(card, drawn) if refusal.code == "invalid_blocks" else None
            if plainer is None:
                raise
            log.warning("slack.card_simplified", card=card.key, method=method)
        answer, taken = await self._send(method, place, card, plainer)
        if taken == plainer.manner:
            self._learn(drawn.manner, taken)
        return answer, taken

    def _plainer(self, card: Card, drawn: Drawn) -> Drawn | None:
        """The card in the next plainer manner that makes a difference; None when there is none."""
        manner = drawn.manner.plainer
        while manner is not None:
            message = card_message(card, manner)
            may_be = not manner.native_chart or self._features.has(Feature.NATIVE_CHART)
            if may_be and message != drawn.message:
                return Drawn(manner, message)
            manner = manner.plainer
        return None

    def _learn(self, refused: Manner, taken: Manner) -> None:
        """What Slack would not take and took without is left out from now on; a picture's failure is its own."""
        if refused.native_chart and not taken.native_chart:
            self._features.miss(Feature.NATIVE_CHART, "invalid_blocks")
        if refused.plan and not taken.plan:
            self._features.miss(Feature.PLAN, "invalid_blocks")

    async def _call(self, method: str, arguments: JsonObject, card: Card) -> JsonObject:
        posting = method == "chat.postMessage"
        return await self._web.call(
            method,
            arguments,
            urgency=urgency_of(card),
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


def urgency_of(card: Card) -> Urgency:
    """Who goes first at Slack's door: decisions before deliverables before what will soon read differently anyway."""
    if card.live:
        return Urgency.PROGRESS
    return Urgency.DECISION if card.kind == CardKind.APPROVAL else Urgency.DELIVERABLE


def messages_of(page: JsonObject) -> list[JsonObject]:
    """The messages of one page of history."""
    messages = page.get("messages")
    return [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []


def next_cursor(page: JsonObject) -> str:
    """Where the next page begins; empty when this was the last."""
    metadata = page.get("response_metadata")
    cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else None
    return cursor if isinstance(cursor, str) else ""
