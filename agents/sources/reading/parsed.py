"""What was read from one file: typed columns, when each row begins and is over, and what could not be read."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from agents.sources.formats.format import Kind

SHOWN_REASONS = 3
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stored:
    """One column as it is kept. `sql` is its type there; `cells` are what that type is made from, None for nothing."""

    name: str
    sql: str
    cells: list[object]


@dataclass(frozen=True, slots=True)
class Times:
    """When each row begins and is over, in microseconds since 1970 UTC, and its begin on the clock of the zone."""

    begins: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    locals: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """One file as read. `problem` ends the sentence that begins with its name; None: it is a table of the format.

    `times` None: rows carry no time. `lines` are where rows begin in the file. `refused` rows could not be read, for
    `reasons`; `notes` say what was left out on purpose. `dated` is the day its name says it was exported on.
    """

    name: str
    sha256: str
    columns: tuple[Stored, ...] = ()
    words: tuple[str, ...] = ()
    times: Times | None = None
    grain: Kind | None = None
    lines: list[int] = field(default_factory=list)
    refused: int = 0
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str | None = None
    blank: bool = False
    dated: date | None = None

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.lines)

    @property
    def cells(self) -> int:
        """About how much memory it takes, counted in cells."""
        return self.rows * (len(self.columns) + 4)


class Refusals:
    """Counts the rows that cannot be read and keeps the first reasons."""

    def __init__(self) -> None:
        self.count = 0
        self._reasons: list[str] = []

    def add(self, line: int, reason: str) -> None:
        """One row that is no row of the table, and why; the reason quotes nothing of it."""
        self.count += 1
        if len(self._reasons) < SHOWN_REASONS:
            self._reasons.append(f"line {line} {reason}")

    @property
    def reasons(self) -> tuple[str, ...]:
        """The first of them."""
        return tuple(self._reasons)


def micros(moment: datetime) -> int:
    """Microseconds since 1970; a moment without a zone is taken as it stands."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    delta = aware - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def summed_up(notes: list[str]) -> tuple[str, ...]:
    """Equal notes once, with how often."""
    return tuple(note if times == 1 else f"{note} ({times} times)" for note, times in Counter(notes).items())


Precision = Literal[18, 38]


def decimal_type(scale: int, digits: int) -> str:
    """The SQL type that holds numbers of so many digits, so many of them after the point, exactly."""
    width: Precision = 18 if digits <= 18 else 38  # noqa: PLR2004 - what fits 64 bits
    return f"DECIMAL({width},{scale})"
