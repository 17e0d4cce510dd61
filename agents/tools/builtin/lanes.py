"""Which folders an agent's file tools may touch: those its settings name, in the workspace, with no symlink between."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from agents.roster import AgentSpec
from store.kernel.errors import Refused, UserMistake

FOLDER_SETTING_SUFFIX = "_folder"
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def require_own_folder(agent: AgentSpec, folder: str) -> None:
    """Raises Refused unless one of the agent's settings `…_folder` names exactly this folder."""
    own = {str(value) for name, value in agent.settings.items() if name.endswith(FOLDER_SETTING_SUFFIX)}
    if folder not in own:
        raise Refused(f"{folder!r} is not a folder of {agent.name}; its settings name {_named(own)}.", "lane.folder")


@contextmanager
def opened(root: Path, folder: str) -> Iterator[int]:
    """A descriptor of a folder inside the workspace, every part of whose path is a real folder: no symlink leads out.

    What is then done relative to the descriptor stays in that folder, even when its path is replaced meanwhile.
    Raises UserMistake when there is no such folder or a symlink is on the way.
    """
    parts = PurePosixPath(folder).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise UserMistake(f"{folder!r} is not a folder inside the workspace.")
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            descriptor = _step_into(descriptor, part, folder)
        yield descriptor
    finally:
        os.close(descriptor)


def _step_into(parent: int, part: str, folder: str) -> int:
    try:
        child = os.open(part, _OPEN_FOLDER, dir_fd=parent)
    except OSError as error:
        raise UserMistake(f"The folder {folder!r} cannot be opened: {error.strerror}.") from error
    os.close(parent)
    return child


def _named(own: set[str]) -> str:
    return ", ".join(sorted(own)) or "none"
