"""Putting the one file in its place: whole or not at all, and never over one that is there."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bot.workspace.sources import TEAM_FILE
from store.kernel.crash import outside
from store.kernel.errors import UserMistake


def put(folder: Path, text: str) -> Path:
    """Writes team.yaml into the folder, which is made where there is none. After a UserMistake nothing was written.

    A crash leaves the whole file or none; a file that is there already stays as it is.
    """
    target = folder / TEAM_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with outside("workspace.write"):
            _put_new(target, text)
    except FileExistsError:
        raise UserMistake(f"{target} is there already, so nothing was written.", "Move it away first.") from None
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        raise UserMistake(
            f"{target} cannot be written: {reason}.", "Name a folder that this account may write to."
        ) from error
    return target


def _put_new(target: Path, text: str) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)  # unlike a rename, this never replaces a file that came there meanwhile
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def put_aside(folder: Path, now: datetime) -> Path:
    """Gives the team.yaml that is there another name, under which nobody reads it, and says which."""
    target = folder / TEAM_FILE
    kept = target.with_name(f"{TEAM_FILE}.{now:%Y-%m-%d-%H%M%S}.kept")
    try:
        with outside("workspace.write"):
            target.rename(kept)
    except OSError as error:
        raise UserMistake(f"{target} cannot be put aside: {(error.strerror or '').lower()}.") from error
    return kept
