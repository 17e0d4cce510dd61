"""Whole processes to measure: `quarterdeck up` on a copy of the first example, and bare ones to put beside it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.workers import ROOT

UP = "import sys; from bot.cli import main; main(sys.argv[1:])"
"""What the console script `quarterdeck` does."""

ASLEEP = "import time; print('ready', flush=True); time.sleep(3600)"

BARE_DBOS = """
import sqlite3, sys, time
from dbos import DBOS, DBOSConfig
from sqlalchemy import Engine, event
if sqlite3.sqlite_version_info < (3, 42):
    tell_time = lambda _: time.time()
    event.listen(Engine, "connect", lambda connection, _: connection.create_function("unixepoch", 1, tell_time))
DBOS(config=DBOSConfig(name="bench", system_database_url=sys.argv[1], log_level="WARNING"))
DBOS.launch()
if len(sys.argv) > 2:
    DBOS.register_queue("bench", polling_interval_sec=float(sys.argv[2]))
print("ready", flush=True)
time.sleep(3600)
"""
"""DBOS, launched with its own settings; a second argument adds one queue polled that often.

From Python 3.12 on it needs SQLite 3.42 or a function in its place; without one it does not start.
"""


def copy_first_light(folder: Path) -> Path:
    """A fresh workspace without a record, in a git repository of its own, as the example expects one."""
    shutil.copytree(ROOT / "examples" / "first-light", folder, ignore=shutil.ignore_patterns(".quarterdeck"))
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


@contextmanager
def launched(script: str, *arguments: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process of the same interpreter, stopped as a person would stop it."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def await_line(process: subprocess.Popen[str]) -> str:
    """The first line it prints: it is ready then. Raises RuntimeError when it ends without one."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the process ended early, with {process.wait()}")
    return line.strip()
