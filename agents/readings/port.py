"""What can be read of a machine and of a repository, and the promise every way of reading keeps."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from store.records import Record

METRICS: dict[str, str] = {
    "disk_used_pct": "%",
    "disk_free_gb": "GB",
    "memory_used_pct": "%",
    "load_per_core_pct": "%",
}
"""Every metric of a machine and its unit. Disk is the one the team's folder is on; load is the five-minute average
divided by the number of cores; 1 GB is 1,000,000,000 bytes."""

COMMITS_SHOWN = 20
"""A repository reading names at most this many commits, the latest first; the count is of all."""


class Measured(Record):
    """One value, exact as a decimal string in `unit`, with at most one decimal place."""

    metric: str
    value: str
    unit: str


class MachineReading(Record):
    """The machine at one moment. `values` are in the order of METRICS; `cannot_see` says what could not be read."""

    at: datetime
    values: tuple[Measured, ...]
    cannot_see: tuple[str, ...] = ()


class Commit(Record):
    """One commit. `author` and `subject` are text by strangers."""

    id: str
    author: str
    at: datetime
    subject: str


class RepositoryReading(Record):
    """A git repository at one moment. `commit_count` commits came after the moment asked for; the latest come first.

    `branch` None: no branch is checked out. `dirty_count` is the number of files that differ from the last commit;
    None when it could not be found out. Not a repository: `is_repository` is False and `cannot_see` says so.
    """

    at: datetime
    is_repository: bool
    branch: str | None = None
    head: str | None = None
    commit_count: int = 0
    commits: tuple[Commit, ...] = ()
    dirty_count: int | None = None
    cannot_see: tuple[str, ...] = ()


class PageTarget(Record):
    """A page to read. `own_network` says that its host may be a private address: the team's own."""

    url: str
    own_network: bool = False


class PageReading(Record):
    """A page at one moment. Nothing of its text is in here: it is by strangers.

    Not `reachable`: no answer came, `cannot_see` says why, and all else is None. Not `recorded`: nothing is known of
    this moment, which is no word about the page; only a recording can say so. `latency_ms` is the time until the
    whole page was there, redirects included. `size_bytes` and `sha256` are of its body as sent; None for one that is
    too long.
    """

    at: datetime
    reachable: bool
    recorded: bool = True
    status: int | None = None
    latency_ms: int | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    redirects: int = 0
    cannot_see: tuple[str, ...] = ()


class Readings(Protocol):
    """A way to read. Never raises for what cannot be read: that is said in `cannot_see`. Safe between threads."""

    def machine(self, at: datetime) -> MachineReading:
        """The machine as it is at `at`, the present moment of the team's clock."""
        ...

    def repository(self, folder: Path, since: datetime, at: datetime) -> RepositoryReading:
        """The repository `folder` lies in, as it is at `at`, and what was committed after `since`."""
        ...

    def page(self, target: PageTarget, at: datetime) -> PageReading:
        """The page as it is at `at`."""
        ...
