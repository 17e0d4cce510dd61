"""The secrets in the state folder: one login token per person, the command line's token, the key of the cookies.

Every file is readable by its owner alone (mode 0600) and is replaced in one step, so a crash never leaves half a file.
"""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from store.kernel.errors import UserMistake

TOKENS_FILE = "console-tokens.json"
LOCAL_TOKEN_FILE = "local-token"  # noqa: S105 - the name of a file
COOKIE_KEY_FILE = "console-cookie-key"

_TOKEN_BYTES = 32


def console_tokens(state_dir: Path, people_ids: Iterable[str]) -> Mapping[str, str]:
    """One login token for each of `people_ids`, the same at every start; tokens of anybody else are forgotten.

    Raises UserMistake when the file cannot be read or written.
    """
    path = state_dir / TOKENS_FILE
    kept = _read_tokens(path)
    tokens = {person: kept.get(person) or secrets.token_urlsafe(_TOKEN_BYTES) for person in people_ids}
    if tokens != kept:
        _write(path, json.dumps(tokens, indent=2, sort_keys=True) + "\n")
    return tokens


def local_token(state_dir: Path) -> str:
    """The bearer token with which the command line of the same machine account talks to the running process."""
    return _kept_secret(state_dir / LOCAL_TOKEN_FILE)


def cookie_key(state_dir: Path) -> bytes:
    """The key that signs sessions. Deleting its file logs everybody out."""
    return _kept_secret(state_dir / COOKIE_KEY_FILE).encode()


def _kept_secret(path: Path) -> str:
    if kept := _read(path).strip():
        return kept
    made = secrets.token_urlsafe(_TOKEN_BYTES)
    _write(path, made + "\n")
    return made


def _read_tokens(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(_read(path) or "{}")
    except json.JSONDecodeError:
        raise UserMistake(f"{path} is damaged.", "Delete it: new login links are made at the next start.") from None
    if not isinstance(kept, dict) or not all(isinstance(token, str) for token in kept.values()):
        raise UserMistake(f"{path} is damaged.", "Delete it: new login links are made at the next start.")
    return kept


def _read(path: Path) -> str:
    """The file's text, or nothing when it is not there; its mode is put right if somebody opened it to others."""
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UserMistake(f"{path} cannot be read.", "Give this account the right to read it, or delete it.") from error


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise UserMistake(
            f"{path} cannot be written.", "Free some space or give this account the right to write there."
        ) from error
