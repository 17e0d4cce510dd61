"""Readings taken now, of this machine."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from agents.readings.git import read_repository
from agents.readings.port import METRICS, MachineReading, Measured, PageReading, PageTarget, RepositoryReading
from agents.readings.web import read_page

_BYTES_PER_GB = 1_000_000_000


class LiveReadings:
    """Reads this machine; `disk` is any path on the disk to be watched."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk

    def machine(self, at: datetime) -> MachineReading:
        """As Readings says."""
        values, cannot_see = [], []
        for metric, unit in METRICS.items():
            try:
                tenths = _READERS[metric](self._disk)
            except OSError as error:
                cannot_see.append(f"{metric}: {error.strerror or type(error).__name__}")
            else:
                values.append(Measured(metric=metric, value=_decimal(tenths), unit=unit))
        return MachineReading(at=at, values=tuple(values), cannot_see=tuple(cannot_see))

    def repository(self, folder: Path, since: datetime, at: datetime) -> RepositoryReading:
        """As Readings says."""
        return read_repository(folder, since, at)

    def page(self, target: PageTarget, at: datetime) -> PageReading:
        """As Readings says."""
        return read_page(target, at)


def _disk_used(disk: Path) -> int:
    import psutil

    return round(psutil.disk_usage(str(disk)).percent * 10)


def _disk_free(disk: Path) -> int:
    import psutil

    return psutil.disk_usage(str(disk)).free * 10 // _BYTES_PER_GB


def _memory_used(_: Path) -> int:
    import psutil

    return round(psutil.virtual_memory().percent * 10)


def _load(_: Path) -> int:
    import psutil

    return round(psutil.getloadavg()[1] / (psutil.cpu_count() or 1) * 1_000)


_READERS: dict[str, Callable[[Path], int]] = {
    "disk_used_pct": _disk_used,
    "disk_free_gb": _disk_free,
    "memory_used_pct": _memory_used,
    "load_per_core_pct": _load,
}
"""How each metric is read, in tenths of its unit."""


def _decimal(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}"
