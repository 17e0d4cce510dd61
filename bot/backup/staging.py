"""A private folder for what is not finished, beside where it will stand: on the same disk, and gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from store.kernel.errors import UserMistake

ABANDONED_AFTER = timedelta(days=1)
"""What is older was left by a process that was killed: nothing takes this long."""


@contextmanager
def staging_in(parent: Path, what: str, now: datetime) -> Iterator[Path]:
    """A new folder that only this account may open; what killed processes left of the same kind is taken away.

    Raises UserMistake when nothing can be written there.
    """
    prefix = f".quarterdeck-{what}-"
    for left in parent.glob(f"{prefix}*"):
        if left.is_dir() and left.stat().st_mtime < (now - ABANDONED_AFTER).timestamp():
            shutil.rmtree(left, ignore_errors=True)
    try:
        made = tempfile.mkdtemp(prefix=prefix, dir=parent)
    except OSError as error:
        raise UserMistake(f"Nothing can be written to {parent}: {error.strerror}.") from error
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)
