"""How a running team ends: when it is told to, or when a part of it that must live has failed."""

import asyncio
import signal
from collections.abc import Sequence


def listen_for_stop() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set from now on. Call it before anybody is told that the team is ready."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.set)
    return told


async def until_stopped(told: asyncio.Event, tasks: Sequence[asyncio.Task[None]]) -> list[asyncio.Task[None]]:
    """Waits until told, or until one of the tasks has ended, which they only do by failing; returns those that have."""
    asked = asyncio.create_task(_wait_for(told))
    await asyncio.wait({asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    return [task for task in tasks if task.done() and not task.cancelled()]


async def _wait_for(told: asyncio.Event) -> None:
    await told.wait()
