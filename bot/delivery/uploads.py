"""Which drawings were uploaded to a surface, remembered on record: after a restart no picture is uploaded again."""

import asyncio

from store.actions.outbox import remember_upload
from store.handle import Store
from store.queries.cards import upload
from store.records import Upload


class StoredUploads:
    """One surface's uploads by the drawing's digest. Both verbs raise DatabaseUnavailable."""

    def __init__(self, store: Store, surface: str) -> None:
        self._store = store
        self._surface = surface

    async def find(self, digest: str) -> Upload | None:
        """The file of this drawing; None when none was begun."""
        return await asyncio.to_thread(upload, self._store, self._surface, digest)

    async def remember(self, digest: str, file: Upload) -> None:
        """Keeps the file, in place of an earlier one."""
        await asyncio.to_thread(remember_upload, self._store, file, surface=self._surface, digest=digest)
