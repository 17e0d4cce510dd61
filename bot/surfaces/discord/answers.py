"""Telling the person who acted: the first answer within three seconds, or later what was put off by then.

Nothing may depend on an answer: Discord keeps a handle for a quarter of an hour and a message for one person only as
long as they stay. https://docs.discord.com/developers/interactions/receiving-and-responding, checked 2026-11-21.
"""

from enum import IntEnum
from typing import TYPE_CHECKING

import structlog

from blocks.elements import Button, Form
from blocks.render.discord import render_form
from bot.masking import redact
from bot.surfaces.base import Answer, ReplyTo
from bot.surfaces.discord.failures import DiscordRefusal
from bot.surfaces.discord.payload import EPHEMERAL, Kind
from bot.surfaces.discord.private import (
    DONE,
    KEPT,
    Private,
    private_message,
    private_question,
    private_words,
)
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.canonical import JsonObject
from store.kernel.crash import outside
from store.kernel.errors import OutcomeUnknown, QuarterdeckError, Retryable, UserMistake

if TYPE_CHECKING:
    from discord.http import Route

log = structlog.get_logger(__name__)

ALREADY_ANSWERED, UNKNOWN_INTERACTION = 40060, 10062
"""The first answer was given before, or is too late:
https://docs.discord.com/developers/topics/opcodes-and-status-codes, checked 2026-11-21."""
_ONLY_THEM = Private({"flags": EPHEMERAL})


class First(IntEnum):
    """What a first answer may be."""

    MESSAGE = 4
    THINKING = 5
    SILENCE = 6
    REPLACEMENT = 7
    FORM = 9


