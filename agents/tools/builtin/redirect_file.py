"""The file of redirects: changed whole or not at all, with a record beside it of what it was before and is after.

The record is written and flushed before the file changes, so what a crashed attempt came to can always be seen, and a
change can be taken back exactly.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from agents.tools.builtin.redirect_rules import Redirect
from store.kernel.errors import OutcomeUnknown, UserMistake

FILE = "_redirects"
RECORDS = ".quarterdeck-redirects"
"""The folder of records, beside the file; it is what makes an undo possible, so it is kept."""
FILE_MAX_BYTES = 1_000_000
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class Change(NamedTuple):
    """What one call makes of the file. `before` None: there was no file."""

    key: str
    before: str | None
    after: str


def content(folder: int) -> str | None:
    """What the file says; None when there is none. Raises UserMistake for a file that is no such text."""
    try:
        handle = os.open(FILE, _READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserMistake(f"{FILE} cannot be read: {error.strerror}.") from error
    with os.fdopen(handle, "rb") as file:
        found = file.read(FILE_MAX_BYTES + 1)
    try:
        text = found.decode()
    except UnicodeDecodeError:
        text = None
    if text is None or len(found) > FILE_MAX_BYTES:
        raise UserMistake(f"{FILE} is not text of at most {FILE_MAX_BYTES} bytes.")
    return text


def change(key: str, before: str | None, redirects: Sequence[Redirect]) -> Change:
    """The file with these redirects at its end, below a line that names the call."""
    start = "" if before is None or before.endswith("\n") or not before else "\n"
    lines = "\n".join([f"# {key}", *(one.line for one in redirects)])
    return Change(key, before, f"{before or ''}{start}{lines}\n")


def recorded(folder: int, key: str) -> Change | None:
    """The change on record under this key; None when there is none, so that nothing was changed either."""
    try:
        with _records(folder, make=False) as records:
            handle = os.open(f"{key}.json", _READ, dir_fd=records)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, encoding="utf-8") as file:
        return Change(**json.load(file))


def make(folder: int, wanted: Change) -> None:
    """Puts the change on record, then makes it. Raises UserMistake when the file is no longer what it was."""
    with _records(folder, make=True) as records:
        _replace(records, f"{wanted.key}.json", json.dumps(wanted._asdict()))
    _require_unchanged(folder, wanted.before)
    _replace(folder, FILE, wanted.after)


def is_made(folder: int, known: Change) -> bool:
    """True when the change took effect, False when it did not. Raises OutcomeUnknown when the file tells neither."""
    now = content(folder)
    if now == known.after or (now is not None and f"# {known.key}\n" in now):
        return True
    if now == known.before:
        return False
    raise OutcomeUnknown(f"{FILE} is neither what it was before this call nor what the call would have made of it.")


def take_back(folder: int, known: Change) -> None:
    """Makes the file exactly what it was before; a no-op when it is. Raises UserMistake when somebody changed it."""
    if content(folder) == known.before:
        return
    _require_unchanged(folder, known.after)
    if known.before is None:
        with suppress(FileNotFoundError):
            os.unlink(FILE, dir_fd=folder)
        os.fsync(folder)
    else:
        _replace(folder, FILE, known.before)


def digest(text: str) -> str:
    """The SHA-256 of what the file says."""
    return hashlib.sha256(text.encode()).hexdigest()


def _require_unchanged(folder: int, expected: str | None) -> None:
    if content(folder) != expected:
        raise UserMistake(f"Somebody has changed {FILE} since.", "Look at it, and change it by hand or ask again.")


@contextmanager
def _records(folder: int, *, make: bool) -> Iterator[int]:
    if make:
        with suppress(FileExistsError):
            os.mkdir(RECORDS, 0o700, dir_fd=folder)
    records = os.open(RECORDS, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield records
    finally:
        os.close(records)


def _replace(folder: int, name: str, text: str) -> None:
    """On disk whole or not at all."""
    draft = f".{name}.draft"
    with os.fdopen(os.open(draft, _WRITE, 0o644, dir_fd=folder), "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
