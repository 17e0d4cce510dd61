"""How old a file is: by the date its name begins with, else by when it was last changed."""

import os
import re
import stat
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

_DATED = re.compile(r"^(\d{4}-\d{2}-\d{2})(?!\d)")


class OldFile(NamedTuple):
    """One regular file that is old enough; `dated` is the day it counts from."""

    name: str
    dated: date
    size_bytes: int


def old_files(folder: int, now: datetime, older_than_days: int) -> list[OldFile]:
    """The regular files right in an open folder that are older than so many days, the oldest first.

    Hidden files, folders, symlinks and names that are not text are left alone.
    """
    found = [old_file(folder, name, now, older_than_days) for name in os.listdir(folder) if is_plain_name(name)]
    return sorted((one for one in found if one is not None), key=lambda one: (one.dated, one.name))


def old_file(folder: int, name: str, now: datetime, older_than_days: int) -> OldFile | None:
    """The file as an OldFile; None when it is not there, not a regular file, or not old enough now."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
    dated = _date_in(name) or datetime.fromtimestamp(found.st_mtime, UTC).date()
    if not stat.S_ISREG(found.st_mode) or dated >= (now - timedelta(days=older_than_days)).date():
        return None
    return OldFile(name, dated, found.st_size)


def is_plain_name(name: str) -> bool:
    """True for the visible name of one file: no path, nothing hidden, no control characters."""
    return name.isprintable() and not name.startswith(".") and "/" not in name and "\\" not in name and bool(name)


def _date_in(name: str) -> date | None:
    matched = _DATED.match(name)
    try:
        return date.fromisoformat(matched.group(1)) if matched else None
    except ValueError:
        return None
