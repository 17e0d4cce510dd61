"""One engine process per SQLite file: a lock that the operating system releases when its holder dies."""

import fcntl
import os
from pathlib import Path

from store.kernel.errors import UserMistake


class FileLock:
    """The lock of one file. Held by at most one process of this machine; a holder that is killed lets it go at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Takes the lock; taking it again is a no-op. Raises UserMistake, naming the process that holds it."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise UserMistake(
                f"Another Quarterdeck (process {holder}) is running on this database.",
                "Stop it first, or use PostgreSQL, where several may run.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Lets the lock go. The file stays: removing it would let two processes hold two locks."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
