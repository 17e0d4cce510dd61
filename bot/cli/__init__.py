"""The command line. `up` runs the team; everything else reads the record or asks the running process."""

from bot.cli.app import main

__all__ = ["main"]
