"""One database, two kinds: SQLite in WAL with full flushes, or PostgreSQL. The only place that makes engines."""

import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from store.kernel.clock import WallClock
from store.kernel.errors import DatabaseUnavailable, UserMistake

BUSY_TIMEOUT_MS = 30_000
_POOL_SIZE = 20
_RETRY_SECONDS = 1.0


class Database:
    """An open database. Safe to share between threads; `close` releases its connections.

    `url` is a SQLAlchemy URL: `sqlite:///path` or `postgresql+psycopg://…` (`postgresql://` is taken as the latter).
    Raises UserMistake for any other kind, and for a SQLite database in memory, which two threads could not share. Every
    transaction raises UserMistake when the file is damaged or no database: nothing is changed, and no retry helps.
    """

    def __init__(self, url: str) -> None:
        self.url = _supported(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._one_writer = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One write transaction: commits on leaving, rolls back whole on any exception.

        On SQLite the write lock is taken at once, so what is read inside stays true until the commit. Raises
        DatabaseUnavailable when the database cannot be used now; a retry is safe.
        """
        with self._turn(), _translated(self.url), self.engine.begin() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One read transaction; on SQLite everything read inside is of one moment. Writes in it are rolled back."""
        with _translated(self.url), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Like `read`, and on PostgreSQL too everything read inside is of one moment."""
        if self.is_sqlite:
            with self.read() as connection:
                yield connection
            return
        with _translated(self.url), self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="REPEATABLE READ")
            connection.rollback()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """On SQLite, this process's turn at writing.

        SQLite has one writer; who waits for it sleeps and looks again, at last every 100 ms (sqliteDefaultBusyCallback
        in main.c of 3.40), so eight busy threads mostly slept. A lock wakes the next one at once. Other processes, and
        the engine's own writes, are still waited for by looking again.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._one_writer.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise DatabaseUnavailable("The database is busy with another change.", _RETRY_SECONDS)
        try:
            yield
        finally:
            self._one_writer.release()

    def size_bytes(self) -> int:
        """What the database takes up on disk; on SQLite with its write-ahead log."""
        if self.is_sqlite:
            file = Path(self.url.database or "")
            sides = (file, file.with_name(f"{file.name}-wal"))
            return sum(side.stat().st_size for side in sides if side.exists())
        with self.read() as connection:
            size = sa.func.pg_database_size(sa.func.current_database())
            return int(connection.execute(sa.select(size)).scalar_one())

    def close(self) -> None:
        """Closes every pooled connection."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def _supported(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise UserMistake("The database URL cannot be read.", "Write sqlite:///file or postgresql://…") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise UserMistake(f"The database {parsed.get_backend_name()!r} is not supported.", "Use SQLite or PostgreSQL.")
    if parsed.get_backend_name() == "sqlite" and not _names_a_file(parsed):
        raise UserMistake(
            "The database URL names no file, and nothing in memory would be kept.", "Write sqlite:///file."
        )
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def _names_a_file(url: sa.URL) -> bool:
    return url.database not in (None, "", ":memory:") and url.query.get("mode") != "memory"


def _postgres_engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url, pool_size=_POOL_SIZE, max_overflow=10, pool_pre_ping=True)


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=_POOL_SIZE, max_overflow=10, pool_timeout=30)

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        try:
            _set_up(connection)
        except sqlite3.Error:
            connection.close()  # nobody else will: the pool never gets it
            raise

    return engine


def _set_up(connection: DBAPIConnection) -> None:
    # The engine shares these connections and expects an immediate lock at its own first write.
    connection.isolation_level = "IMMEDIATE"
    _teach_subseconds(connection)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _teach_subseconds(connection: DBAPIConnection) -> None:
    """The engine (DBOS 3.4) orders by milliseconds and asks SQLite for them in a way that depends on Python's version.

    From 3.12 on it asks for unixepoch('subsec'), which SQLite has only from 3.42 on: an older one answers NULL, and the
    engine's first insert fails (seen with 3.40.1, 2026-11-21). Before 3.12 it asks for strftime('%s', 'now'), which
    tells whole seconds: what was enqueued within one would be executed in any order.
    """
    if sqlite3.sqlite_version_info < (3, 42):
        connection.create_function("unixepoch", 1, lambda _: WallClock().now().timestamp())
    if sys.version_info < (3, 12):
        connection.create_function("strftime", 2, _strftime)


def _strftime(form: str, moment: str) -> float | str | None:
    if (form, moment) == ("%s", "now"):
        return WallClock().now().timestamp()
    with closing(sqlite3.connect(":memory:")) as untaught:
        answer: str | None = untaught.execute("SELECT strftime(?, ?)", (form, moment)).fetchone()[0]
    return answer


@contextmanager
def _translated(url: sa.URL) -> Iterator[None]:
    try:
        yield
    except sa.exc.DatabaseError as error:
        if _is_damaged(error.orig):
            raise UserMistake(
                f"The database file {url.database} is damaged, or is no database.",
                "Put a backup in its place, or move it away to begin with an empty record.",
            ) from error
        if not isinstance(error, sa.exc.OperationalError):
            raise
        raise DatabaseUnavailable(_said_plainly(error), _RETRY_SECONDS) from error
    except sa.exc.TimeoutError as error:
        raise DatabaseUnavailable(_said_plainly(error), _RETRY_SECONDS) from error


def _is_damaged(error: object) -> bool:
    # The low byte is the primary code: https://sqlite.org/rescode.html (read 2026-11-21).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


_PLAIN_WORDS = {
    "locked": "The database is locked by another program.",
    "disk is full": "The disk that holds the database is full.",
    "readonly": "The database file cannot be written to.",
    "unable to open": "The database file cannot be opened.",
    "disk i/o": "The disk that holds the database reports errors.",
    "deadlock": "Two changes to the same records met; one was put back.",
}


def _said_plainly(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).lower()
    return next((words for sign, words in _PLAIN_WORDS.items() if sign in text), "The database cannot be reached.")
