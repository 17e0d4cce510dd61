"""A SQLite database as one file of its own, of one moment, while others read and write it."""

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

from store.kernel.errors import DatabaseUnavailable, UserMistake

_RETRY_SECONDS = 5.0


def copy_file(source: Path, target: Path) -> None:
    """Copies the database to `target`, which does not exist yet; what others commit meanwhile is not in the copy.

    It waits for nobody and nobody waits for it (https://sqlite.org/lang_vacuum.html#vacuuminto, read 2026-11-21).
    Raises UserMistake when the source is damaged, DatabaseUnavailable when the copy cannot be written now.
    """
    try:
        with closing(sqlite3.connect(source)) as connection:
            connection.isolation_level = None
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.DatabaseError as error:
        target.unlink(missing_ok=True)
        if isinstance(error, sqlite3.OperationalError):
            raise DatabaseUnavailable(f"The database cannot be copied: {error}.", _RETRY_SECONDS) from error
        raise UserMistake(f"The database {source.name} is damaged and cannot be copied: {error}.") from error


def settle_log(database: Path) -> None:
    """Brings what stands in the write-ahead log into the file, so that the file alone is the record.

    A damaged file stays as it is. Nobody else may have it open.
    """
    with contextlib.suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
