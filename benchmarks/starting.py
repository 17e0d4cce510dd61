"""Start to ready: from launching the process to its printed address and to its first card, and where the time goes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from benchmarks.launching import BARE_DBOS, UP, await_line, copy_first_light, launched
from benchmarks.measure import Comparison, Figure, Report
from benchmarks.workers import ROOT
from store import schema
from store.database import Database, sqlite_url


@dataclass(frozen=True)
class Size:
    """How often everything is started, after how many starts that only warm up."""

    rounds: int
    warm_up: int


FULL = Size(rounds=7, warm_up=1)
TINY = Size(rounds=1, warm_up=0)
BASELINE = "`import dbos`"
WHOLE = "whole process"
CARD_DEADLINE_SECONDS = 60.0

NOTES = """\
- `up` loads the workspace, opens and migrates the database (SQLite, full flushes), makes DBOS's tables, installs
  the schedules, starts the console, DBOS, the alarm clock and the outbox, and prints the address; the first card is
  the agent's own run, posted to the console by the outbox.
- The phases are of one process each, told by stopwatches around the functions that `up` calls; what none of them
  covers (the interpreter, the event loop, imports that a part makes when it is first used, schedules) is `other`.
- Every process is timed to the first line it prints, so that how long it takes to end is left out.
- Files are in the page cache: a first start after boot is slower for every contender.
"""


def run(size: Size) -> Report:
    """Launches every contender once a round."""
    with tempfile.TemporaryDirectory(prefix="quarterdeck-bench-") as folder:
        root = Path(folder)
        ways = _ways(root)
        seconds: dict[str, list[float]] = {}
        phases: dict[str, list[float]] = {}
        for number in range(size.warm_up + size.rounds):
            measured = {name: value for way in ways for name, value in way(number).items()}
            parts = _phases(copy_first_light(root / f"phases-{number}"))
            if number >= size.warm_up:
                _add(seconds, measured)
                _add(phases, parts)
    return Report(
        "starting",
        "How long is it from launching the process until it is ready?",
        (_comparison("process", BASELINE, seconds), _comparison("phase of `up`, new record", WHOLE, phases)),
        NOTES,
    )


def _ways(root: Path) -> tuple[Callable[[int], dict[str, float]], ...]:
    return (
        partial(_plain, "`python -c pass`", "pass"),
        partial(_plain, BASELINE, "import dbos"),
        partial(_bare_dbos, root),
        partial(_up, root),
    )


def _plain(name: str, script: str, number: int) -> dict[str, float]:
    start = time.perf_counter()
    with launched(f"{script}; print('ready', flush=True)", environment=os.environ) as process:
        await_line(process)
        return {name: time.perf_counter() - start}


def _bare_dbos(root: Path, number: int) -> dict[str, float]:
    url = sqlite_url(root / f"dbos-{number}.db")
    start = time.perf_counter()
    with launched(BARE_DBOS, url, environment=os.environ) as process:
        await_line(process)
        return {"DBOS launched, new SQLite file": time.perf_counter() - start}


def _up(root: Path, number: int) -> dict[str, float]:
    """A start on a new record with the wait for its first card, and a second start on the record that then is there."""
    folder = copy_first_light(root / f"up-{number}")
    start = time.perf_counter()
    with launched(UP, "up", str(folder), "--port", "0", environment=os.environ) as process:
        await_line(process)
        ready = time.perf_counter() - start
        _await_card(folder)
        shown = time.perf_counter() - start
    start = time.perf_counter()
    with launched(UP, "up", str(folder), "--port", "0", environment=os.environ) as process:
        await_line(process)
        again = time.perf_counter() - start
    return {"`up`, new record": ready, "`up`, its first card is shown": shown, "`up`, existing record": again}


def _await_card(folder: Path) -> None:
    """Returns once the console shows the first card of a run."""
    database, table = Database(sqlite_url(folder / ".quarterdeck" / "quarterdeck.db")), schema.deliveries
    shown = sa.select(table.c.card_key).where(table.c.state == "posted", table.c.card_key.like("run:%")).limit(1)
    deadline = time.monotonic() + CARD_DEADLINE_SECONDS
    try:
        while time.monotonic() < deadline:
            with database.read() as connection:
                if connection.execute(shown).first() is not None:
                    return
            time.sleep(0.005)
        raise AssertionError("no card was ever shown")
    finally:
        database.close()


def _phases(folder: Path) -> dict[str, float]:
    """Phase → seconds, of one start in a fresh process."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.phases", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        parts: dict[str, float] = json.loads(await_line(process))
        whole = time.perf_counter() - start
    return {**parts, "other": whole - sum(parts.values()), WHOLE: whole}


def _add(found: dict[str, list[float]], measured: dict[str, float]) -> None:
    for name, value in measured.items():
        found.setdefault(name, []).append(value)


def _comparison(title: str, baseline: str, found: dict[str, list[float]]) -> Comparison:
    return Comparison(title, "s", baseline, tuple(Figure(name, tuple(values)) for name, values in found.items()))
