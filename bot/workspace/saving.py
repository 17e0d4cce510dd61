"""Writing a workspace file: whole or not at all, and only while it still reads as it did when the change was shown."""

import os
from contextlib import suppress
from pathlib import Path

from bot.workspace.editing import Edited
from store.kernel.crash import outside
from store.kernel.errors import UserMistake


def save(file: Path, edited: Edited) -> None:
    """Puts the changed text in the file's place, with the rights it had. Saving the same change again does nothing.

    Raises UserMistake, and nothing was written, when somebody edited the file meanwhile or it cannot be written.
    """
    target = file.resolve()
    try:
        present = target.read_text(encoding="utf-8")
        if present == edited.after:
            return
        if present != edited.before:
            raise UserMistake(
                f"Somebody edited {file.name} meanwhile, so nothing was written.", "Start again: it is read anew."
            )
        with outside("workspace.write"):
            _replace(target, edited.after)
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        raise UserMistake(f"{file} cannot be written: {reason}.", "Give this account the right to write it.") from error


def _replace(target: Path, text: str) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    mode = target.stat().st_mode & 0o777
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
