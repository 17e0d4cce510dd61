"""The two calls that put a card on the screen: a message made once, and a message replaced whole."""

from collections.abc import Sequence
from datetime import timedelta

from blocks.elements import Card
from bot.surfaces.discord.attachments import Files
from bot.surfaces.discord.failures import DiscordRefusal
from bot.surfaces.discord.marks import shows_the_same
from bot.surfaces.discord.rendering import card_message, nonce_of
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.errors import OutcomeUnknown, Retryable

TOO_MANY_LATE_EDITS = 30046
"""Of messages older than an hour. https://docs.discord.com/developers/topics/opcodes-and-status-codes, 2026-11-21."""
LATE_EDIT_DELAY_SECONDS = timedelta(minutes=10).total_seconds()


class Sending:
    """Creates and replaces messages. Never through a webhook or an interaction, which know no nonce."""

    def __init__(self, web: DiscordWeb) -> None:
        self._web = web

    async def create(
        self, channel_id: str, card: Card, files: Files, *, purpose: str = "post", role_ids: Sequence[str] = ()
    ) -> str:
        """The id of the one message that shows the card here for this purpose, however often it is asked for.

        The holders of the roles are called once, when it appears.

        Discord answers a repeat with the message it made before, which may show an older card: then it is replaced.
        Raises Retryable (no message was made), OutcomeUnknown and DiscordRefusal.
        """
        from discord.http import Route

        message = card_message(card, files.attached, role_ids)
        sent = {**message, "nonce": nonce_of(card.key, channel_id, purpose), "enforce_nonce": True}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        answer = await self._web.call(route, body=sent, files=files.attached)
        if not isinstance(answer, dict) or "id" not in answer:
            raise OutcomeUnknown("Discord's answer to a posting does not name the message.")
        message_id = str(answer["id"])
        if not shows_the_same(answer, message):
            await self._correct(channel_id, message_id, card, files)
        return message_id

    async def replace(self, channel_id: str, message_id: str, card: Card, files: Files) -> None:
        """Makes the message show this card and these files, and nothing else. Raises Retryable and DiscordRefusal."""
        from discord.http import Route

        path = "/channels/{channel_id}/messages/{message_id}"
        route = Route("PATCH", path, channel_id=channel_id, message_id=message_id)
        try:
            await self._web.call(route, body=card_message(card, files.attached), files=files.attached)
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
