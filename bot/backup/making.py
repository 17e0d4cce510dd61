"""Making a backup, beside a running team or without one: the record of one moment, then the files it refers to."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from bot.backup.archive import described, write_archive
from bot.backup.manifest import DATABASE_FILE, FILES_FOLDER, FORMAT, TABLES_FOLDER, Manifest, Part
from bot.backup.staging import staging_in
from bot.foundation import Foundation
from bot.inbound.files import FOLDER
from store.copies.checked import Checked, check_database
from store.database import Database, sqlite_url
from store.kernel.clock import Clock
from store.kernel.errors import UserMistake
from store.sqlite_file import copy_file


class Made(NamedTuple):
    """A finished backup. `sha256` is of the whole archive."""

    archive: Path
    sha256: str
    manifest: Manifest


class _Copied(NamedTuple):
    """The record as copied: its parts by name, what it was found to be, and the columns of its tables."""

    sources: Mapping[str, Path]
    checked: Checked
    tables: Mapping[str, tuple[str, ...]]


def make_backup(foundation: Foundation, database: Database, target: Path, clock: Clock) -> Made:
    """Writes one archive to `target`, a folder or a file that is not there yet, and changes nothing else.

    The record is copied first, then the files: a file is kept before the record names it, so none is missing. The
    audit chain of the copy is verified before anything is written. Raises UserMistake when it does not hold or the
    target cannot be used, and DatabaseUnavailable when the database cannot be read now; a retry is safe.
    """
    made_at = clock.now().astimezone(UTC)
    archive = _archive(target, foundation.team.name, made_at)
    with staging_in(archive.parent, "backup", made_at) as staging:
        copied = _copy_record(database, staging)
        sources = {**copied.sources, **_shelf(foundation.folder / FOLDER)}
        manifest = Manifest(
            format=FORMAT,
            made_at=made_at,
            program=metadata.version("quarterdeck"),
            schema_version=copied.checked.schema_version,
            database="sqlite" if database.is_sqlite else "postgresql",
            team=foundation.team.name,
            workspace_digest=foundation.team.digest,
            audit_seq=copied.checked.head.seq,
            audit_hash=copied.checked.head.hash,
            tables=dict(copied.tables),
            parts=tuple(_parts(sources)),
        )
        return Made(archive, write_archive(archive, manifest, sources), manifest)


def _archive(target: Path, team: str, made_at: datetime) -> Path:
    slug = re.sub(r"[^a-z0-9]+", "-", team.lower()).strip("-") or "team"
    archive = target / f"quarterdeck-{slug}-{made_at:%Y%m%dT%H%M%SZ}.tar.gz" if target.is_dir() else target
    if archive.exists():
        raise UserMistake(f"{archive} is there already.", "Name another file, or a folder.")
    if not archive.parent.is_dir():
        raise UserMistake(f"There is no folder {archive.parent}.", "Make it first.")
    return archive


def _copy_record(database: Database, staging: Path) -> _Copied:
    if not database.is_sqlite:
        return _copy_tables(database, staging)
    file = staging / DATABASE_FILE
    copy_file(Path(database.url.database or ""), file)
    copy = Database(sqlite_url(file))
    try:
        return _Copied({DATABASE_FILE: file}, check_database(copy), {})
    finally:
        copy.close()


def _copy_tables(database: Database, staging: Path) -> _Copied:
    from store.copies.postgres import SUFFIX, export_tables

    tables, checked = export_tables(database, staging)
    sources = {f"{TABLES_FOLDER}/{name}{SUFFIX}": staging / f"{name}{SUFFIX}" for name in tables}
    return _Copied(sources, checked, {name: tuple(columns) for name, columns in tables.items()})


def _shelf(folder: Path) -> dict[str, Path]:
    """The kept files by their name in the archive; drafts of files that are being kept just now are none yet."""
    found = (file for file in sorted(folder.glob("??/*")) if re.fullmatch(r"[0-9a-f]{64}", file.name))
    return {f"{FILES_FOLDER}/{file.name}": file for file in found}


def _parts(sources: dict[str, Path]) -> Iterator[Part]:
    for name, file in list(sources.items()):
        try:
            yield described(name, file)
        except FileNotFoundError:
            del sources[name]  # its time was over, and it was taken off the shelf meanwhile
