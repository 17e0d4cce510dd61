"""Readings that were recorded, told again at the times of the team's clock: for simulated runs, audits and tests."""

import csv
import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError

from agents.readings.channels import RecordedMessage, moments
from agents.readings.port import (
    COMMITS_SHOWN,
    METRICS,
    Commit,
    MachineReading,
    Measured,
    PageReading,
    PageTarget,
    RepositoryReading,
)
from store.kernel.errors import UserMistake
from store.records import Record

MAX_AGE_SECONDS = 3_600
"""A value older than this is not told: absence must not read as a steady machine."""
_ONE_PLACE = Decimal("0.1")


class Recorded(Record):
    """One recorded value."""

    at: datetime
    metric: str
    value: str


class DirtyCount(Record):
    """How many files were not committed, from a moment on."""

    at: datetime
    count: int


class RecordedRepository(Record):
    """What is known of a repository over time; commits in any order."""

    branch: str | None = None
    commits: tuple[Commit, ...] = ()
    dirty: tuple[DirtyCount, ...] = ()


class Recording(Record):
    """A recording as a JSON file holds it. `repository` None: none was recorded. `pages` are of one page.

    `channels` are the messages of watched channels, by the channel's id.
    """

    machine: tuple[Recorded, ...] = ()
    repository: RecordedRepository | None = None
    pages: tuple[PageReading, ...] = ()
    channels: Mapping[str, tuple[RecordedMessage, ...]] = Field(default_factory=dict)
    max_age_seconds: int = Field(default=MAX_AGE_SECONDS, ge=1)


class ReplayReadings:
    """Tells a recording: at each moment the latest value at or before it, unless that is too old."""

    def __init__(self, recording: Recording) -> None:
        self._max_age = timedelta(seconds=recording.max_age_seconds)
        self._series = {metric: _series(recording.machine, metric) for metric in METRICS}
        self._repository = recording.repository
        self._pages = sorted(recording.pages, key=lambda one: one.at)
        self.messages = moments(recording.channels)
        """What comes to be seen in watched channels, in the order of the clock."""

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """A recording in JSON (`machine`, `repository`, `channels`) or CSV (columns at, metric, value).

        Raises UserMistake that names the place when the file cannot be read as one.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise UserMistake(f"The recording {path} cannot be read: {error.strerror}.") from error
        return cls(_from_csv(path, text) if path.suffix == ".csv" else _from_json(path, text))

    def machine(self, at: datetime) -> MachineReading:
        """As Readings says."""
        values, cannot_see = [], []
        for metric, unit in METRICS.items():
            found = _latest(self._series[metric], at)
            if found is None:
                cannot_see.append(f"{metric}: not recorded yet")
            elif at - found.at > self._max_age:
                cannot_see.append(f"{metric}: last recorded at {found.at.isoformat(timespec='minutes')}")
            else:
                values.append(Measured(metric=metric, value=found.value, unit=unit))
        return MachineReading(at=at, values=tuple(values), cannot_see=tuple(cannot_see))

    def repository(self, folder: Path, since: datetime, at: datetime) -> RepositoryReading:
        """As Readings says; the recording is of one repository, whatever the folder."""
        known = self._repository
        if known is None:
            return RepositoryReading(at=at, is_repository=False, cannot_see=("The recording has no repository.",))
        past = sorted((one for one in known.commits if one.at <= at), key=lambda one: (one.at, one.id), reverse=True)
        recent = [one for one in past if one.at > since]
        dirty = [one.count for one in sorted(known.dirty, key=lambda one: one.at) if one.at <= at]
        return RepositoryReading(
            at=at,
            is_repository=True,
            branch=known.branch,
            head=past[0].id if past else None,
            commit_count=len(recent),
            commits=tuple(recent[:COMMITS_SHOWN]),
            dirty_count=dirty[-1] if dirty else None,
            cannot_see=() if dirty else ("What is not committed was not recorded.",),
        )

    def page(self, target: PageTarget, at: datetime) -> PageReading:
        """As Readings says; the recording is of one page, whatever the target."""
        position = bisect_right(self._pages, at, key=lambda one: one.at)
        found = self._pages[position - 1] if position else None
        if found is None or at - found.at > self._max_age:
            return PageReading(at=at, reachable=False, recorded=False, cannot_see=("The page was not recorded.",))
        return found.model_copy(update={"at": at})


def _series(recorded: Iterable[Recorded], metric: str) -> list[Recorded]:
    return sorted((one for one in recorded if one.metric == metric), key=lambda one: one.at)


def _latest(series: Sequence[Recorded], at: datetime) -> Recorded | None:
    position = bisect_right(series, at, key=lambda one: one.at)
    return series[position - 1] if position else None


def _from_json(path: Path, text: str) -> Recording:
    try:
        recording = Recording.model_validate(json.loads(text))
    except ValueError as error:
        raise UserMistake(f"The recording {path} is not valid: {_first_problem(error)}.") from error
    if any(page.at.tzinfo is None for page in recording.pages):
        raise UserMistake(f"The recording {path} has a page whose moment has no time zone.", "End it with Z.")
    return recording.model_copy(update={"machine": tuple(_checked(path, one) for one in recording.machine)})


def _from_csv(path: Path, text: str) -> Recording:
    rows = csv.DictReader(text.splitlines())
    if not {"at", "metric", "value"} <= set(rows.fieldnames or ()):
        raise UserMistake(f"The recording {path} needs the columns at, metric and value.")
    try:
        found = [Recorded(at=row["at"], metric=row["metric"], value=row["value"]) for row in rows]
    except ValidationError as error:
        raise UserMistake(f"The recording {path}, line {rows.line_num}: {_first_problem(error)}.") from error
    return Recording(machine=tuple(_checked(path, one) for one in found))


def _checked(path: Path, one: Recorded) -> Recorded:
    """The value with its moment in UTC and one decimal place. Raises UserMistake for one that means nothing."""
    if one.metric not in METRICS:
        raise UserMistake(f"The recording {path} has a metric {one.metric!r}.", f"There are {', '.join(METRICS)}.")
    if one.at.tzinfo is None:
        raise UserMistake(f"The recording {path}: {one.at.isoformat()} has no time zone.", "End it with Z.")
    try:
        value = Decimal(one.value).quantize(_ONE_PLACE)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise UserMistake(f"The recording {path}: {one.value!r} is not a number.")
    return one.model_copy(update={"at": one.at.astimezone(UTC), "value": str(value)})


def _first_problem(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
