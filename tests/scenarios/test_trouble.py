"""Trouble while a team works: what is said is plain, nothing is lost, and when the trouble ends the work is done."""

import os
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from bot.cli import exits
from bot.cli.local_api import LocalApi
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock
from store.queries import findings, runs, schedules
from store.queries.audit import verify_audit
from store.records import Outcome, RunState
from tests.scenarios.commands import MAIN, TeamProcess, launch, quarterdeck, team_up, until
from tests.scenarios.trouble import full, held, read_only, small_disk
from tests.scenarios.workspaces import write_team

TEAM = """
name: Trouble
timezone: UTC
agents:
  ticker:
    purpose: Keeps one reading for every due time, however late.
    routine: tick.py
    tools: [metrics.record]
    schedules:
      every: {every: 1s, misfire: run_all, misfire_max: 100, overlap: queue, lateness: 1h, retries: 5}
  helper:
    purpose: Does what it is ordered.
    routine: tick.py
    tools: [metrics.record]
people:
  ana: {roles: [approver]}
policy: trusted
"""
TICK = """
async def run(ctx):
    reading = {"metric": "tick", "value": "1", "unit": "", "at": ctx.due_at.isoformat()}
    await ctx.call("metrics.record", readings=[reading])
"""
ENDLESS = """
import asyncio
from pathlib import Path

async def run(ctx):
    if not Path("{freed}").exists():
        await asyncio.sleep(3600)
"""
HASTY = f"import bot.process; bot.process.STOP_SECONDS = 0.5; {MAIN}"
FULL = "The disk that holds the database is full."
ENV = {"QUARTERDECK_SWEEP_SECONDS": "2", "QUARTERDECK_LOG_LEVEL": "warning"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_team(tmp_path / "team", TEAM, tick=TICK)


@contextmanager
def record(state: Path) -> Iterator[Store]:
    """The team's record, to be read beside it."""
    database = Database(f"sqlite:///{state / 'quarterdeck.db'}")
    try:
        yield Store(database, WallClock(), lambda tx, segment: None)
    finally:
        database.close()


def dues(store: Store) -> int:
    """How many due times have become runs that are done."""
    return sum(row.outcome in (Outcome.RAN, Outcome.LATE) for row in schedules.occurrences(store, limit=10_000))


def check_nothing_lost(store: Store) -> None:
    """Every second is one row; each that has ended ran and left its reading; the trail is whole."""
    rows = schedules.occurrences(store, limit=10_000)
    moments = sorted(row.due_at for row in rows)
    assert {round((then - now).total_seconds()) for now, then in pairwise(moments)} <= {1}
    assert {row.outcome for row in rows} <= {Outcome.RAN, Outcome.LATE, Outcome.PENDING}
    at_work = {run.trigger.due_at for run in runs.recent_runs(store, limit=10_000) if run.state is not RunState.DONE}
    kept = {one.at for one in findings.readings(store, "tick", moments[0], "ticker")}
    assert set(moments) - kept <= at_work
    assert verify_audit(store)[1] is None


def check_log(team: TeamProcess) -> None:
    """Whatever it met was said in words."""
    assert "Traceback" not in team.log, team.log


def order(folder: Path) -> str:
    """Orders a run, which must be accepted, and gives its id."""
    said = LocalApi(folder, None).command("run helper")
    assert said.ok, said.words
    return str(re.findall(r"run_\w+", said.words)[0])


def test_a_second_process_on_one_sqlite_file(folder: Path) -> None:
    with team_up(folder, env=ENV) as team, record(folder / ".quarterdeck") as store:
        second = quarterdeck("up", folder, "--port", 0, env=ENV)
        assert (second.returncode, second.stdout) == (exits.MISTAKE, "")
        assert f"Another Quarterdeck (process {team.process.pid}) is running on this database." in second.stderr
        assert "Traceback" not in second.stderr
        before = dues(store)
        until("the first goes on", lambda: dues(store) > before)
        ordered = order(folder)
        until("the first takes orders", lambda: runs.run(store, ordered).state is RunState.DONE)
        check_nothing_lost(store)
        check_log(team)


def test_a_database_that_another_program_holds(folder: Path) -> None:
    with team_up(folder, env=ENV) as team, record(folder / ".quarterdeck") as store, ThreadPoolExecutor() as pool:
        until("it works", lambda: dues(store) > 0)
        with held(folder / ".quarterdeck" / "quarterdeck.db"):
            before = dues(store)
            assert quarterdeck("status", "-w", folder).returncode == 0
            ordering = pool.submit(order, folder)
            with pytest.raises(TimeoutError):
                ordering.result(timeout=3)
            assert dues(store) == before
        ordered = ordering.result()
        until("the order is carried out", lambda: runs.run(store, ordered).state is RunState.DONE)
        until("what fell due meanwhile has run", lambda: dues(store) > before + 3)
        check_nothing_lost(store)
        check_log(team)


@pytest.mark.slow
def test_a_database_that_is_held_at_the_start(folder: Path) -> None:
    with team_up(folder, env=ENV):
        pass
    with held(folder / ".quarterdeck" / "quarterdeck.db"):
        done = quarterdeck("up", folder, "--port", 0, env=ENV)
    assert done.returncode == exits.MISTAKE
    assert "The database is locked by another program. It is kept in" in done.stderr
    assert "Traceback" not in done.stderr
    with team_up(folder, env=ENV) as team, record(folder / ".quarterdeck") as store:
        until("it works again", lambda: dues(store) > 1)
        check_nothing_lost(store)
        check_log(team)


def test_a_disk_that_is_full(folder: Path) -> None:
    with small_disk(folder.with_name("state"), size_mb=16) as disk:
        env = {**ENV, "QUARTERDECK_STATE_DIR": str(disk)}
        with full(disk):
            done = quarterdeck("up", folder, "--port", 0, env=env)
        assert (done.returncode, "Traceback" in done.stderr) == (exits.MISTAKE, False)
        assert f"{FULL} It is kept in {disk}" in done.stderr
        with record(disk) as store:
            with team_up(folder, env=env) as team:
                until("it works", lambda: dues(store) > 0)
                with full(disk):
                    until("it says so", lambda: FULL in team.log)
                    refused = quarterdeck("run", "helper", "-w", folder, env=env)
                    assert refused.returncode == exits.MISTAKE
                    assert refused.stderr.startswith(f"{FULL} Nothing was changed and nothing is lost.")
                    assert quarterdeck("status", "-w", folder, env=env).returncode == 0
                    before = dues(store)
                until("what fell due meanwhile has run", lambda: dues(store) > before + 3)
            with team_up(folder, env=env):
                until("it goes on after a restart", lambda: dues(store) > before + 6)
                assert quarterdeck("run", "helper", "-w", folder, env=env).returncode == 0
                check_nothing_lost(store)


def test_a_database_file_that_is_damaged(folder: Path) -> None:
    (folder / ".quarterdeck").mkdir()
    file = folder / ".quarterdeck" / "quarterdeck.db"
    file.write_bytes(b"neither this program nor SQLite wrote this. " * 500)
    for command in (("up", folder, "--port", 0), ("status", "-w", folder), ("audit", "verify", "-w", folder)):
        done = quarterdeck(*command, env=ENV)
        assert (done.returncode, done.stdout) == (exits.MISTAKE, "")
        assert done.stderr.startswith(f"The database file {file} is damaged, or is no database. Put a backup")
        assert done.stderr.count("\n") == 1
    looked = quarterdeck("doctor", "-w", folder, env=ENV)
    assert (looked.returncode, looked.stderr) == (exits.MISTAKE, "")
    assert "FAIL database: The database file" in looked.stdout


def test_a_state_folder_that_cannot_be_written(folder: Path) -> None:
    with small_disk(folder.with_name("state"), size_mb=16) as disk:
        env = {**ENV, "QUARTERDECK_STATE_DIR": str(disk)}
        with read_only(disk):
            done = quarterdeck("up", folder, "--port", 0, env=env)
        assert (done.returncode, "Traceback" in done.stderr) == (exits.MISTAKE, False)
        assert f"It is kept in {disk}; QUARTERDECK_STATE_DIR names another place." in done.stderr
        with team_up(folder, env=env), record(disk) as store:
            until("it works when it may write", lambda: dues(store) > 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_folder_of_somebody_else(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o500)
    env = {**ENV, "QUARTERDECK_STATE_DIR": str(tmp_path / "theirs" / "state")}
    done = quarterdeck("up", folder, "--port", 0, env=env)
    assert (done.returncode, "Traceback" in done.stderr) == (exits.MISTAKE, False)
    assert "cannot be made: Permission denied. Set QUARTERDECK_STATE_DIR to a folder" in done.stderr


def test_wrong_tokens_of_the_console(folder: Path) -> None:
    with team_up(folder, env=ENV) as team, record(folder / ".quarterdeck") as store:
        until("it works", lambda: dues(store) > 0)
        token = folder / ".quarterdeck" / "local-token"
        right = token.read_text()
        token.write_text("wrong\n")
        done = quarterdeck("run", "helper", "-w", folder, env=ENV)
        assert (done.returncode, done.stderr) == (exits.MISTAKE, "The local token is missing or wrong.\n")
        assert all(run.agent_id != "helper" for run in runs.recent_runs(store))
        token.write_text(right)
        ordered = order(folder)
        until("with the right one it is done", lambda: runs.run(store, ordered).state is RunState.DONE)
        check_nothing_lost(store)
        check_log(team)


def test_a_team_that_is_killed_says_so_to_whoever_orders(folder: Path) -> None:
    team = launch(folder, env=ENV).ready()
    team.kill()
    done = quarterdeck("run", "helper", "-w", folder, env=ENV)
    assert (done.returncode, done.stdout) == (exits.NOT_RUNNING, "")
    assert "No running team answers." in done.stderr
    with sqlite3.connect(folder / ".quarterdeck" / "quarterdeck.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_work_that_does_not_end_does_not_hold_up_the_stop_and_is_continued(tmp_path: Path) -> None:
    freed = tmp_path / "freed"
    folder = write_team(tmp_path / "team", TEAM.replace("every: 1s", "every: 1d"), tick=ENDLESS.format(freed=freed))
    team = launch(folder, env=ENV, program=HASTY).ready()
    with record(folder / ".quarterdeck") as store:
        run = order(folder)
        until("the run is at work", lambda: runs.run(store, run).state is RunState.RUNNING)
        assert team.stop() == exits.DONE, team.log
        check_log(team)
        assert runs.run(store, run).state is RunState.RUNNING
        freed.touch()
        with team_up(folder, env=ENV):
            until("the run is done", lambda: runs.run(store, run).state is RunState.DONE)
