"""A record made by an older program, with a run that waits for a person, goes on under this one."""

import io
import json
import signal
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from store.copies.checked import check_database
from store.database import Database, sqlite_url
from tests.scenarios.commands import ROOT, environment, quarterdeck, team_up, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OLDER = {"0001": "1f43381591c1d3fced1299cdfc73c98ff9ad4e6d", "0002": "faf5bbef8e3c8a8ff6487105748c79987010d812"}
"""The last commit whose newest schema this was."""


def program(revision: str, folder: Path) -> Path:
    """The older program, as it was; skips where the history is not there."""
    archive = subprocess.run(
        ["git", "archive", OLDER[revision], "agents", "blocks", "bot", "scheduler", "store", "examples"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        pytest.skip("the history is not here: a shallow clone, or no git")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def old(place: Path, env: dict[str, str], *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from bot.cli import main; main()", *map(str, arguments)],
        cwd=place,
        env={**environment(env), "PYTHONPATH": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def listed(place: Path, env: dict[str, str], *arguments: object) -> list[dict[str, Any]]:
    with old(place, env, *arguments, "--json") as process:
        out, _ = process.communicate(timeout=60)
    found: list[dict[str, Any]] = json.loads(out) if process.returncode == 0 else []
    return found


def parked(place: Path, team: Path, env: dict[str, str]) -> str:
    """Runs the older program until its run waits for a person, stops it, and gives the approval's id."""
    with old(place, env, "up", team, "--port", 0) as process:
        try:
            until("it asks", lambda: listed(place, env, "approvals", "-w", team))
            [approval] = listed(place, env, "approvals", "-w", team)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
    assert process.returncode == 0
    return str(approval["id"])


@pytest.mark.parametrize("revision", OLDER)
def test_what_was_asked_under_the_older_program_is_decided_and_done_under_this_one(
    tmp_path: Path, revision: str, database_url: str
) -> None:
    place = program(revision, tmp_path / "older")
    team = tmp_path / "older" / "examples" / "first-light"
    on_sqlite = database_url.startswith("sqlite")
    env = {} if on_sqlite else {"QUARTERDECK_DATABASE_URL": database_url}
    approval = parked(place, team, env)
    moved = sorted(file.name for file in (team / "inbox").glob("20*"))
    assert moved

    with team_up(team, env=env):
        said = quarterdeck("approve", approval, "-w", team, env=env)
        assert said.returncode == 0, said.stderr
        until("it is done", lambda: sorted(file.name for file in (team / "archive").glob("20*")) == moved)
        until("nothing waits", lambda: json.loads(quarterdeck("approvals", "-w", team, "--json", env=env).stdout) == [])
        why = quarterdeck("why", approval, "-w", team, env=env)
        assert why.returncode == 0, why.stderr
    verified = quarterdeck("audit", "verify", "-w", team, env=env)
    assert verified.returncode == 0, verified.stdout

    if on_sqlite:
        copy = Database(sqlite_url(team / ".quarterdeck" / f"quarterdeck.db.schema-{revision}"))
        assert check_database(copy).schema_version == revision
        copy.close()


def test_the_commits_are_the_last_of_their_schema(tmp_path: Path) -> None:
    for revision in OLDER:
        place = program(revision, tmp_path / revision)
        newest = max(file.name for file in (place / "store/migrations/versions").glob("0*.py"))
        assert newest.startswith(revision)
