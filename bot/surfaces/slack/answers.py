"""Telling one person: an ephemeral message or a form. Slack keeps neither, so nothing may depend on them."""

import structlog

from blocks.elements import Form
from bot.masking import redact
from bot.surfaces.base import Answer, ReplyTo
from bot.surfaces.slack.pacing import Urgency
from bot.surfaces.slack.rendering import answer_message, form_view
from bot.surfaces.slack.web import SlackWeb
from store.kernel.canonical import JsonObject
from store.kernel.crash import outside
from store.kernel.errors import QuarterdeckError, UserMistake

log = structlog.get_logger(__name__)

_DIRECT_PREFIX = "D"
"""What the ids of conversations between two begin with: https://docs.slack.dev/apis/web-api/using-the-conversations-api,
checked 2026-11-21."""
_NO_UNFURLING: JsonObject = {"unfurl_links": False, "unfurl_media": False}

FORM_TOO_LATE = Answer(
    text="Slack closed the door on this form before it could be opened. Press the button again.", ok=False
)


class Answers:
    """Speaks to the person who just acted."""

    def __init__(self, web: SlackWeb) -> None:
        self._web = web

    async def tell(self, reply_to: ReplyTo, answer: Answer) -> None:
        """Shows the answer's words or card to that person alone. Never raises: a failure is logged."""
        message = answer_message(answer)
        if message is None:
            return
        try:
            with outside("surface.answer"):
                await self._send(reply_to.handle, message)
        except QuarterdeckError as error:
            log.warning("slack.answer_lost", reason=redact(str(error)))

    async def open_form(self, reply_to: ReplyTo, form: Form) -> None:
        """Opens the form; it must begin within three seconds of the press.

        Raises UserMistake when it is too late or the request came another way than by a press or command.
        """
        trigger_id = reply_to.handle.get("trigger_id")
        if not isinstance(trigger_id, str):
            raise UserMistake("Slack opens forms only from a button or a command.")
        at_home = reply_to.handle.get("home") is True
        view = form_view(form, reply_to.handle.get("channel"), at_home=at_home)
        with outside("surface.form"):
            await self._web.call("views.open", {"trigger_id": trigger_id, "view": view}, urgency=Urgency.DECISION)

    async def _send(self, handle: JsonObject, message: JsonObject) -> None:
        response_url = handle.get("response_url")
        if isinstance(response_url, str) and await self._web.respond(response_url, message):
            return
        if handle.get("home") is True:
            return  # their own page says it
        channel, user = handle.get("channel"), handle.get("user")
        if not isinstance(channel, str) or channel.startswith(_DIRECT_PREFIX):
            # Between the two of them there is nobody to hide it from, and an ephemeral message would not stay.
            to_them = {"channel": channel or user, **message, **_NO_UNFURLING}
            await self._web.call("chat.postMessage", to_them, urgency=Urgency.DECISION)
            return
        place = {"channel": channel, "user": user, "thread_ts": handle.get("thread_ts")}
        await self._web.call("chat.postEphemeral", {**place, **message}, urgency=Urgency.DECISION)
