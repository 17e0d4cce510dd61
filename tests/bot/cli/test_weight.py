"""What starting loads: reading commands no engine, and a team without Slack and models neither's library."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.commands import PROGRAM, ROOT, environment, launch, team_up, until
from tests.scenarios.workspaces import copied_example

NEVER_WITHOUT_NEED = ("discord", "duckdb", "litellm", "mcp", "slack_bolt", "slack_sdk", "vl_convert")
NEVER_WHEN_READING = (*NEVER_WITHOUT_NEED, "dbos", "apscheduler.schedulers", "apscheduler.executors", "aiohttp")
"""Of APScheduler only the cron arithmetic is loaded, because a workspace's crons are checked whenever it is read."""
_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s*([\w.]+)$", re.MULTILINE)
_TELL = ("-X", "importtime")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_example(tmp_path_factory.mktemp("weight") / "team")


def imported(log: str, *packages: str) -> set[str]:
    """Which of these packages a process loaded."""
    found = set(_IMPORTED.findall(log))
    assert {"bot", "store.handle", "cyclopts"} <= found
    return {package for package in packages if package in found}


def test_a_team_without_slack_and_models_loads_neither(workspace: Path) -> None:
    team = launch(workspace, python=_TELL)
    try:
        team.ready()
        until("the first run is done", lambda: "tool=files.list_old" in team.log)
        assert team.stop() == 0
    finally:
        team.kill()
    assert imported(team.log, *NEVER_WITHOUT_NEED) == set()
    assert imported(team.log, "dbos", "apscheduler.schedulers", "aiohttp") == {
        "dbos",
        "apscheduler.schedulers",
        "aiohttp",
    }


@pytest.mark.parametrize("command", [("check", "."), ("status", "-w", "."), ("runs", "-w", "."), ("--help",)])
def test_reading_loads_no_engine(workspace: Path, command: tuple[str, ...]) -> None:
    if not (workspace / ".quarterdeck").exists():
        with team_up(workspace):
            pass
    arguments = [str(workspace) if one == "." else one for one in command]
    done = subprocess.run(
        [sys.executable, *_TELL, *PROGRAM[1:], *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert imported(done.stderr, *NEVER_WHEN_READING) == set()