class Answers:
    """Speaks to the person who just acted. All but `open_form` never raise: a failure is logged."""

    def __init__(self, web: DiscordWeb) -> None:
        self._web = web

    async def tell(self, reply_to: ReplyTo, answer: Answer) -> None:
        """Shows the answer's words or card to that person alone; where there is nothing to tell, that it is done."""
        message = private_message(answer)
        try:
            with outside("surface.answer"):
                await self._say(reply_to.handle, message)
        except QuarterdeckError as error:
            log.warning("discord.answer_lost", told=message is not None, reason=redact(str(error)))

    async def ask(self, reply_to: ReplyTo, button: Button) -> None:
        """Shows the question this button asks first. The press has done nothing, and does nothing if this is lost."""
        try:
            with outside("surface.answer"):
                await self._first(reply_to.handle, First.MESSAGE, private_question(button))
        except QuarterdeckError as error:
            log.warning("discord.question_lost", reason=redact(str(error)))

    async def defer(self, reply_to: ReplyTo) -> ReplyTo:
        """Says that an answer will come; the way back as it is from now on."""
        waits = First.SILENCE if _stays(reply_to.handle) else First.THINKING
        try:
            with outside("surface.answer"):
                await self._put_off(reply_to.handle, waits)
        except QuarterdeckError as error:
            log.warning("discord.answer_lost", told=False, reason=redact(str(error)))
        return reply_to.model_copy(update={"handle": {**reply_to.handle, "put_off": waits.value}})

    async def repeat(self, reply_to: ReplyTo, earlier: str | None) -> None:
        """Answers a delivery that came again: with what was said the first time, unless it was answered already."""
        try:
            with outside("surface.answer"):
                await self._say_first(reply_to.handle, private_words(earlier or KEPT))
        except QuarterdeckError as error:
            log.info("discord.repeat_not_answered", reason=redact(str(error)))

    async def open_form(self, reply_to: ReplyTo, form: Form) -> None:
        """Opens the form, which must be the first answer. Raises UserMistake when it cannot be, or is too late."""
        if "put_off" in reply_to.handle or reply_to.handle.get("kind") == Kind.MODAL:
            raise UserMistake("Discord opens forms only as the first answer to a button or a command.")
        with outside("surface.form"):
            await self._first(reply_to.handle, First.FORM, Private(render_form(form)))

    async def _put_off(self, handle: JsonObject, waits: First) -> None:
        if handle.get("menu") is not True or not await self._cleared(handle):
            await self._first(handle, waits, None if waits is First.SILENCE else _ONLY_THEM)

    async def _say(self, handle: JsonObject, message: Private | None) -> None:
        if "put_off" in handle:
            await self._say_later(handle, message)
            return
        try:
            await self._say_first(handle, message)
        except DiscordRefusal as refusal:
            if refusal.code != ALREADY_ANSWERED:
                raise
            if message is not None:
                await self._follow_up(handle, message)

    async def _say_first(self, handle: JsonObject, message: Private | None) -> None:
        if handle.get("menu") is True and await self._cleared(handle):
            if message is not None:
                await self._follow_up(handle, message)
        elif handle.get("in_place") is True:
            await self._first(handle, First.REPLACEMENT, message or private_words(DONE))
        elif message is None and _stays(handle):
            await self._first(handle, First.SILENCE, None)  # the card itself shows the effect
        else:
            await self._first(handle, First.MESSAGE, message or private_words(DONE))

    async def _cleared(self, handle: JsonObject) -> bool:
        """Answers what was picked in a menu, so that the same can be picked again; False when Discord would not.

        Until its message is edited a menu shows what was picked last, and takes no notice of that being picked again:
        https://github.com/discord/discord-api-docs/issues/4801. An edit that changes nothing is enough, and it cannot
        undo a newer one: https://github.com/discordjs/discord.js/pull/10797, both checked 2026-11-21.
        """
        try:
            await self._first(handle, First.REPLACEMENT, Private({}))
        except DiscordRefusal as refusal:
            if refusal.code in (ALREADY_ANSWERED, UNKNOWN_INTERACTION):
                raise
            log.warning("discord.menu_not_cleared", reason=redact(str(refusal)))
            return False
        return True

    async def _say_later(self, handle: JsonObject, message: Private | None) -> None:
        if handle.get("in_place") is True or handle.get("put_off") == First.THINKING:
            later = message or private_words(DONE)
            await self._web.call(_original(handle), body=later.body, files=later.files)
        elif message is not None:
            await self._follow_up(handle, message)

    async def _follow_up(self, handle: JsonObject, message: Private) -> None:
        # Sent again it would be shown again: what is not known to have failed is left alone.
        route = _route("POST", "/webhooks/{webhook_id}/{webhook_token}", handle)
        await self._web.call(route, body=message.body, files=message.files)

    async def _first(self, handle: JsonObject, kind: First, said: Private | None) -> None:
        try:
            await self._answer(handle, kind, said)
        except (OutcomeUnknown, Retryable):
            # There is one first answer only, so trying once more can do no harm.
            await self._once_more(handle, kind, said)

    async def _once_more(self, handle: JsonObject, kind: First, said: Private | None) -> None:
        try:
            await self._answer(handle, kind, said)
        except DiscordRefusal as refusal:
            if refusal.code != ALREADY_ANSWERED:
                raise

    async def _answer(self, handle: JsonObject, kind: First, said: Private | None) -> None:
        body: JsonObject = {"type": kind.value} if said is None else {"type": kind.value, "data": said.body}
        await self._web.call(_callback(handle), body=body, files=said.files if said else ())


def _stays(handle: JsonObject) -> bool:
    """True where the person looks at a message that stays, so that an answer may be no message."""
    return handle.get("on_message") is True


def _callback(handle: JsonObject) -> "Route":
    from discord.http import Route

    # Under these two names the library counts each interaction's calls by themselves.
    path = "/interactions/{webhook_id}/{webhook_token}/callback"
    return Route("POST", path, webhook_id=str(handle["interaction_id"]), webhook_token=str(handle["token"]))


def _original(handle: JsonObject) -> "Route":
    return _route("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", handle)


def _route(method: str, path: str, handle: JsonObject) -> "Route":
    from discord.http import Route

    return Route(method, path, webhook_id=str(handle["application_id"]), webhook_token=str(handle["token"]))
