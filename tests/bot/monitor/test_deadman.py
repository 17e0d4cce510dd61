"""The monitor hears from a team that lives, hears why when part of it does not, and hears nothing when it hangs."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.monitor.pinging import DeadMan, address
from bot.monitor.vitals import Vitals, ailment
from bot.settings import read_settings
from store.kernel.errors import UserMistake
from tests.scenarios.commands import quarterdeck, team_up
from tests.scenarios.workspaces import copied_example

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SECRET_PATH = "/a1b2c3-only-we-know"


@dataclass
class Monitor:
    """A monitor on loopback: what it was told, and how it answers."""

    url: str = ""
    status: int = 200
    heard: list[tuple[str, str]] = field(default_factory=list)

    def alive(self) -> int:
        return sum(path == SECRET_PATH for path, _ in self.heard)

    def wait(self, what: str, holds: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"never came true: {what}: {self.heard}"
            time.sleep(0.05)


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    told = Monitor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            told.heard.append((self.path, body.decode()))
            self.send_response(told.status)
            self.send_header("Location", f"{told.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}{SECRET_PATH}"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def team(tmp_path: Path) -> Path:
    return copied_example(tmp_path / "team")


def test_a_running_team_is_heard_and_one_whose_record_is_stuck_is_not(tmp_path: Path, monitor: Monitor) -> None:
    folder = team(tmp_path)
    env = {"QUARTERDECK_DEADMAN_URL": monitor.url, "QUARTERDECK_DEADMAN_SECONDS": "1"}
    with team_up(folder, env=env) as running:
        monitor.wait("it says it is alive", lambda: monitor.alive() >= 2)
        assert monitor.heard[0] == (f"{SECRET_PATH}/start", "")
        assert {path for path, _ in monitor.heard} == {f"{SECRET_PATH}/start", SECRET_PATH}
        with closing(sqlite3.connect(folder / ".quarterdeck" / "quarterdeck.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(1.5)  # whatever was on its way has arrived
            before = monitor.alive()
            time.sleep(4)  # no condition to wait for: the point is that nothing comes
            assert monitor.alive() == before
            other.rollback()
        monitor.wait("it is heard again", lambda: monitor.alive() > before)
    assert SECRET_PATH not in running.log


def test_the_address_is_masked(tmp_path: Path, monitor: Monitor) -> None:
    shown = quarterdeck("doctor", "-w", team(tmp_path), env={"QUARTERDECK_DEADMAN_URL": monitor.url})
    assert "QUARTERDECK_DEADMAN_URL" in shown.stdout
    assert SECRET_PATH not in shown.stdout + shown.stderr


async def told_twice(monitor: Monitor, ailing: str | None) -> None:
    async def look() -> str | None:
        return ailing

    task = asyncio.create_task(DeadMan(monitor.url, 0.05, look).run())
    async with asyncio.timeout(30):
        while len(monitor.heard) < 3:
            assert not task.done()
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_does_not_live_is_said(monitor: Monitor) -> None:
    await told_twice(monitor, "The outbox of slack stands still.")
    assert monitor.heard[1:3] == [(f"{SECRET_PATH}/fail", "The outbox of slack stands still.")] * 2


@pytest.mark.parametrize("status", [301, 404, 500])
async def test_a_monitor_that_refuses_disturbs_nobody_and_leads_nowhere(monitor: Monitor, status: int) -> None:
    monitor.status = status
    await told_twice(monitor, None)
    assert all(not path.endswith("/elsewhere") for path, _ in monitor.heard)


async def test_a_monitor_that_is_not_there_disturbs_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1

    task = asyncio.create_task(DeadMan(f"http://127.0.0.1:9{SECRET_PATH}", 0.01, look).run())
    async with asyncio.timeout(30):
        while looks < 3:
            assert not task.done()
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    captured = capsys.readouterr()
    assert "deadman_ping_failed" in captured.out + captured.err
    assert SECRET_PATH not in captured.out + captured.err


def vitals(**changed: Any) -> Vitals:
    well = Vitals(NOW, NOW, 30, {"console": NOW, "slack": NOW}, None, None)
    return well._replace(**changed)


@pytest.mark.parametrize(
    ("changed", "after", "said"),
    [
        ({}, timedelta(seconds=119), None),
        ({}, timedelta(seconds=121), "alarm clock has stopped"),
        ({"swept_at": None}, timedelta(seconds=60), None),
        ({"swept_at": None}, timedelta(seconds=121), "alarm clock has stopped"),
        ({"sweep_seconds": 1}, timedelta(seconds=61), "alarm clock has stopped"),
        ({"outbox_at": {"slack": NOW - timedelta(minutes=4)}}, timedelta(0), "outbox of slack stands still"),
        ({"oldest_event_at": NOW - timedelta(minutes=14)}, timedelta(0), None),
        ({"oldest_event_at": NOW - timedelta(minutes=16)}, timedelta(0), "nobody acts on them"),
        ({"trouble": "The disk is full."}, timedelta(0), "cannot be written: The disk is full."),
    ],
)
def test_each_loop_has_its_patience(changed: dict[str, object], after: timedelta, said: str | None) -> None:
    found = ailment(vitals(**changed), NOW + after)
    assert (found is None) if said is None else (found is not None and said in found)


@pytest.mark.parametrize(
    ("what", "expected"), [("", "https://hc.example/a/b?c=d"), ("fail", "https://hc.example/a/b/fail?c=d")]
)
def test_a_query_stays_behind_the_path(what: str, expected: str) -> None:
    assert address("https://hc.example/a/b?c=d", what) == expected


@pytest.mark.parametrize(
    "url", ["http://monitor.example/x", "ftp://x", "https://user:pw@x/y", "file:///etc/passwd", "https:///x"]
)
def test_an_address_that_would_be_overheard_is_refused_without_showing_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERDECK_DEADMAN_URL", url)
    with pytest.raises(UserMistake, match="must begin with https") as mistake:
        read_settings(tmp_path)
    assert url not in str(mistake.value)
