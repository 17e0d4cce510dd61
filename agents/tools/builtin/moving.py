"""Moving files between two open folders: planned on record first, never overwriting, and finished after a crash.

The plan is a file in the target folder, written and flushed before the first file moves. It names every file by
device and inode, so what a crashed attempt has done can be seen, and only what it has not done is done again.
"""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from agents.tools.builtin.aging import old_file
from store.kernel.canonical import JsonObject
from store.kernel.errors import OutcomeUnknown, UserMistake

PLANS = ".quarterdeck-moves"
"""The folder of plans, inside the target folder; it is what makes an undo possible, so it is kept."""
_NAMES_TRIED = 100


class Planned(NamedTuple):
    """One file of a plan. `skipped` says why it is not moved; then the other fields mean nothing."""

    name: str
    target: str
    device: int
    inode: int
    skipped: str | None = None


class Moved(NamedTuple):
    """What became of a plan: names with where they are now, and names with why they were left."""

    moved: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]


def plan(
    source: int, target: int, *, key: str, names: Sequence[str], now: datetime, older_than_days: int
) -> list[Planned]:
    """The plan of this key: the one on record, or a new one, on record before this returns."""
    known = recorded_plan(target, key)
    if known is not None:
        return known
    taken = set(os.listdir(target))
    fresh = [_planned(source, name, taken, now, older_than_days) for name in names]
    with _plans(target, make=True) as plans:
        _write_plan(plans, key, fresh)
    return fresh


def recorded_plan(target: int, key: str) -> list[Planned] | None:
    """The plan of this key; None when none was made, so that nothing was moved either."""
    try:
        with _plans(target, make=False) as plans:
            handle = os.open(f"{key}.json", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=plans)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, encoding="utf-8") as file:
        return [Planned(**one) for one in json.load(file)["files"]]


def carry_out(source: int, target: int, files: Sequence[Planned]) -> Moved:
    """Moves what the plan says and has not been moved yet; every file ends on one of the two lists."""
    outcomes = [(one, _move(source, one.name, target, one.target, one)) for one in files]
    os.fsync(target)
    os.fsync(source)
    return _sorted_out(outcomes)


def take_back(source: int, target: int, files: Sequence[Planned]) -> Moved:
    """Moves files of a carried-out plan back to the names they had; where a name is taken now, the file stays."""
    outcomes = [(one, one.skipped or _move(target, one.target, source, one.name, one)) for one in files]
    os.fsync(source)
    os.fsync(target)
    return _sorted_out(outcomes)


def is_carried_out(source: int, target: int, files: Sequence[Planned]) -> bool:
    """True when nothing of the plan is left to do."""
    wanted = [one for one in files if one.skipped is None]
    return all(_is(target, one.target, one) and not _is(source, one.name, one) for one in wanted)


def _sorted_out(outcomes: Sequence[tuple[Planned, str | None]]) -> Moved:
    moved = tuple((one.name, one.target) for one, objection in outcomes if objection is None)
    return Moved(moved, tuple((one.name, objection) for one, objection in outcomes if objection is not None))


def _planned(source: int, name: str, taken: set[str], now: datetime, older_than_days: int) -> Planned:
    if old_file(source, name, now, older_than_days) is None:
        return Planned(name, "", 0, 0, f"not there any more, or not older than {older_than_days} days")
    target = _free_name(name, taken)
    if target is None:
        return Planned(name, "", 0, 0, "too many files of that name are there already")
    taken.add(target)
    found = os.stat(name, dir_fd=source, follow_symlinks=False)
    return Planned(name, target, found.st_dev, found.st_ino)


def _free_name(name: str, taken: set[str]) -> str | None:
    path = PurePosixPath(name)
    candidates = (name, *(f"{path.stem}-{number}{path.suffix}" for number in range(2, _NAMES_TRIED)))
    return next((one for one in candidates if one not in taken), None)


def _move(from_folder: int, name: str, to_folder: int, target: str, planned: Planned) -> str | None:
    """Moves one file without ever overwriting another; why not, or None. A move half done by a crash is finished."""
    if planned.skipped is not None:
        return planned.skipped
    if _is(to_folder, target, planned):
        return _finish(from_folder, name, planned)
    if not _is(from_folder, name, planned):
        return "not the file that was there when this was planned"
    try:
        os.link(name, target, src_dir_fd=from_folder, dst_dir_fd=to_folder, follow_symlinks=False)
    except OSError as error:
        return f"cannot be moved: {error.strerror}"
    if not _is(to_folder, target, planned):  # exchanged between the look and the link
        os.unlink(target, dir_fd=to_folder)
        return "it was exchanged for another file while it was moved"
    return _finish(from_folder, name, planned)


def _finish(from_folder: int, name: str, planned: Planned) -> str | None:
    """Removes the old name, once the new one holds the file."""
    if not _is(from_folder, name, planned):
        return None
    try:
        os.unlink(name, dir_fd=from_folder)
    except OSError as error:
        raise OutcomeUnknown(f"{name} stands in both folders now: {error.strerror}.") from error
    return None


def _is(folder: int, name: str, planned: Planned) -> bool:
    """True when this name in the folder is the very file of the plan."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and (found.st_dev, found.st_ino) == (planned.device, planned.inode)


@contextmanager
def _plans(target: int, *, make: bool) -> Iterator[int]:
    if make:
        try:
            os.mkdir(PLANS, 0o700, dir_fd=target)
        except FileExistsError:
            pass
        except OSError as error:
            raise UserMistake(f"The move cannot be put on record in the target folder: {error.strerror}.") from error
    folder = os.open(PLANS, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=target)
    try:
        yield folder
    finally:
        os.close(folder)


def _write_plan(plans: int, key: str, files: Sequence[Planned]) -> None:
    """On disk whole or not at all."""
    body: JsonObject = {"files": [one._asdict() for one in files]}
    draft = f"{key}.draft"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(draft, flags, 0o600, dir_fd=plans), "w", encoding="utf-8") as file:
        json.dump(body, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(draft, f"{key}.json", src_dir_fd=plans, dst_dir_fd=plans)
    os.fsync(plans)
