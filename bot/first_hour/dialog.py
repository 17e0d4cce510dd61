"""Asking a person in a terminal: one question, one default, and a kind word for every answer that does not fit."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from store.kernel.errors import UserMistake

TRIES = 20
"""So often one question is asked; whoever is at the other end by then is no person."""
Answer = TypeVar("Answer")


class Dialog(Protocol):
    """Where answers come from."""

    def say(self, text: str) -> None:
        """Tells something that needs no answer."""
        ...

    def ask(self, question: str, default: str, read: Callable[[str], Answer]) -> Answer:
        """What `read` makes of the answer; an empty answer is the default. Asks again while `read` raises UserMistake.

        Raises UserMistake when nobody answers.
        """
        ...

    def given(self, question: str, answer: str, read: Callable[[str], Answer]) -> Answer:
        """What `read` makes of an answer that came as an option; one that does not fit is asked for, or a mistake."""
        ...


class Terminal:
    """A person at the keyboard. Ctrl-C passes through as KeyboardInterrupt."""

    def say(self, text: str) -> None:
        print(text, flush=True)  # noqa: T201 - this is where a person reads

    def ask(self, question: str, default: str, read: Callable[[str], Answer]) -> Answer:
        for _ in range(TRIES):
            try:
                return read(self._line(f"{question} [{default}] ").strip() or default)
            except UserMistake as mistake:
                self.say(f"  {mistake}")
        raise UserMistake("No answer fitted, so nothing was written.", "Start again, or give the answers as options.")

    def given(self, question: str, answer: str, read: Callable[[str], Answer]) -> Answer:
        try:
            return read(answer)
        except UserMistake as mistake:
            self.say(f"  {mistake}")
        return self.ask(question, answer, read)

    def _line(self, prompt: str) -> str:
        try:
            return input(prompt)
        except EOFError:
            raise UserMistake(
                "The answers ended before the questions did, so nothing was written.",
                "Run it in a terminal, or give the answers as options and --yes.",
            ) from None


class Defaults:
    """Nobody is there: every question is answered by its default, and a default that does not fit is a mistake."""

    def say(self, text: str) -> None:
        print(text, flush=True)  # noqa: T201 - as above

    def ask(self, question: str, default: str, read: Callable[[str], Answer]) -> Answer:
        return read(default)

    def given(self, question: str, answer: str, read: Callable[[str], Answer]) -> Answer:
        return read(answer)
