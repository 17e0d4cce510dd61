"""At rest: memory and processor time of a team that waits, beside bare processes in the same window of time."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.databases import BOTH, POSTGRESQL, SQLITE, databases
from benchmarks.launching import ASLEEP, BARE_DBOS, UP, await_line, copy_first_light, launched
from benchmarks.measure import Comparison, Figure, Report
from scheduler.engine.dbos_engine import POLLING_SECONDS


@dataclass(frozen=True)
class Size:
    """How long is watched; `settle_seconds` pass first, in which the example's first run ends."""

    settle_seconds: float
    window_seconds: float
    rounds: int
    databases: tuple[str, ...]


FULL = Size(settle_seconds=15, window_seconds=20, rounds=3, databases=BOTH)
TINY = Size(settle_seconds=0.1, window_seconds=0.3, rounds=1, databases=(SQLITE,))
BASELINE = "DBOS launched"
MIB = 2**20

NOTES = """\
- All processes run side by side and are watched in the same window, so pages that they share (the interpreter,
  libraries) are split between them in PSS and counted in full by each in RSS.
- `up` is the first example's team with its console and no page open: it polls its queue and its outbox five times a
  second, looks at the fleet, and sweeps every 30 s. Its memory is that after its first run.
- Bare DBOS polls once a second; the row beside it has one queue that is polled as often as ours.
"""

_Usage = tuple[float, float, float]


def run(size: Size) -> Report:
    """Starts everything, lets it settle and watches it; then again."""
    usages: dict[str, list[_Usage]] = {}
    for _ in range(size.rounds):
        with _everything(size) as processes:
            time.sleep(size.settle_seconds)
            for name, usage in _watch(processes, size.window_seconds).items():
                usages.setdefault(name, []).append(usage)
    units = (("memory, RSS", "MiB"), ("memory, PSS", "MiB"), ("processor", "% of one core"))
    compared = tuple(
        Comparison(
            title,
            unit,
            BASELINE,
            tuple(Figure(name, tuple(one[place] for one in all_)) for name, all_ in usages.items()),
        )
        for place, (title, unit) in enumerate(units)
    )
    return Report("idle", f"What does a team at rest take, over {size.window_seconds:g} s?", compared, NOTES)


@contextmanager
def _everything(size: Size) -> Iterator[dict[str, psutil.Process]]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="quarterdeck-bench-"))
        new = stack.enter_context(databases(size.databases))
        yield {name: _ready(stack, *how) for name, how in _contenders(Path(folder), new, size.databases).items()}


def _contenders(
    root: Path, new: Callable[[str], str], kinds: tuple[str, ...]
) -> dict[str, tuple[str, tuple[str, ...], str | None]]:
    """Name → (script, arguments, database of the environment)."""
    found: dict[str, tuple[str, tuple[str, ...], str | None]] = {
        "Python asleep": (ASLEEP, (), None),
        BASELINE: (BARE_DBOS, (new(SQLITE),), None),
        "DBOS launched, one queue polled as ours": (BARE_DBOS, (new(SQLITE), str(POLLING_SECONDS)), None),
    }
    for kind in kinds:
        url = new(kind) if kind == POSTGRESQL else None
        workspace = copy_first_light(root / kind)
        found[f"`quarterdeck up` on {kind}"] = (UP, ("up", str(workspace), "--port", "0"), url)
    return found


def _ready(stack: ExitStack, script: str, arguments: tuple[str, ...], url: str | None) -> psutil.Process:
    environment = {**os.environ, **({"QUARTERDECK_DATABASE_URL": url} if url else {})}
    process = stack.enter_context(launched(script, *arguments, environment=environment))
    await_line(process)
    return psutil.Process(process.pid)


def _watch(processes: dict[str, psutil.Process], window_seconds: float) -> dict[str, _Usage]:
    before = {name: _busy_seconds(process) for name, process in processes.items()}
    start = time.perf_counter()
    time.sleep(window_seconds)
    seconds = time.perf_counter() - start
    return {
        name: (*_memory(process), 100 * (_busy_seconds(process) - before[name]) / seconds)
        for name, process in processes.items()
    }


def _busy_seconds(process: psutil.Process) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in _family(process))


def _memory(process: psutil.Process) -> tuple[float, float]:
    """RSS and PSS of the process and its children, in MiB."""
    full = [one.memory_full_info() for one in _family(process)]
    return sum(one.rss for one in full) / MIB, sum(one.pss for one in full) / MIB


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]
