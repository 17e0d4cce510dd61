"""Putting a backup in place: everything is unpacked and checked beside the place first, then moved in at the end."""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from bot.backup.archive import archive_digest, read_manifest, unpack
from bot.backup.manifest import DATABASE_FILE, FILES_FOLDER, TABLES_FOLDER, Manifest
from bot.backup.staging import staging_in
from bot.foundation import Foundation
from bot.inbound.files import FOLDER, Shelf
from scheduler.engine.file_lock import FileLock
from store.actions.restores import record_restore
from store.audit import Head
from store.copies.checked import Checked, check_database, require_head
from store.database import Database, sqlite_url
from store.handle import Store
from store.kernel.clock import Clock
from store.kernel.errors import UserMistake
from store.kernel.ports import Segment, Transaction
from store.migrate import HEAD, migrate
from store.queries.workers import alive_executors
from store.sqlite_file import settle_log

_SIDE_FILES = ("", "-wal", "-shm")


class Restored(NamedTuple):
    """A finished restore. `aside` says where what was in the place is now; None: the place was empty."""

    manifest: Manifest
    aside: str | None


def restore_backup(foundation: Foundation, archive: Path, clock: Clock, *, replace: bool) -> Restored:
    """Makes the archive the record of this workspace; nothing in the place is changed unless all of it holds.

    Raises UserMistake for a place that is not empty without `replace`, for a running team, for an archive of another
    kind of database or of a newer program, and for one that is damaged. What is replaced is moved aside, never deleted.
    """
    manifest = read_manifest(archive)
    _require_fit(foundation, manifest)
    with staging_in(foundation.folder, "restore", clock.now()) as folder:
        unpack(archive, folder)
        digest = archive_digest(archive)
        stamp = f"{clock.now():%Y%m%dT%H%M%SZ}"
        place = _Place(foundation, manifest, digest, clock, stamp, replace=replace)
        aside = place.fill(folder)
    return Restored(manifest, aside)


class _Place:
    """Where the record of a workspace is kept."""

    def __init__(
        self, foundation: Foundation, manifest: Manifest, digest: str, clock: Clock, stamp: str, *, replace: bool
    ) -> None:
        self._foundation = foundation
        self._manifest = manifest
        self._expected = Checked(manifest.schema_version, Head(manifest.audit_seq, manifest.audit_hash))
        self._digest = digest
        self._clock = clock
        self._stamp = stamp
        self._replace = replace

    def fill(self, folder: Path) -> str | None:
        """Puts the unpacked archive in place; returns where what was there is now."""
        if self._manifest.database == "sqlite":
            return self._fill_sqlite(folder)
        return self._fill_postgres(folder)

    def _fill_sqlite(self, folder: Path) -> str | None:
        target = Path(self._foundation.database_url.removeprefix("sqlite:///"))
        lock = FileLock(Path(f"{target}.lock"))
        lock.take()
        try:
            self._require_room(taken=target.exists(), where=str(target))
            database = Database(sqlite_url(folder / DATABASE_FILE))
            try:
                require_head(check_database(database), self._expected.head)
                self._bring_up_to_date(database)
            finally:
                database.close()
            self._keep_files(folder)
            return _swap_in(folder / DATABASE_FILE, target, self._stamp)
        finally:
            lock.release()

    def _fill_postgres(self, folder: Path) -> str | None:
        from store.copies.postgres import has_tables, load_tables

        database = Database(self._foundation.database_url)
        try:
            taken = has_tables(database)
            self._require_room(taken=taken, where="the database of QUARTERDECK_DATABASE_URL")
            self._require_nobody_at_work(database, taken=taken)
            self._keep_files(folder)
            aside = f"quarterdeck_replaced_{self._stamp.lower()}" if taken else None
            tables = folder / TABLES_FOLDER
            load_tables(database, tables, self._expected, self._manifest.tables, aside)
            self._bring_up_to_date(database)
        finally:
            database.close()
        return None if aside is None else f"the schemas {aside} and {aside}_engine"

    def _require_room(self, *, taken: bool, where: str) -> None:
        if taken and not self._replace:
            raise UserMistake(
                f"There is a record already: {where}.", "--replace moves it aside first; nothing of it is deleted."
            )

    def _require_nobody_at_work(self, database: Database, *, taken: bool) -> None:
        if not taken:
            return
        dead_seconds = self._foundation.settings.keeper_ttl_seconds
        quiet = self._clock.now() - timedelta(seconds=dead_seconds)
        if alive_executors(Store(database, self._clock, _nothing_is_enqueued), quiet):
            raise UserMistake(
                "A team is running on this database.",
                f"Stop it first; one that was killed counts as dead after {dead_seconds} seconds.",
            )

    def _bring_up_to_date(self, database: Database) -> None:
        migrate(database)
        store = Store(database, self._clock, _nothing_is_enqueued)
        record_restore(store, backup_at=self._manifest.made_at, archive_sha256=self._digest)

    def _keep_files(self, folder: Path) -> None:
        shelf = Shelf(self._foundation.folder / FOLDER)
        for file in sorted((folder / FILES_FOLDER).glob("*")):
            shelf.keep(file.read_bytes())


def _require_fit(foundation: Foundation, manifest: Manifest) -> None:
    here = "sqlite" if foundation.database_url.startswith("sqlite") else "postgresql"
    if manifest.database != here:
        raise UserMistake(
            f"The archive holds a {manifest.database} database; this workspace uses {here}.",
            "QUARTERDECK_DATABASE_URL says which one is used.",
        )
    if manifest.schema_version > HEAD:
        raise UserMistake(
            f"The archive has schema {manifest.schema_version}; this program knows up to {HEAD}.",
            f"Restore it with Quarterdeck {manifest.program} or newer.",
        )


def _swap_in(fresh: Path, target: Path, stamp: str) -> str | None:
    """Moves the database into its place, and what was there aside with its side files.

    Cut off in between, the place is empty and the old file stands beside it: restoring again goes on.
    """
    taken = target.exists()
    aside = target.with_name(f"{target.name}.replaced-{stamp}")
    if taken:
        settle_log(target)
    for suffix in _SIDE_FILES:
        side = target.with_name(target.name + suffix)
        if side.exists():
            side.rename(aside.with_name(aside.name + suffix))
    fresh.rename(target)
    return str(aside) if taken else None


def _nothing_is_enqueued(tx: Transaction, segment: Segment) -> None:
    raise AssertionError(f"a restore enqueues nothing, not even {segment.key} in {tx!r}")
