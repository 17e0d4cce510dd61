"""The process that is killed: a real team with tools that count. Run as `python -m tests.crash.process FOLDER PORT`.

With TRACE_CRASH_POINTS set to a file, every crash point reached is written there, once.
"""

import asyncio
import os
import sys
from pathlib import Path

import store.actions  # noqa: F401 - declares the crash points
from bot.foundation import lay_foundation
from bot.logs import set_up_logs
from bot.process import serve
from bot.settings import read_settings
from bot.shift import Shift
from store.kernel.crash import POINTS
from tests.crash.tools import counted_tools


def trace_to(file: Path) -> None:
    """Writes down each crash point when it is reached for the first time."""
    reached, original = set[str](), POINTS.reach

    def reach(name: str) -> None:
        if name not in reached:
            reached.add(name)
            with file.open("a") as out:
                out.write(name + "\n")
        original(name)

    POINTS.reach = reach  # type: ignore[method-assign]  # the tracer stands in for the method, for this process only


def main(folder: Path, port: int) -> None:
    """Serves the team until it is stopped or killed."""
    if "TRACE_CRASH_POINTS" in os.environ:
        trace_to(Path(os.environ["TRACE_CRASH_POINTS"]))
    settings = read_settings(folder)
    set_up_logs(settings.log_level, settings.log_format)
    POINTS.arm(settings.crash_at)
    foundation = lay_foundation(folder, settings, tools=counted_tools())
    asyncio.run(serve(foundation, port, _ready))


def _ready(shift: Shift) -> None:
    print("ready", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
