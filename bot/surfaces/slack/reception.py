"""What comes in: stored first, acknowledged then, acted on in the background."""

import asyncio
from collections.abc import Coroutine, Mapping

import structlog

from bot.surfaces.base import TOLD, Accepted, Answer, Inbound, InboundEvent, ReplyTo
from bot.surfaces.slack.accounts import Accounts
from bot.surfaces.slack.answers import FORM_TOO_LATE, Answers
from bot.surfaces.slack.inbound import read_inbound
from bot.surfaces.slack.listening import Listening
from bot.surfaces.slack.payload import Heard
from store.kernel.errors import QuarterdeckError

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10.0

BROKEN = Answer(
    text="Something went wrong inside Quarterdeck. Your request is on record; nothing you sent is lost.", ok=False
)


class Reception:
    """Takes in payloads. When `receive` returns the request is stored, and only then may Slack be told so."""

    def __init__(
        self, inbound: Inbound, accounts: Accounts, answers: Answers, listening: Listening | None = None
    ) -> None:
        self._inbound = inbound
        self._listening = listening
        self._accounts = accounts
        self._answers = answers
        self._working: set[asyncio.Task[None]] = set()

    async def receive(self, body: Mapping[str, object]) -> None:
        """Stores what the payload asks, once, and begins to act on it; what asks nothing is let go.

        Raises whatever storing raises: then Slack must not be told that we have it, and will deliver it again.
        """
        await self._receive_watched(body)
        heard = read_inbound(body)
        if heard is None:
            return
        accepted = await self._inbound.accept(await self._classified(heard.event))
        if not accepted.repeat:
            self._begin(accepted, heard)

    async def drain(self) -> None:
        """Lets what was accepted finish, within reason; what is cut off is on record and goes on after the restart."""
        if not self._working:
            return
        _, unfinished = await asyncio.wait(self._working, timeout=DRAIN_SECONDS)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _classified(self, event: InboundEvent) -> InboundEvent:
        if event.kind in TOLD:
            return event
        account_class = await self._accounts.class_of(event.account)
        return event.model_copy(update={"account_class": account_class.value})

    async def _receive_watched(self, body: Mapping[str, object]) -> None:
        """What is written in a watched channel is stored like everything else; it may ask something of us as well."""
        watched = None if self._listening is None else await self._listening.hear(body)
        if watched is None:
            return
        accepted = await self._inbound.accept(watched)
        if not accepted.repeat:
            self._work(self._take_note(accepted))

    async def _take_note(self, accepted: Accepted) -> None:
        try:
            await self._inbound.act(accepted)
        except Exception:
            log.exception("slack.act_failed", key=accepted.event.key, kind=accepted.event.kind)

    def _begin(self, accepted: Accepted, heard: Heard) -> None:
        self._work(self._act(accepted, heard.reply_to))

    def _work(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _act(self, accepted: Accepted, reply_to: ReplyTo) -> None:
        try:
            await self._deliver(reply_to, await self._inbound.act(accepted))
        except Exception:
            log.exception("slack.act_failed", key=accepted.event.key, kind=accepted.event.kind)
            await self._answers.tell(reply_to, BROKEN)

    async def _deliver(self, reply_to: ReplyTo, answer: Answer) -> None:
        if answer.form is None:
            await self._answers.tell(reply_to, answer)
            return
        try:
            await self._answers.open_form(reply_to, answer.form)
        except QuarterdeckError as error:
            log.warning("slack.form_lost", reason=str(error))
            await self._answers.tell(reply_to, FORM_TOO_LATE)
