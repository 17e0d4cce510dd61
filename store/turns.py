"""Which of several processes does what only one may do: a lock that PostgreSQL keeps for as long as the process lives.

Not the keeper's heartbeat: that says who has died after many seconds, and this must never be had by two. A session's
advisory lock goes with its connection, so a killed process gives it up at once:
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS, read 2026-11-21. It needs a connection
that stays the same: a pooler that shares connections between transactions (PgBouncer's `transaction` mode) breaks it.
"""

import hashlib
import threading

import sqlalchemy as sa

from store.database import Database
from store.kernel.errors import DatabaseUnavailable

DEAD_PEER_SECONDS = 10
"""Within about this time either side notices that the other's machine has gone without a word."""
_RETRY_SECONDS = 1.0

_CLIENT_SIDE: dict[str, int] = {
    "connect_timeout": 5,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": DEAD_PEER_SECONDS * 1000,
}
"""https://www.postgresql.org/docs/current/libpq-connect.html, read 2026-11-21."""
_SERVER_SIDE = (
    "SET tcp_keepalives_idle = 4",
    "SET tcp_keepalives_interval = 2",
    "SET tcp_keepalives_count = 3",
    f"SET tcp_user_timeout = '{DEAD_PEER_SECONDS}s'",
    "SET statement_timeout = '5s'",
)
"""The server's own patience is two hours: https://www.postgresql.org/docs/current/runtime-config-connection.html."""


class SoleTurn:
    """A turn by name: at most one process that shares this PostgreSQL database has it. Safe between threads.

    A process that dies gives it up with its connection. While a network is cut in two, the one that had it may think so
    for up to DEAD_PEER_SECONDS longer than the server does: what it guards must bear two for so long.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._engine = sa.create_engine(
            database.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args=_CLIENT_SIDE
        )
        self._key = lock_key(name)
        self._connection: sa.Connection | None = None
        self._held = False
        self._lock = threading.Lock()

    def take(self) -> bool:
        """True when it is this process's turn, now or already; it never waits for another's end.

        Raises DatabaseUnavailable when the database cannot be asked: then nobody is certain to have it.
        """
        with self._lock:
            try:
                if not self._held:
                    self._held = bool(self._ask(sa.select(sa.func.pg_try_advisory_lock(self._key))))
                else:
                    self._ask(sa.select(1))
            except sa.exc.SQLAlchemyError as error:
                self._drop()
                raise DatabaseUnavailable("The database cannot be reached.", _RETRY_SECONDS) from error
            return self._held

    def holds(self) -> bool:
        """True while the lock's own connection answers, False from then on until it is taken anew."""
        with self._lock:
            try:
                return self._held and self._ask(sa.select(1)) == 1
            except sa.exc.SQLAlchemyError:
                self._drop()
                return False

    def release(self) -> None:
        """Gives it up, and closes the connection."""
        with self._lock:
            self._drop()

    def _ask(self, question: sa.Select[tuple[int]] | sa.Select[tuple[bool]]) -> object:
        if self._connection is None:
            self._connection = self._engine.connect()
            for setting in _SERVER_SIDE:
                self._connection.exec_driver_sql(setting)
        return self._connection.execute(question).scalar_one()

    def _drop(self) -> None:
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            connection.invalidate()  # closed, not rolled back: it may be dead
            connection.close()


def lock_key(name: str) -> int:
    """The number PostgreSQL knows the turn by: 64 bits, signed, the same in every process and version."""
    return int.from_bytes(hashlib.sha256(f"quarterdeck {name}".encode()).digest()[:8], "big", signed=True)
