"""Places in a run: each call of a routine gets its key from where it is made, however its branches interleave."""

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import ContextVar, copy_context
from typing import Any


class Place:
    """One line of execution. Its calls are numbered in order; a branch (an asyncio task) takes one and counts anew.

    `3` is the third call of the routine; `3.2` is the second call of the branch that took the third place. Numbers are
    given when a call or branch is made, never when it runs, so `gather` and TaskGroup give the same keys every time.
    """

    def __init__(self, path: str = "") -> None:
        self._path = path
        self._count = 0

    def next_key(self) -> str:
        """The key of the next call made here."""
        self._count += 1
        return f"{self._path}{self._count}"

    def branch(self) -> "Place":
        """The line of execution of the next task started here."""
        return Place(f"{self.next_key()}.")


_here: ContextVar[Place] = ContextVar("place")


def begin() -> None:
    """Starts numbering for the present task and every task it will start."""
    _here.set(Place())


def next_key() -> str:
    """The key of a call made now, here."""
    return _here.get().next_key()


def task_factory(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any], **options: Any
) -> asyncio.Task[Any]:
    """Makes tasks that know their place; install it with `loop.set_task_factory`."""
    parent = _here.get(None)
    if parent is not None:
        given = options.pop("context", None)
        options["context"] = given.copy() if given is not None else copy_context()
        options["context"].run(_here.set, parent.branch())
    return asyncio.Task(coro, loop=loop, **options)
