"""Writing the workspace's `.env`: what is only for this machine, readable by this account alone."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from store.kernel.errors import UserMistake

_SAFE = re.compile(r"[\w.:/@+=-]+", re.ASCII)
_MODE = 0o600


def keep_variables(file: Path, variables: Mapping[str, str]) -> None:
    """Sets these variables in the file and leaves every other line as it is; afterwards only its owner can read it.

    All or nothing, also when the process is killed; a repetition changes nothing. Raises UserMistake when the file
    cannot be written, or a value holds what such a file cannot say plainly.
    """
    strange = next((name for name, value in variables.items() if not _SAFE.fullmatch(value)), None)
    if strange is not None:
        raise UserMistake(f"The value for {strange} holds a character that no token has.", "Copy it again, whole.")
    try:
        _replace(file, _with(file.read_text("utf-8") if file.is_file() else "", variables))
    except (OSError, UnicodeDecodeError) as error:
        raise UserMistake(f"The file {file} cannot be written ({type(error).__name__}).") from error


def _with(text: str, variables: Mapping[str, str]) -> str:
    kept = [line for line in text.splitlines() if not any(_sets(line, name) for name in variables)]
    return "".join(f"{line}\n" for line in [*kept, *(f"{name}={value}" for name, value in variables.items())])


def _sets(line: str, name: str) -> bool:
    return re.match(rf"\s*(export\s+)?{re.escape(name)}\s*=", line, re.IGNORECASE) is not None


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".env-")  # made readable by its owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as fresh:
            fresh.write(text)
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(name).chmod(_MODE)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
