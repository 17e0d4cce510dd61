"""What comes in: stored first, then acted on, and answered within three seconds, or put off by then.

A press that is stored and not answered is still carried out: after a crash by the intake's recovery.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog

from blocks.cards import notice_card
from blocks.elements import Form, FormButton, Style, Tone
from bot.surfaces.base import Accepted, Answer, Inbound, ReplyTo
from bot.surfaces.discord.answers import Answers
from bot.surfaces.discord.confirming import Confirming
from bot.surfaces.discord.forms import edit_elsewhere, too_long
from bot.surfaces.discord.inbound import AskFirst, NotOurs, Reading, TakenBack, read_interaction
from bot.surfaces.discord.payload import Heard, made_at
from bot.surfaces.discord.timing import DEFAULT_TIMING, Timing
from store.kernel.clock import Clock
from store.kernel.errors import QuarterdeckError, Retryable

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10.0
LEAST_WAIT_SECONDS = 0.3
"""A clock that runs ahead of Discord's must not put every answer off."""

BROKEN = Answer(
    text="Something went wrong inside Quarterdeck. Your request is on record; nothing you sent is lost.", ok=False
)
NOTHING_CAME = Answer(text="Something went wrong inside Quarterdeck. Nothing was done.", ok=False)
NOT_STORED = Answer(text="Quarterdeck could not keep your request, so nothing was done. Try again soon.", ok=False)
FOREIGN = Answer(
    text="This button belongs to another version of Quarterdeck. Nothing was done: press on the newest card.", ok=False
)
FORM_TOO_LATE = "Discord closed the door on this form before it could be opened. Press here instead."


class Reception:
    """Takes in interactions. When `receive` returns the request is stored, and whoever made it will be answered."""

    def __init__(
        self,
        inbound: Inbound,
        answers: Answers,
        confirming: Confirming,
        *,
        server_id: str,
        clock: Clock,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        self._inbound = inbound
        self._answers = answers
        self._confirming = confirming
        self._server_id = server_id
        self._clock = clock
        self._timing = timing
        self._working: set[asyncio.Task[Any]] = set()
        self._at_hand: Counter[str] = Counter()

    async def receive(self, interaction: Mapping[str, object]) -> None:
        """Stores what the interaction asks, once, and begins to act on it; what asks nothing is let go.

        Raises ValueError for an interaction that is not as Discord describes it.
        """
        reading = read_interaction(interaction, self._server_id)
        if isinstance(reading, Heard):
            with self._counted():
                await self._take_in(reading)
        elif reading is not None:
            self._work(self._put_right(reading))

    async def drain(self) -> None:
        """Lets what was accepted finish, within reason; what is cut off is on record and goes on after the restart."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while self._working:  # what is being stored has yet to be acted on
                    await asyncio.wait(tuple(self._working))
        except TimeoutError:
            unfinished = tuple(self._working)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Makes `drain` wait for who called, too."""
        task = asyncio.current_task()
        if task is None or task in self._working:
            yield
            return
        self._working.add(task)
        try:
            yield
        finally:
            self._working.discard(task)

    async def _take_in(self, heard: Heard) -> None:
        key = heard.event.key
        self._at_hand[key] += 1
        try:
            doing = await self._stored(heard)
        except BaseException:
            self._let_go(key)
            raise
        self._work(doing).add_done_callback(lambda _: self._let_go(key))

    async def _stored(self, heard: Heard) -> Coroutine[None, None, None]:
        """What is to be done now that the request is stored, or could not be."""
        try:
            accepted = await self._inbound.accept(heard.event)
        except Retryable as error:
            log.warning("discord.not_stored", key=heard.event.key, reason=str(error))
            return self._answers.tell(heard.reply_to, NOT_STORED)
        return (self._repeat if accepted.repeat else self._act)(accepted, heard.reply_to)

    async def _repeat(self, accepted: Accepted, reply_to: ReplyTo) -> None:
        # There is one first answer: while the other delivery is being acted on, that answer is still to come.
        if self._at_hand[accepted.event.key] == 1:
            await self._answers.repeat(reply_to, accepted.earlier_answer)

    def _let_go(self, key: str) -> None:
        self._at_hand[key] -= 1
        if not self._at_hand[key]:
            del self._at_hand[key]

    async def _put_right(self, reading: Reading) -> None:
        try:
            await self._reply(reading)
        except Exception:  # the outermost loop of one press that was not to count: the failure shown
            log.exception("discord.reply_failed", reading=type(reading).__name__)
            await self._answers.tell(reading.reply_to, NOTHING_CAME)

    async def _reply(self, reading: Reading) -> None:
        match reading:
            case AskFirst():
                await self._confirming.ask(reading)
            case TakenBack():
                await self._confirming.take_back(reading)
            case NotOurs():
                await self._answers.tell(reading.reply_to, FOREIGN)

    def _work(self, doing: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(doing)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task

    async def _act(self, accepted: Accepted, reply_to: ReplyTo) -> None:
        acting = asyncio.create_task(self._inbound.act(accepted))
        try:
            await asyncio.wait((acting,), timeout=self._time_left_seconds(reply_to))
            if not acting.done():
                reply_to = await self._answers.defer(reply_to)
            await self._deliver(reply_to, await acting)
        except Exception:  # the outermost loop of one request: it is kept, the failure shown
            log.exception("discord.act_failed", key=accepted.event.key, kind=accepted.event.kind)
            await self._answers.tell(reply_to, BROKEN)
        finally:
            acting.cancel()

    def _time_left_seconds(self, reply_to: ReplyTo) -> float:
        pressed_at = made_at(str(reply_to.handle["interaction_id"]))
        passed_seconds = max(0.0, (self._clock.now() - pressed_at).total_seconds())
        left_seconds = self._timing.answer_by_seconds - passed_seconds
        return max(left_seconds, min(LEAST_WAIT_SECONDS, self._timing.answer_by_seconds))

    async def _deliver(self, reply_to: ReplyTo, answer: Answer) -> None:
        if answer.form is None:
            await self._answers.tell(reply_to, answer)
            return
        if (field := too_long(answer.form)) is not None:
            await self._answers.tell(reply_to, edit_elsewhere(field))
            return
        try:
            await self._answers.open_form(reply_to, answer.form)
        except QuarterdeckError as error:
            log.warning("discord.form_lost", reason=str(error))
            await self._answers.tell(reply_to, _press_again(answer.form))


def _press_again(form: Form) -> Answer:
    card = notice_card(form.title, FORM_TOO_LATE, Tone.WARNING)
    button = FormButton(label="Open the form", form=form, style=Style.PRIMARY)
    return Answer(card=card.model_copy(update={"actions": (button,)}), ok=False)
