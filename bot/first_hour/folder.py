"""Understanding a folder of exports: each table in it, files that are one table in parts, and what is no table."""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bot.first_hour.table import Understood, understand
from store.kernel.errors import UserMistake

SUFFIXES = (".csv", ".tsv", ".txt")
FILES_AT_MOST = 200
"""A folder with more tables than this is not one folder of exports."""


class Export(NamedTuple):
    """One source: a glob right in the folder, and the latest file it matches, understood. `files` match in all."""

    glob: str
    table: Understood
    files: int


class Folder(NamedTuple):
    """What lies in a folder. `troubles` say of each file that could not be read why."""

    path: Path
    exports: tuple[Export, ...]
    troubles: tuple[str, ...]


def understand_folder(path: Path) -> Folder:
    """The tables in a folder, or the one file. Raises UserMistake, with what to do, when none can be read."""
    if path.is_file():
        return Folder(path.parent, (Export(path.name, understand(path), 1),), ())
    files = _files(path)
    if not files:
        raise UserMistake(f"There is no CSV file in {path}.", "Put the exports there, or name another folder.")
    tables, troubles = _understood(files)
    if not tables:
        raise UserMistake("\n  ".join(["None of the files there can be watched:", *troubles[:8]]))
    return Folder(path, _grouped(tables), troubles)


def _files(path: Path) -> list[Path]:
    try:
        names = sorted(entry.name for entry in os.scandir(path) if entry.is_file() and _is_export(entry.name))
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise UserMistake(f"{path} cannot be read: {reason}.", "Give this account the right to read it.") from error
    if len(names) > FILES_AT_MOST:
        raise UserMistake(f"{path} holds {len(names)} tables.", "Name one file, or a folder with fewer of them.")
    return [path / name for name in names]


def _is_export(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith((".", "~"))


def _understood(files: Sequence[Path]) -> tuple[list[Understood], tuple[str, ...]]:
    tables, troubles = [], []
    for file in files:
        try:
            tables.append(understand(file))
        except UserMistake as mistake:
            troubles.append(str(mistake))
    return tables, tuple(troubles)


def _grouped(tables: Sequence[Understood]) -> tuple[Export, ...]:
    """Files with the same headings and a common beginning of their names are one export in parts."""
    alike: dict[tuple[tuple[str, ...], str], list[Understood]] = defaultdict(list)
    for table in tables:
        alike[table.headings, _stem(table.file.name)].append(table)
    return tuple(export for group in alike.values() for export in _exports(group, tables))


def _exports(group: Sequence[Understood], tables: Sequence[Understood]) -> list[Export]:
    if len(group) == 1:
        return [Export(group[0].file.name, group[0], 1)]
    glob = f"{_stem(group[0].file.name)}*{group[0].file.suffix}"
    if not _only(glob, group, tables):
        return [Export(table.file.name, table, 1) for table in group]
    return [Export(glob, max(group, key=lambda table: table.last), len(group))]


def _stem(name: str) -> str:
    """The name up to the date or number that tells one part from another."""
    stem = Path(name).stem
    first = next((position for position, char in enumerate(stem) if char.isdigit()), len(stem))
    return stem[:first]


def _only(glob: str, group: Sequence[Understood], tables: Sequence[Understood]) -> bool:
    matched = {table.file for table in tables if table.file.match(glob)}
    return len(_stem(group[0].file.name)) > 1 and matched == {table.file for table in group}
