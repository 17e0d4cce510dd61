"""How a running team ends: when it is told to, or when a part of it that must live has failed."""

import asyncio
import signal
from collections.abc import Sequence


async def until_stopped(tasks: Sequence[asyncio.Task[None]]) -> list[asyncio.Task[None]]:
    """Waits for SIGINT, SIGTERM or the end of one of the tasks, which only fail; returns those that have ended."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.set)
    asked = asyncio.create_task(_wait_for(told))
    await asyncio.wait({asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    return [task for task in tasks if task.done() and not task.cancelled()]


async def _wait_for(told: asyncio.Event) -> None:
    await told.wait()
