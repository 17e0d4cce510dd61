"""`python -m benchmarks [NAME …] [--tiny]`: runs benchmarks and prints their figures as Markdown."""

import argparse
import importlib
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.measure import Report, in_markdown

NAMES = ("steps", "clicks", "starting", "idle", "cards", "schedules", "slack", "discord")
_VERSIONS = ("dbos", "sqlalchemy", "apscheduler", "aiohttp", "slack-sdk", "slack-bolt", "discord.py")


def run(name: str, *, tiny: bool) -> Report:
    """Runs one benchmark."""
    module = importlib.import_module(f"benchmarks.{name}")
    report: Report = module.run(module.TINY if tiny else module.FULL)
    return report


def conditions() -> Iterator[str]:
    """Where and when the figures are made."""
    memory_gib = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in _VERSIONS)
    yield f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load average before this benchmark {load}"
    yield f"- {platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory_gib:.0f} GiB; {_cpu()}"
    yield f"- Python {platform.python_version()}; {packages}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(NAMES)}; none means all")
    parser.add_argument("--tiny", action="store_true", help="a few rounds of almost nothing, to see that it works")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    for name in given.names or NAMES:
        where = list(conditions())
        print("\n".join((*in_markdown(run(name, tiny=given.tiny)), "", *where, "")), flush=True)
    return 0


def _cpu() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="ascii", errors="replace") as facts:
            named = (line.partition(":")[2].strip() for line in facts if line.startswith("model name"))
            return next(named, platform.processor())
    except OSError:
        return platform.processor()


if __name__ == "__main__":
    sys.exit(main())
