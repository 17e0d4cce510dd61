"""The files of a data folder, read once: what was parsed is kept by the file's digest until memory is needed."""

import hashlib
import re
from collections import OrderedDict
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from agents.sources.formats import FORMATS
from agents.sources.formats.plain import ACCESS_LOG
from agents.sources.reading.content import FILE_MAX_BYTES, TOO_LARGE, Unreadable, text_of
from agents.sources.reading.log_file import read_log
from agents.sources.reading.parsed import ParsedFile
from agents.sources.reading.table_file import read_table
from agents.sources.spec import SourceSpec

FILES_MAX = 200
"""The most files one source is read from."""

KEPT_CELLS_MAX = 8_000_000
"""How many cells of parsed files are kept; about 100 bytes each."""

_DAY_IN_NAME = re.compile(r"(20\d{2})[-_]?(0[1-9]|1[0-2])[-_]?([0-2]\d|3[01])(?!\d)")


class Shelf:
    """Reads files of one folder. Not for two threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[Path, tuple[tuple[int, int, int], str]] = {}
        self._parsed: OrderedDict[tuple[str, ...], ParsedFile] = OrderedDict()

    def files(self, spec: SourceSpec) -> list[ParsedFile]:
        """The source's files as they are now, by name; none when none matches."""
        found = sorted(path for path in self._folder.glob(spec.file or "") if path.is_file())
        if len(found) > FILES_MAX:
            problem = f"is one of {len(found)} files that match; at most {FILES_MAX} are read."
            return [ParsedFile(name=self._name(found[FILES_MAX]), sha256="", problem=problem)]
        return [self._file(path, spec) for path in found]

    def _file(self, path: Path, spec: SourceSpec) -> ParsedFile:
        name = self._name(path)
        try:
            if not path.resolve().is_relative_to(self._folder.resolve()):
                return ParsedFile(name=name, sha256="", problem="is a link that leads out of the data folder.")
            parsed = self._known(path, spec) or self._read(path, spec)
        except Unreadable as trouble:
            return ParsedFile(name=name, sha256="", problem=trouble.message)
        except OSError as error:
            return ParsedFile(name=name, sha256="", problem=f"cannot be read: {error.strerror}.")
        return replace(parsed, name=name, dated=_day_in(path.name))

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _known(self, path: Path, spec: SourceSpec) -> ParsedFile | None:
        """What was read of the file before, where it has not changed since."""
        seen = self._digests.get(path)
        if seen is None or seen[0] != _stamp(path):
            return None
        key = _key(seen[1], spec)
        if key in self._parsed:
            self._parsed.move_to_end(key)
        return self._parsed.get(key)

    def _read(self, path: Path, spec: SourceSpec) -> ParsedFile:
        stamp = _stamp(path)
        if stamp[1] > FILE_MAX_BYTES:
            raise Unreadable(TOO_LARGE)
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self._digests[path] = (stamp, digest)
        key = _key(digest, spec)
        if key not in self._parsed:
            self._parsed[key] = _parsed(data, digest, path.name, spec)
            self._make_room()
        return self._parsed[key]

    def _make_room(self) -> None:
        while len(self._parsed) > 1 and sum(one.cells for one in self._parsed.values()) > KEPT_CELLS_MAX:
            self._parsed.popitem(last=False)


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _key(digest: str, spec: SourceSpec) -> tuple[str, ...]:
    return digest, spec.reads, spec.timezone, spec.time or ""


def _parsed(data: bytes, digest: str, name: str, spec: SourceSpec) -> ParsedFile:
    zone = ZoneInfo(spec.timezone)
    try:
        text = text_of(data)
    except Unreadable as trouble:
        return ParsedFile(name=name, sha256=digest, problem=trouble.message)
    if spec.reads == ACCESS_LOG.name:
        return read_log(name, digest, text, zone)
    return read_table(name, digest, text, FORMATS[spec.reads], zone, time=spec.time)


def _day_in(name: str) -> date | None:
    """The last day a file's name holds, as exports carry the day they were made on; None when it holds none."""
    days = [_date(*map(int, found.groups())) for found in _DAY_IN_NAME.finditer(name)]
    return next((day for day in reversed(days) if day is not None), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
