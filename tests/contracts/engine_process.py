"""The suite's side of `engine_worker`: starting, asking, killing, and reading what was executed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from store.database import Database
from store.migrate import migrate
from tests.scheduler.waiting import until

PROJECT = Path(__file__).parents[2]
_TABLE = """
CREATE TABLE probe (
    position INTEGER PRIMARY KEY {auto}, key TEXT UNIQUE, run_id TEXT, number INTEGER, partition_name TEXT,
    timeout_seconds INTEGER, state TEXT
)
"""


class EngineProcess:
    """One engine process. `mistake` is what it said instead of starting, if it refused to."""

    def __init__(self, kind: str, url: str, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.contracts.engine_worker", kind, url, str(folder)]
        with (folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, stderr=log
            )
        self.mistake: str | None = self._read().get("mistake")

    def ask(self, do: str, **order: Any) -> Any:
        """Has the engine do something and returns its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self.process.stdin.flush()
        return self._read()["ok"]

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """Kills it as `kill -9` does."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Bench:
    """One database and the engine processes on it."""

    def __init__(self, kind: str, url: str, folder: Path) -> None:
        self.kind, self.url, self.folder = kind, url, folder
        self.processes: list[EngineProcess] = []
        folder.mkdir()
        (folder / "journal").touch()
        database = Database(url)
        migrate(database)
        auto = "" if database.is_sqlite else "GENERATED ALWAYS AS IDENTITY"
        with database.write() as connection:
            connection.execute(sa.text(_TABLE.format(auto=auto)))
        database.close()

    def start(self, *, quick_keeper: bool = False, narrow: bool = False) -> EngineProcess:
        """Starts a process. A quick keeper fences within seconds, on a busy machine too: only where it is the point.

        A narrow one has a single thread.
        """
        dbos = "dbos-quick" if quick_keeper else "dbos-narrow" if narrow else "dbos"
        process = EngineProcess("local" if self.kind == "local" else dbos, self.url, self.folder)
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in self.processes:
            process.process.send_signal(signal.SIGCONT)
            process.kill()

    def journal(self) -> list[list[str]]:
        """What was executed: `[start or end, key, process id]` in order."""
        return [line.split() for line in (self.folder / "journal").read_text().splitlines()]

    def count(self, what: str, key: str) -> int:
        return sum(line[:2] == [what, key] for line in self.journal())

    def started(self, key: str, times: int = 1) -> None:
        """Waits until the segment has been started so often; fails when it was more often."""
        until(lambda: self.count("start", key) >= times)
        assert self.count("start", key) == times

    def ended(self, key: str, times: int = 1) -> None:
        """Waits until the segment has ended so often."""
        until(lambda: self.count("end", key) >= times)

    def steer(self, how: str, key: str) -> Path:
        """Makes the execution of a segment hold, retry, fail or keep; the file's removal ends a hold."""
        path = self.folder / f"{how}-{key.replace('/', '_')}"
        path.touch()
        return path
