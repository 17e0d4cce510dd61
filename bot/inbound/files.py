"""Files that people give: fetched from where they were given, kept under the digest of their content, never trusted."""

import asyncio
import hashlib
import os
import threading
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.surfaces.base import InboundEvent, InboundFile
from store.kernel.errors import Retryable, UserMistake

FOLDER = "files"
"""Of the state folder."""


@runtime_checkable
class FileReader(Protocol):
    """A surface on which files can be given."""

    async def read_file(self, file: InboundFile) -> bytes:
        """The whole file, at most MAX_FILE_BYTES. Raises Retryable, and UserMistake when it never can be read."""
        ...


class Shelf:
    """Contents by their SHA-256, in a folder of this account alone. Nothing here is ever named by whoever gave it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """The digest under which the content is on disk, whole, once this returns. Keeping it again changes nothing."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.exists():
            os.utime(path)  # given again: its age counts from now
            return digest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Each writer has a draft of its own; what a crash leaves of one is never read.
        draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return digest

    def read(self, digest: str) -> bytes:
        """The content. Raises UserMistake when it is not there, or is no longer what was kept."""
        try:
            content = self._path(digest).read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise UserMistake(f"The file {digest[:12]}… is not there any more, or was changed.")
        return content

    def given_before(self, moment: datetime) -> list[str]:
        """Digests of what was last given before this moment."""
        files = [path for path in self._folder.glob("??/*") if path.stat().st_mtime < moment.timestamp()]
        return sorted(path.name for path in files if path == self._path(path.name))

    def forget(self, digest: str) -> bool:
        """Takes the content off the shelf; False when it was not there."""
        path = self._path(digest)
        if not path.exists():
            return False
        path.unlink()
        return True

    def size_bytes(self) -> tuple[int, int]:
        """How many contents there are, and their bytes together."""
        sizes = [path.stat().st_size for path in self._folder.glob("??/*")]
        return len(sizes), sum(sizes)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


class Files:
    """Fetches what came with an event and puts it on the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._readers: dict[str, FileReader] = {}

    def read_from(self, surface: str, reader: FileReader) -> None:
        """From now on files given on this surface are fetched by the reader."""
        self._readers[surface] = reader

    async def fetched(self, event: InboundEvent) -> InboundEvent:
        """The event with each file on the shelf and its true size known; a second fetch comes to the same.

        Raises Retryable, and UserMistake for a file that cannot be had: then none is handed on.
        """
        files = [await self._fetch(event.surface, file) for file in event.files]
        return event.model_copy(update={"files": tuple(files)})

    async def _fetch(self, surface: str, file: InboundFile) -> InboundFile:
        reader = self._readers.get(surface)
        if reader is None:
            raise UserMistake("Files cannot be given here.")
        content = await reader.read_file(file)
        try:
            digest = await asyncio.to_thread(self.shelf.keep, content)
        except OSError as error:
            raise Retryable(f"The file could not be kept ({error.strerror}).") from error
        return file.model_copy(update={"sha256": digest, "bytes": len(content)})
