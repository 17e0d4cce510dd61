"""The rows of each source as they are now, gathered once for the same files."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from agents.sources.formats import FORMATS
from agents.sources.reading.parsed import ParsedFile
from agents.sources.reading.shelf import Shelf
from agents.sources.rows import Rows, chosen, rows_of
from agents.sources.spec import SourceSpec

KEPT_CELLS_MAX = 8_000_000

Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """A source with all its files and the rows that count. Equal `key`, equal rows."""

    spec: SourceSpec
    files: tuple[ParsedFile, ...]
    rows: Rows
    key: Key


class Gatherer:
    """Gathers sources that are files. Not for two threads."""

    def __init__(self, folder: Path, specs: Mapping[str, SourceSpec]) -> None:
        self._shelf = Shelf(folder)
        self._specs = specs
        self._kept: OrderedDict[Key, Rows] = OrderedDict()

    def gather(self, name: str, now: datetime) -> Gathered:
        """The source's rows as of `now`."""
        spec = self._specs[name]
        files = tuple(self._shelf.files(spec))
        several, zone = FORMATS[spec.reads].several, ZoneInfo(spec.timezone)
        ordered = chosen(files, several, zone, now)
        key = (spec, *((one.name, one.sha256) for one in ordered))
        if key not in self._kept:
            self._kept[key] = rows_of(ordered, several, zone)
            self._make_room()
        self._kept.move_to_end(key)
        return Gathered(spec, files, self._kept[key], key)

    def _make_room(self) -> None:
        while len(self._kept) > 1 and sum(one.cells for one in self._kept.values()) > KEPT_CELLS_MAX:
            self._kept.popitem(last=False)
