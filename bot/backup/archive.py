"""One compressed tar file: the manifest first, then the parts it names and nothing else."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from bot.backup.manifest import FORMAT, Manifest, Part
from store.kernel.errors import UserMistake

MANIFEST = "manifest.json"
_LEVEL = 6
_CHUNK_BYTES = 1 << 20
_MANIFEST_MAX_BYTES = 64 << 20
_PRIVATE = 0o600


def described(name: str, file: Path) -> Part:
    """The part that this file will be."""
    with file.open("rb") as source:
        return Part(name=name, bytes=file.stat().st_size, sha256=hashlib.file_digest(source, "sha256").hexdigest())


def write_archive(target: Path, manifest: Manifest, sources: Mapping[str, Path]) -> str:
    """Writes the archive whole or not at all, readable by this account alone, and returns its SHA-256.

    `sources` holds the file of each part. Raises UserMistake when it cannot be written.
    """
    draft = target.with_name(f".{target.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, _PRIVATE), "w+b") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=_LEVEL) as tar:
                _fill(tar, manifest, sources)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        draft.rename(target)
    except OSError as error:
        raise UserMistake(f"The archive cannot be written to {target.parent}: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return digest


def archive_digest(archive: Path) -> str:
    """The SHA-256 of the archive as a whole."""
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(archive: Path) -> Manifest:
    """What the archive says of itself. Raises UserMistake when it is no archive of ours, or a newer program's."""
    with _opened(archive) as tar:
        return _manifest(archive, tar)


def unpack(archive: Path, folder: Path) -> Manifest:
    """Writes every part under `folder` by its name, and returns the manifest once all of them are as it says.

    Raises UserMistake, naming the part, when one is missing, changed or not in the manifest.
    """
    with _opened(archive) as tar:
        manifest = _manifest(archive, tar)
        expected = {part.name: part for part in manifest.parts}
        for member in tar:
            if member.name == MANIFEST:
                continue
            part = expected.pop(member.name, None)
            content = tar.extractfile(member) if part is not None and member.isfile() else None
            if part is None or content is None:
                raise UserMistake(f"{archive.name} holds {member.name!r}, which its manifest does not name.")
            _extract(part, content, folder / part.name)
    if expected:
        raise UserMistake(f"{archive.name} lacks {min(expected)}: it was cut short.", "Take another backup.")
    return manifest


def _fill(tar: tarfile.TarFile, manifest: Manifest, sources: Mapping[str, Path]) -> None:
    text = manifest.model_dump_json(indent=1).encode()
    tar.addfile(_member(MANIFEST, len(text), manifest), io.BytesIO(text))
    for part in manifest.parts:
        with sources[part.name].open("rb") as source:
            tar.addfile(_member(part.name, part.bytes, manifest), source)


def _member(name: str, size_bytes: int, manifest: Manifest) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size_bytes, _PRIVATE, int(manifest.made_at.timestamp())
    return info


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(archive, mode="r:gz") as tar:
            yield tar
    except FileNotFoundError:
        raise UserMistake(f"There is no file {archive}.") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UserMistake(f"{archive.name} cannot be read as a backup: {error}.", "Take another backup.") from error


def _manifest(archive: Path, tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    if content is None:
        raise UserMistake(f"{archive.name} is no backup of Quarterdeck.")
    try:
        manifest = Manifest.model_validate_json(content.read(_MANIFEST_MAX_BYTES))
    except ValidationError as error:
        raise UserMistake(f"The manifest of {archive.name} cannot be read.", "It may be a newer program's.") from error
    if manifest.format > FORMAT:
        raise UserMistake(f"{archive.name} was made by Quarterdeck {manifest.program}.", "Restore it with that one.")
    return manifest


def _extract(part: Part, content: IO[bytes], target: Path) -> None:
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if (size, digest.hexdigest()) != (part.bytes, part.sha256):
        raise UserMistake(f"The part {part.name} is not what the manifest says: the archive was changed or damaged.")
