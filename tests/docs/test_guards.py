"""The guards around the suite are themselves tested, the thread guard by a whole pytest run of its own."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from tests.guards import BlockedSocketError, is_local_host, leftover_threads

PROJECT = Path(__file__).parents[2]

_LEAKY = """
import threading
import time
import pytest

@pytest.fixture(scope="module")
def pump():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="pump")
    thread.start()
    yield
    stop.set()
    thread.join()

@pytest.fixture
def tidy():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="tidy")
    thread.start()
    yield
    stop.set()

def test_shared_thread_is_fine(pump): ...
def test_thread_that_ends_with_its_fixture_is_fine(tidy): ...
def test_daemon_is_fine():
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
def test_leak():
    threading.Thread(target=time.sleep, args=(3,), name="forgotten").start()
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "", None, b"localhost", "::"])
def test_this_machine_is_reachable(host: object) -> None:
    assert is_local_host(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "8.8.8.8", "slack.com", "localhost.example", "::ffff:8.8.8.8"])
def test_nothing_else_is_reachable(host: object) -> None:
    assert not is_local_host(host)


def test_a_connection_to_the_outside_is_refused_before_it_is_tried() -> None:
    with socket.socket() as outside, pytest.raises(BlockedSocketError, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))


def test_a_name_of_the_outside_is_not_looked_up() -> None:
    with pytest.raises(BlockedSocketError, match=r"example\.org"):
        socket.create_connection(("example.org", 80))


def test_a_connection_to_this_machine_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_a_running_thread_is_reported_and_a_known_one_is_not() -> None:
    stop = threading.Event()
    before = set(threading.enumerate())
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert leftover_threads(before, wait_seconds=0.01) == [thread]
        assert leftover_threads(before | {thread}, wait_seconds=0.01) == []
    finally:
        stop.set()
        thread.join()


def test_only_the_test_that_forgets_its_thread_fails(tmp_path: Path) -> None:
    (tmp_path / "test_leaky.py").write_text(_LEAKY)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.guards",
        "-q",
        "-p",
        "no:asyncio",
        "-p",
        "no:simcord",
        str(tmp_path),
    ]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert "4 passed, 1 error" in run.stdout, run.stdout
    assert "ERROR at teardown of test_leak" in run.stdout
    assert "The test left threads running: forgotten" in run.stdout


def test_each_database_starts_empty_and_is_a_real_server(postgres_database_url: str) -> None:
    with psycopg.connect(postgres_database_url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert row == (0,)
        connection.execute("CREATE TABLE left_behind (id int)")


def test_the_next_test_sees_nothing_of_it(postgres_database_url: str) -> None:
    with psycopg.connect(postgres_database_url) as connection:
        assert connection.execute("SELECT to_regclass('left_behind')").fetchone() == (None,)


def test_both_kinds_of_database_are_offered(database_url: str) -> None:
    assert database_url.startswith(("sqlite:///", "postgresql://"))
