"""How a running team ends: when it is told to, or when a part of it that must live has failed."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence


def listen_for_stop() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set from now on. Call it before anybody is told that the team is ready."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.set)
    return told


async def until_stopped(
    told: asyncio.Event,
    tasks: Sequence[asyncio.Task[None]],
    or_else: Callable[[], Coroutine[None, None, None]] | None = None,
) -> list[asyncio.Task[None]]:
    """Waits until told, or until one of the tasks has ended, which they only do by failing; returns those that have.

    Returns early, and nothing has failed, when what `or_else` waits for has come.
    """
    asked = {asyncio.create_task(_wait_for(told))}
    asked |= set() if or_else is None else {asyncio.create_task(or_else())}
    await asyncio.wait({*asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for waiting in asked:
        waiting.cancel()
    return [task for task in tasks if task.done() and not task.cancelled()]


async def _wait_for(told: asyncio.Event) -> None:
    await told.wait()
