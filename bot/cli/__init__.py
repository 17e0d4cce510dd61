"""The command line. `up` runs the team; everything else reads the record or asks the running process."""

import gc
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits; see `bot.cli.exits` for the codes."""
    gc.disable()  # what loading makes is there to stay: to look for garbage in it takes a fifth of the time
    from bot.cli.app import main as run

    gc.freeze()
    gc.enable()
    run(arguments)
