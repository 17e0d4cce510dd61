"""Files that tests make live in memory where the machine has room: nothing waits for the disk.

Every commit of a SQLite record waits until the disk has it (12 ms on a virtual disk, 2026-11-21), and most tests commit
many times. What a killed process leaves is the same in memory, since only a power cut loses what a disk has not taken.
TMPDIR, when it is set, decides instead.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_NEEDED_BYTES = 2_000_000_000


def pytest_configure() -> None:
    """Comes before the workers of pytest-xdist are started, which inherit it."""
    if "TMPDIR" not in os.environ and has_room(_MEMORY):
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # what was looked up before


def has_room(folder: Path) -> bool:
    """True where files may be written and no container's limit of 64 MB is met."""
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _NEEDED_BYTES
