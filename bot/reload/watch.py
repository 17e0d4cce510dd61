"""Notices that somebody edited the workspace: looks at its files every other second, without any help of the system."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import structlog

from agents.minds.builtins import is_builtin
from agents.roster import RoutineMind, Team
from bot.reload.bench import Bench
from bot.reload.changes import Change
from bot.workspace import WorkspaceInvalid
from store.kernel.errors import Retryable, UserMistake
from store.records import Actor, ActorKind

log = structlog.get_logger()

LOOK_SECONDS = 2.0
EDIT = Actor(kind=ActorKind.SYSTEM, id="edit")
"""Who asks for a change that was noticed: whoever may write the files."""
FOLDERS = ("agents", "candidates", "context", "contracts", "prompts", "routines", "templates")
SUFFIXES = (".yaml", ".yml", ".py", ".md", ".txt", ".j2", ".json", ".html")
FILES_AT_MOST = 2_000

Seen = frozenset[tuple[str, int, int, int]]


class WorkspaceWatch:
    """Looks until the workspace differs from what the team goes by, and has the difference taken up.

    A file is read once it was the same on two looks in a row, so that nothing is taken up that is half saved.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._judged = files_seen(bench.foundation.team)
        self._before = self._judged

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.to_thread(self.look)
            except Retryable as error:
                log.warning("workspace_not_readable", why=error.message)

    def look(self) -> bool:
        """One look; True when a change was offered. Blocks: call in a thread."""
        seen = files_seen(self._bench.foundation.team)
        settled, self._before = seen == self._before, seen
        if not settled or seen == self._judged:
            return False
        self._judged = seen
        try:
            found = self._bench.read_again(EDIT)
        except WorkspaceInvalid as invalid:
            log.warning("workspace_unsound", problems=len(invalid.problems))
            return False
        except UserMistake as mistake:
            log.warning("workspace_unsound", why=mistake.message)
            return False
        if found is not None:
            self._bench.offer(Change(found, EDIT))
        return found is not None


def files_seen(team: Team) -> Seen:
    """Every file that may say something about the team: its path, size, and when it was written."""
    return frozenset(one for path in _paths(team) if (one := _seen(path)) is not None)


def _paths(team: Team) -> Iterator[Path]:
    minds = (agent.mind for agent in team.agents.values())
    files = (mind.file if isinstance(mind, RoutineMind) else mind.prompt_file for mind in minds)
    yield from (team.root / file for file in files if not is_builtin(file))
    yield from (path for pattern in ("*.yaml", "*.yml") for path in team.root.glob(pattern))
    found = 0
    for folder in FOLDERS:
        for place, _, names in os.walk(team.root / folder):
            for name in names:
                found += 1
                if found > FILES_AT_MOST:
                    return
                if name.endswith(SUFFIXES):
                    yield Path(place, name)


def _seen(path: Path) -> tuple[str, int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino
