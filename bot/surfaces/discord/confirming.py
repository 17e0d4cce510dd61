"""Buttons that ask first: Discord has no dialog, so the question is a message that only the presser sees.

The press of such a button carries a mark and never counts; only the button under the question does. The question's
words are looked up anew at every press, so a restart between the two changes nothing.
"""

import asyncio
from typing import Protocol

import structlog

from blocks.elements import Button
from bot.surfaces.base import Answer
from bot.surfaces.discord.answers import Answers
from bot.surfaces.discord.inbound import AskFirst, TakenBack
from store.kernel.errors import QuarterdeckError

log = structlog.get_logger(__name__)

GONE = Answer(text="This card has changed, and that button is gone from it. Nothing was done.", ok=False)
NOT_NOW = Answer(text="The record cannot be read just now, so nothing was done. Press again in a moment.", ok=False)
NOTHING_DONE = Answer(text="Nothing was done.")


class Questions(Protocol):
    """Where the words of a question come from. It blocks: call it in a thread."""

    def __call__(self, token: str, channel_id: str, message_id: str, /) -> Button | None:
        """The button that asks, as its card stands now; None when the card has it no more, or it asks nothing."""
        ...


def no_questions(_token: str, _channel_id: str, _message_id: str) -> Button | None:
    """Knows no card: a button that asks first then does nothing at all."""
    return None


class Confirming:
    """Asks, and takes back."""

    def __init__(self, answers: Answers, questions: Questions) -> None:
        self._answers = answers
        self._questions = questions

    async def ask(self, pressed: AskFirst) -> None:
        """Asks the question of a button that was pressed; says so when it is gone. Nothing is done either way."""
        try:
            button = await asyncio.to_thread(self._questions, pressed.token, pressed.channel_id, pressed.message_id)
        except QuarterdeckError as error:
            log.warning("discord.question_unknown", reason=str(error))
            await self._answers.tell(pressed.reply_to, NOT_NOW)
            return
        if button is None or button.confirm is None:
            await self._answers.tell(pressed.reply_to, GONE)
            return
        await self._answers.ask(pressed.reply_to, button)

    async def take_back(self, left: TakenBack) -> None:
        """Puts the question away."""
        await self._answers.tell(left.reply_to, NOTHING_DONE)
