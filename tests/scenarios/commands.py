"""The real program: one command that ends, or a team that runs. Nothing of the tester's environment reaches it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest

from bot.cli.app import run_command

ROOT = Path(__file__).parents[2]
MAIN = "from bot.cli import main; main()"
PROGRAM = (sys.executable, "-c", MAIN)
WAIT_SECONDS = 60.0
STOP_SECONDS = 30.0
_URL = re.compile(r"http://\S+/login\?token=\S+")
_FOR = re.compile(r"^for (\w+): (http://\S+)$", re.MULTILINE)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without any setting of the program, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUARTERDECK_")}
    return {**kept, "COLUMNS": "100", **(extra or {})}


def here(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Runs a command that only reads within this process, which is quicker; gives what it printed."""
    capsys.readouterr()
    assert run_command([str(one) for one in arguments]) == 0
    return capsys.readouterr().out


def within(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Like `quarterdeck`, within this process: for tests of what a command does, not of how it is started."""
    given = [str(one) for one in arguments]
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as error:
        code = run_command(given)
    return subprocess.CompletedProcess(given, code, out.getvalue(), error.getvalue())


def quarterdeck(*arguments: object, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS * 5,
        check=False,
    )


@dataclass
class TeamProcess:
    """One `quarterdeck up`. `log` is what it wrote to standard error, `urls` each person's login link once ready."""

    process: subprocess.Popen[str]
    log_file: Path
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def ready(self) -> "TeamProcess":
        """Waits until it says where the console is. Raises AssertionError, with its log, when it ends instead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = _URL.search(line)
        assert found, f"it never became ready: {line!r}\n{self.log}"
        self.urls = {"": found.group()}
        return self

    def everybody(self) -> dict[str, str]:
        """Login links by person; the first person of the team stands under the empty name."""
        return {**self.urls, **dict(_FOR.findall(self.log))}

    def running(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.running():
            self.process.send_signal(number)

    def stop(self) -> int:
        """Asks it to stop and waits; kills it, and fails, when it does not."""
        self.signal(signal.SIGTERM)
        return self.ended(STOP_SECONDS)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.ended()

    def ended(self, within_seconds: float = WAIT_SECONDS) -> int:
        """Its exit code, once it has ended by itself; kills it, and fails, when it does not in time."""
        try:
            code = self.process.wait(within_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it did not end in time\n{self.log}") from None
        finally:
            if self.process.stdout is not None:
                self.process.stdout.close()
        return code


def launch(
    folder: Path,
    *options: object,
    env: Mapping[str, str] | None = None,
    name: str = "up",
    python: Sequence[str] = (),
    program: str = MAIN,
) -> TeamProcess:
    """Starts `quarterdeck up` on a free port and returns at once; its log goes beside the workspace.

    `python` are options of the interpreter.
    """
    log_file = folder.with_name(f"{folder.name}-{name}.log")
    with log_file.open("a") as log:
        process = subprocess.Popen(
            [sys.executable, *python, "-c", program, "up", str(folder), "--port", "0", *map(str, options)],
            cwd=ROOT,
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    return TeamProcess(process, log_file)


@contextmanager
def team_up(folder: Path, *options: object, env: Mapping[str, str] | None = None) -> Iterator[TeamProcess]:
    """A team that is ready; stopped in the end, and it must stop well."""
    team = launch(folder, *options, env=env)
    try:
        yield team.ready()
        code = team.stop()
        assert code == 0, f"it ended with {code}\n{team.log}"
    finally:
        if team.running():
            team.kill()


def until(what: str, holds: Callable[[], object], within_seconds: float = WAIT_SECONDS) -> None:
    """Waits until a condition holds; fails when it does not in time."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.05)
