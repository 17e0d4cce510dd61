"""A start with stopwatches: run as `python -m benchmarks.phases FOLDER`, it prints the seconds of each phase as JSON.

A module of its own that imports nothing heavy before the stopwatch of the imports runs.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def tell_phases(folder: Path) -> None:
    """Starts the team with stopwatches around its parts, prints their seconds, stops it."""
    parts: dict[str, float] = {}
    with _watch(parts, "imports"):
        from bot import cli, foundation, process  # noqa: F401 - the imports are what is measured
        from bot.settings import read_settings
        from scheduler.clock import AlarmClock
        from scheduler.engine.dbos_engine import DbosEngine

    from bot.logs import set_up_logs

    set_up_logs("error", "text")
    with _watch(parts, "workspace"):
        laid = foundation.lay_foundation(folder, read_settings(folder))
    for owner, method, phase in (
        (foundation.Foundation, "open_database", "migrate"),
        (DbosEngine, "prepare", "engine: tables"),
        (DbosEngine, "start", "engine: launch"),
        (AlarmClock, "start", "alarm clock"),
    ):
        setattr(owner, method, _watched(parts, phase, getattr(owner, method)))
    asyncio.run(_start_and_stop(laid, parts))


async def _start_and_stop(laid: Any, parts: dict[str, float]) -> None:
    from bot import process
    from bot.surfaces.console import ConsoleSurface

    begin = ConsoleSurface.start

    async def timed(self: ConsoleSurface, inbound: Any) -> None:
        with _watch(parts, "surfaces"):
            await begin(self, inbound)

    setattr(ConsoleSurface, "start", timed)  # noqa: B010 - replaced for this process only
    running = await process.start(laid, 0)
    print(json.dumps(parts), flush=True)
    await process.stop(running)


@contextmanager
def _watch(parts: dict[str, float], phase: str) -> Iterator[None]:
    """Adds the seconds spent inside to a phase."""
    start = time.perf_counter()
    yield
    parts[phase] = parts.get(phase, 0.0) + time.perf_counter() - start


def _watched(parts: dict[str, float], phase: str, call: Callable[..., object]) -> Callable[..., object]:
    def timed(*arguments: object, **named: object) -> object:
        with _watch(parts, phase):
            return call(*arguments, **named)

    return timed


if __name__ == "__main__":
    tell_phases(Path(sys.argv[1]))
