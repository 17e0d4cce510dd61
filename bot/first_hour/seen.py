"""What was found where somebody wants the first agent to look."""

from pathlib import Path
from typing import NamedTuple

from bot.first_hour.team_text import FirstAgent


class Seen(NamedTuple):
    """What was found: the agent that follows from it, what to say of it, and sections of the file it needs.

    `root` is the folder in which the file must stand for it; None: any.
    """

    agent: FirstAgent
    said: tuple[str, ...]
    sections: tuple[str, ...] = ()
    root: Path | None = None
