"""The two calls that put a card on the screen: a message made once, and a message replaced whole."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import structlog

from blocks.elements import Card
from bot.surfaces.discord.attachments import Files
from bot.surfaces.discord.failures import MISSING_PERMISSIONS, DiscordRefusal
from bot.surfaces.discord.marks import shows_the_same
from bot.surfaces.discord.rendering import card_message, nonce_of
from bot.surfaces.discord.web import Attached, DiscordWeb
from store.kernel.canonical import JsonObject
from store.kernel.errors import OutcomeUnknown, Retryable

log = structlog.get_logger(__name__)

TOO_MANY_LATE_EDITS = 30046
"""Of messages older than an hour. https://docs.discord.com/developers/topics/opcodes-and-status-codes, 2026-11-21."""
LATE_EDIT_DELAY_SECONDS = timedelta(minutes=10).total_seconds()
TOO_LARGE = 40005
OF_THE_FILES = frozenset({TOO_LARGE, MISSING_PERMISSIONS})
"""Refusals that may be of the files alone: there is a permission for attaching them, beside that for posting."""

Sent = TypeVar("Sent")


class Sending:
    """Creates and replaces messages. Never through a webhook or an interaction, which know no nonce.

    A live card, which will soon read differently, leaves the last calls that a channel takes to other cards: Paced.
    """

    def __init__(self, web: DiscordWeb) -> None:
        self._web = web

    async def create(
        self, channel_id: str, card: Card, files: Files, *, purpose: str = "post", role_ids: Sequence[str] = ()
    ) -> str:
        """The id of the one message that shows the card here for this purpose, however often it is asked for.

        The holders of the roles are called once, when it appears. Discord answers a repeat with the message it made
        before, which may show an older card: then it is replaced. Files that Discord refuses are left out.
        Raises Retryable (no message was made), OutcomeUnknown and DiscordRefusal.
        """
        nonce: JsonObject = {"nonce": nonce_of(card.key, channel_id, purpose), "enforce_nonce": True}

        async def post(attached: Sequence[Attached]) -> tuple[str, bool]:
            message = card_message(card, attached, role_ids)
            answer = await self._post(channel_id, {**message, **nonce}, attached, live=card.live)
            return str(answer["id"]), shows_the_same(answer, message)

        message_id, is_whole = await _without_refused_files(card, files.attached, post)
        if not is_whole:
            await self._correct(channel_id, message_id, card, files)
        return message_id

    async def replace(self, channel_id: str, message_id: str, card: Card, files: Files) -> None:
        """Makes the message show this card and these files, and nothing else. Raises Retryable and DiscordRefusal."""

        async def patch(attached: Sequence[Attached]) -> None:
            await self._patch(channel_id, message_id, card_message(card, attached), attached, live=card.live)

        await _without_refused_files(card, files.attached, patch)

    async def _post(self, channel_id: str, body: JsonObject, attached: Sequence[Attached], *, live: bool) -> JsonObject:
        from discord.http import Route

        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        if live:
            self._web.pace.leave_room(route.method, route.url)
        answer = await self._web.call(route, body=body, files=attached)
        if not isinstance(answer, dict) or "id" not in answer:
            raise OutcomeUnknown("Discord's answer to a posting does not name the message.")
        return answer

    async def _patch(
        self, channel_id: str, message_id: str, body: JsonObject, attached: Sequence[Attached], *, live: bool
    ) -> None:
        from discord.http import Route

        path = "/channels/{channel_id}/messages/{message_id}"
        route = Route("PATCH", path, channel_id=channel_id, message_id=message_id)
        if live:
            self._web.pace.leave_room(route.method, route.url)
        try:
            await self._web.call(route, body=body, files=attached)
        except DiscordRefusal as refusal:
            if refusal.code != TOO_MANY_LATE_EDITS:
                raise
            raise Retryable(refusal.message, LATE_EDIT_DELAY_SECONDS) from refusal

    async def _correct(self, channel_id: str, message_id: str, card: Card, files: Files) -> None:
        try:
            await self.replace(channel_id, message_id, card, files)
        except Retryable as error:
            # The message is there: "nothing was posted" would make a second one, once the nonce is forgotten.
            raise OutcomeUnknown(error.message) from error


async def _without_refused_files(
    card: Card, attached: Sequence[Attached], send: Callable[[Sequence[Attached]], Awaitable[Sent]]
) -> Sent:
    """What `send` returns, given the files, or none when it is the files that Discord refuses.

    A refusal is definite, so a plainer card may be sent after it: the card says in words what a file would show.
    """
    try:
        return await send(attached)
    except DiscordRefusal as refusal:
        if not attached or refusal.code not in OF_THE_FILES:
            raise
        log.warning("discord.files_refused", card=card.key, reason=refusal.message)
    return await send(())
