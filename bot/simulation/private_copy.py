"""What a simulated team works on: a copy of the files its agents may touch, so that the real ones are only read."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from agents.minds.builtins import is_builtin
from agents.roster import RoutineMind, Team
from bot.workspace.crosschecks import PATH_SUFFIXES
from store.kernel.errors import UserMistake

COPY_MAX_BYTES = 256_000_000
COPY_MAX_FILES = 20_000
"""The most that is copied; beyond it a simulation should be given a sample of the files."""


def privately(team: Team, into: Path, leave_out: Path) -> Team:
    """The same team, standing in `into`, with copies of its routines and of whatever its agents' settings name there.

    Tools and routines reach nothing else of a workspace. Modification times are kept. Links, special files and the
    folder `leave_out` (where the state is kept) are not copied. Raises UserMistake, before anything is copied, when the
    files are more than a simulation copies, and when one cannot be read.
    """
    try:
        folders, files = _found(team, leave_out)
        _require_few(team.root, files)
        _copy(team.root, into, folders, files)
    except OSError as error:
        raise UserMistake(
            f"The files for the simulation cannot be copied: {error.filename}: {error.strerror}.",
            "Make room, or give this account the right to read them.",
        ) from error
    return team.model_copy(update={"root": into})


def _found(team: Team, leave_out: Path) -> tuple[set[Path], set[Path]]:
    """The folders and the files to copy, relative to the team's root."""
    found = [each for path in _named(team) for each in _walk(team.root, path, leave_out)]
    return {folder for folder, _ in found}, {folder / name for folder, names in found for name in names}


def _named(team: Team) -> Iterator[Path]:
    """Every path inside the workspace that a routine or a tool of this team may come to."""
    for agent in team.agents.values():
        if isinstance(agent.mind, RoutineMind) and not is_builtin(agent.mind.file):
            yield Path(agent.mind.file)
        yield from (Path(str(value)) for name, value in agent.settings.items() if name.endswith(PATH_SUFFIXES))


def _walk(root: Path, path: Path, leave_out: Path) -> Iterator[tuple[Path, list[str]]]:
    """Every folder at and below `path`, relative to the root, with the names of its regular files."""
    steps = [root / part for part in (path, *path.parents) if part.parts]
    if not steps or steps[0].is_relative_to(leave_out) or any(step.is_symlink() for step in steps):
        return  # no tool follows a link, and none opens the workspace's folder itself
    if steps[0].is_file():
        yield path.parent, [path.name]
        return
    for folder, below, names in os.walk(steps[0], onerror=_raise):
        below[:] = [name for name in below if Path(folder, name) != leave_out]
        yield Path(folder).relative_to(root), [name for name in names if _is_regular(Path(folder, name))]


def _raise(error: OSError) -> None:
    raise error


def _is_regular(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return stat.S_ISREG(path.lstat().st_mode)
    return False


def _require_few(root: Path, files: Iterable[Path]) -> None:
    sizes = [_size_bytes(root / file) for file in files]
    if sum(sizes) > COPY_MAX_BYTES or len(sizes) > COPY_MAX_FILES:
        raise UserMistake(
            f"The files that this team's tools may touch are {len(sizes)} with {sum(sizes)} bytes; "
            f"a simulation copies at most {COPY_MAX_FILES} with {COPY_MAX_BYTES} bytes.",
            "Simulate a copy of the workspace whose folders hold a sample of them.",
        )


def _size_bytes(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.lstat().st_size
    return 0


def _copy(root: Path, into: Path, folders: Iterable[Path], files: Iterable[Path]) -> None:
    for folder in folders:
        (into / folder).mkdir(parents=True, exist_ok=True)
    for file in files:
        with suppress(FileNotFoundError):  # the living team may have moved it meanwhile
            shutil.copy2(root / file, into / file, follow_symlinks=False)
