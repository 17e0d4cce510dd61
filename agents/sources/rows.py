"""All rows of a source: its files side by side, each row counted once. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import compress
from zoneinfo import ZoneInfo

from agents.sources.formats.format import Kind, Several
from agents.sources.reading.parsed import ParsedFile, Stored, Times, micros

ALWAYS = 0
"""When a row has arrived that nothing dates."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one source. `files` are what they came from, with how many rows of each count.

    `ends` are when rows have arrived, in microseconds since 1970. `timed` says that rows carry a time of their own;
    else `ends` are of the files. `overlap` counts rows that stand in a later export too and were left out.
    """

    columns: tuple[Stored, ...]
    begins: list[int]
    ends: list[int]
    locals: list[int]
    origins: list[int]
    lines: list[int]
    files: tuple[tuple[ParsedFile, int], ...] = ()
    timed: bool = False
    grain: Kind | None = None
    overlap: int = 0

    @property
    def cells(self) -> int:
        """About how much memory they take, counted in cells."""
        return len(self.lines) * (len(self.columns) + 5)


@dataclass(slots=True)
class _Joining:
    cells: dict[str, list[object]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    times: Times = field(default_factory=Times)
    origins: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def chosen(files: Sequence[ParsedFile], several: Several, zone: ZoneInfo, now: datetime) -> list[ParsedFile]:
    """The files whose rows count as of `now`, the latest export last."""
    readable = [one for one in files if one.rows]
    ordered = sorted(readable, key=lambda one: (max(one.times.ends, default=0) if one.times else 0, one.name))
    return _latest(ordered, zone, now) if several is Several.LATEST else ordered


def rows_of(ordered: Sequence[ParsedFile], several: Several, zone: ZoneInfo) -> Rows:
    """The rows of chosen files: where two say the same, the later one counts, as `several` tells."""
    masks = _masks(ordered, several)
    joined = _Joining()
    for position, (one, mask) in enumerate(zip(ordered, masks, strict=True)):
        not_before = _exported(one, zone) if several is Several.LATEST or one.times is None else ALWAYS
        _join(joined, one, mask, position, not_before)
    return Rows(
        columns=tuple(Stored(name, joined.types[name], cells) for name, cells in joined.cells.items()),
        begins=joined.times.begins,
        ends=joined.times.ends,
        locals=joined.times.locals,
        origins=joined.origins,
        lines=joined.lines,
        files=tuple((one, sum(mask)) for one, mask in zip(ordered, masks, strict=True)),
        timed=bool(ordered) and all(one.times is not None for one in ordered),
        grain=next((one.grain for one in ordered), None),
        overlap=sum(len(mask) - sum(mask) for mask in masks),
    )


def _latest(ordered: list[ParsedFile], zone: ZoneInfo, now: datetime) -> list[ParsedFile]:
    """The last export that was there by then; one whose name holds a day was there once that day was over."""
    there = [one for one in ordered if _exported(one, zone) <= micros(now)]
    return sorted(there or ordered[:1], key=lambda one: _exported(one, zone))[-1:]


def _exported(one: ParsedFile, zone: ZoneInfo) -> int:
    if one.dated is None:
        return ALWAYS
    return micros(datetime.combine(one.dated + timedelta(days=1), time(), zone).astimezone(UTC))


def _masks(ordered: Sequence[ParsedFile], several: Several) -> list[list[bool]]:
    """Which rows of each file count: a row whose time and words stand in a later export does not."""
    if several is not Several.LATEST_PER_PERIOD or len(ordered) == 1:
        return [[True] * one.rows for one in ordered]
    later: set[tuple[object, ...]] = set()
    masks: list[list[bool]] = []
    for one in reversed(ordered):
        keys = _keys(one)
        masks.append([key not in later for key in keys])
        later.update(keys)
    return masks[::-1]


def _keys(one: ParsedFile) -> list[tuple[object, ...]]:
    words = sorted((column for column in one.columns if column.name in one.words), key=lambda column: column.name)
    begins: list[object] = [*one.times.begins] if one.times else [None] * one.rows
    return list(zip(begins, *(column.cells for column in words), strict=True))


def _join(joined: _Joining, one: ParsedFile, mask: list[bool], position: int, not_before: int) -> None:
    before, kept = len(joined.lines), sum(mask)
    for column in one.columns:
        known = joined.types.get(column.name)
        joined.types[column.name] = column.sql if known is None else _wider(known, column.sql)
        cells = joined.cells.setdefault(column.name, [None] * before)
        cells += compress(column.cells, mask)
    for filled in joined.cells.values():
        filled.extend([None] * (before + kept - len(filled)))
    times = one.times or Times(*([not_before] * one.rows for _ in range(3)))
    joined.times.begins.extend(compress(times.begins, mask))
    joined.times.ends.extend(compress((max(end, not_before) for end in times.ends), mask))
    joined.times.locals.extend(compress(times.locals, mask))
    joined.origins.extend([position] * kept)
    joined.lines.extend(compress(one.lines, mask))


def _wider(one: str, other: str) -> str:
    """The type that holds both; text where nothing else does."""
    if one == other:
        return one
    numbers = [_digits(name) for name in (one, other)]
    if any(digits is None for digits in numbers):
        return "VARCHAR"
    found = [digits for digits in numbers if digits is not None]
    scale = max(digits[1] for digits in found)
    width = max(digits[0] - digits[1] for digits in found) + scale
    return f"DECIMAL({18 if width <= 18 else 38},{scale})"  # noqa: PLR2004 - what fits 64 bits


def _digits(name: str) -> tuple[int, int] | None:
    if name == "BIGINT":
        return 19, 0
    if not name.startswith("DECIMAL("):
        return None
    width, _, scale = name.removeprefix("DECIMAL(").removesuffix(")").partition(",")
    return int(width), int(scale)
