"""Evidence looked at: a file is there and reads as it did, a digest was published, a run did end well."""

import hashlib
import os
import stat
from pathlib import Path, PurePosixPath

from agents.tools.builtin.lanes import opened
from store.handle import Store
from store.kernel.errors import NotFound, UserMistake
from store.queries import findings, runs
from store.records import Evidence, EvidenceKind, RunState

MAX_FILE_BYTES = 64 * 1024 * 1024
"""A larger file is no evidence anybody will look at."""
_PIECE_BYTES = 1024 * 1024
_SCHEMES = ("http://", "https://")


def looked_at(store: Store, root: Path, evidence: Evidence) -> Evidence:
    """The evidence with what was seen of it: a file's digest is kept. Raises UserMistake for one that does not hold.

    Words and links are taken as they are: nothing on the network is asked.
    """
    if evidence.kind is EvidenceKind.FILE:
        return evidence.model_copy(update={"sha256": file_sha256(root, evidence.value)})
    objection = objection_to(store, root, evidence)
    if objection is not None:
        raise UserMistake(objection)
    return evidence


def objection_to(store: Store, root: Path, evidence: Evidence) -> str | None:
    """Why this evidence does not hold (any more), in one sentence; None when it does, or cannot be looked at."""
    try:
        return _OBJECTIONS[evidence.kind](store, root, evidence)
    except (NotFound, UserMistake) as error:
        return str(error)


def file_sha256(root: Path, path: str) -> str:
    """The digest of a file inside the workspace, no part of whose path is a link or hidden. Raises UserMistake."""
    parts = PurePosixPath(path).parts
    if not parts or any(part.startswith(".") for part in parts):
        raise UserMistake(f"{path!r} is not a file inside the workspace.")
    with opened(root, "/".join(parts[:-1]) or ".") as folder:
        return _digest(folder, parts[-1], path)


def _digest(folder: int, name: str, path: str) -> str:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        raise UserMistake(f"The file {path!r} cannot be read: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            raise UserMistake(f"{path!r} is not a file of at most {MAX_FILE_BYTES} bytes.")
        digest = hashlib.sha256()
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
        return digest.hexdigest()


def _file(_: Store, root: Path, evidence: Evidence) -> str | None:
    same = file_sha256(root, evidence.value) == evidence.sha256
    return None if same else f"The file {evidence.value!r} is not what it was."


def _digest_published(store: Store, _: Path, evidence: Evidence) -> str | None:
    findings.digest(store, evidence.value)
    return None


def _run_ended(store: Store, _: Path, evidence: Evidence) -> str | None:
    state = runs.run(store, evidence.value).state
    return None if state is RunState.DONE else f"The run {evidence.value} is {state.value}, not done."


def _link(_: Store, __: Path, evidence: Evidence) -> str | None:
    return None if evidence.value.startswith(_SCHEMES) else f"{evidence.value!r} is not an address."


def _text(_: Store, __: Path, ___: Evidence) -> str | None:
    return None


_OBJECTIONS = {
    EvidenceKind.FILE: _file,
    EvidenceKind.DIGEST: _digest_published,
    EvidenceKind.RUN: _run_ended,
    EvidenceKind.LINK: _link,
    EvidenceKind.TEXT: _text,
}
