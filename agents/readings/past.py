"""Readings of the past: a repository as its history has it, everything else as it was recorded."""

import os
from datetime import datetime
from pathlib import Path

from agents.readings.git import read_past_repository
from agents.readings.port import RepositoryReading
from agents.readings.replay import Recording, ReplayReadings


class PastReadings(ReplayReadings):
    """Nothing was recorded, but a git repository remembers. `copy` is where the team works, `workspace` what it copies.

    A folder named from the copy is read where the workspace has it: a copy holds no repository.
    """

    def __init__(self, copy: Path, workspace: Path) -> None:
        super().__init__(Recording())
        self._copy = copy
        self._workspace = workspace

    def repository(self, folder: Path, since: datetime, at: datetime) -> RepositoryReading:
        """As Readings says; what lay uncommitted then is not known any more."""
        named = os.path.relpath(folder, self._copy)
        return read_past_repository(Path(os.path.normpath(self._workspace / named)), since, at)
