"""The folder a simulation keeps its own record in: one simulation at a time, each beginning with nothing."""

import shutil
from pathlib import Path

from scheduler.engine.file_lock import FileLock
from store.kernel.errors import UserMistake

LOCK_FILE = "simulation.lock"
"""Held while a simulation runs; its presence also says that everything beside it is a simulation's."""
FILES_FOLDER = "files"
"""Where the private copies of the workspace's files lie."""


def take_folder(folder: Path) -> FileLock:
    """The lock of the simulation folder, emptied of what an earlier simulation left there.

    Raises UserMistake while another simulation runs in it, and for a folder that holds something else: nothing is
    deleted then.
    """
    entries = list(folder.iterdir())
    lock_path = folder / LOCK_FILE
    if entries and lock_path not in entries:
        raise UserMistake(
            f"{folder} holds something else than a simulation.",
            "Move it away, or set QUARTERDECK_STATE_DIR to another folder.",
        )
    lock = FileLock(lock_path)
    try:
        lock.take()
    except UserMistake:
        raise UserMistake(
            "Another simulation of this workspace is running.", "Stop it first, or simulate a copy of the workspace."
        ) from None
    for entry in entries:
        if entry != lock_path:
            _remove(entry)
    return lock


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
