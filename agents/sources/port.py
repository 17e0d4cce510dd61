"""What can be asked of a team's sources, and the promise that every way of answering keeps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agents.sources.spec import Per
from store.kernel.canonical import Json
from store.kernel.errors import UserMistake
from store.records import Record


class State(StrEnum):
    """How a source stands. Only OK is a source that can be relied on for the window; every other one is a finding."""

    OK = "ok"
    MISSING = "missing"
    LATE = "late"
    MALFORMED = "malformed"
    EMPTY = "empty"
    OUTSIDE_WINDOW = "outside_window"


class Window(Record):
    """The time asked about: from `since` (inclusive) until `until` (exclusive), both aware."""

    since: datetime
    until: datetime


class FileRead(Record):
    """One file a source was read from: its path in the data folder, SHA-256 of its bytes, and how many rows it gave."""

    name: str
    sha256: str
    rows: int


class SourceState(Record):
    """How one source stood at a moment.

    `detail` says it in plain sentences; it never quotes a row. `oldest` and `newest` are when the first and the last
    row begin, in the source's zone; None when there is no row or rows carry no time. `rows` had arrived by then,
    `in_window` of them lie in the window (all of them where rows carry no time), `refused` rows of the files could not
    be read.
    """

    source: str
    state: State
    detail: str
    oldest: datetime | None = None
    newest: datetime | None = None
    rows: int = 0
    in_window: int = 0
    refused: int = 0
    simulated: bool = False
    files: tuple[FileRead, ...] = ()


class Table(Record):
    """The answer to a query. `rows` are in a fixed order: the query's own, else by all columns.

    A cell is text, a whole number, true, false, nothing, or a list or mapping of these; a number with a point is exact
    decimal text, a date or moment ISO text. `truncated`: there are more rows than are given. `sources` are those the
    query read, `sql` is it in its one normal form, `may_hold_strangers_words` says that one of them quotes strangers.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    truncated: bool
    sources: tuple[SourceState, ...]
    sql: str
    as_of: datetime
    may_hold_strangers_words: bool = False


class Point(Record):
    """One value of a series: exact decimal text, for the day or hour that begins at `at` (aware, in the source's zone).

    `rows` is how many rows it was made from.
    """

    at: datetime
    value: str
    rows: int


class SourceUnusable(UserMistake):
    """The source itself holds nothing that could be asked: it is missing, empty, or no row of it can be read."""


class Sources(Protocol):
    """Reads a team's sources. Every answer knows only rows that had arrived at `now`: whose time was over by then.

    Nothing is changed and nothing else can be reached, so asking again is always safe. Methods block; call them in a
    thread. `scope` names the sources that may be seen; any other one does not exist. All raise UserMistake for what can
    be put right, Retryable when the reader had to be started again.
    """

    def check(self, scope: Sequence[str], window: Window, now: datetime) -> tuple[SourceState, ...]:
        """How each source of the scope stands, in the order of the scope. A source in trouble is a state, no error."""
        ...

    def query(
        self, scope: Sequence[str], sql: str, parameters: Mapping[str, Json], window: Window, now: datetime
    ) -> Table:
        """The rows of one SELECT, in which a source is a table named like it, with `_` for `-`.

        `$name` in the SQL is `parameters[name]`. Raises UserMistake for SQL that is no single SELECT over the scope,
        that fails, that needs too much time or memory, or whose rows are too large; SourceUnusable where a source it
        reads holds nothing, for nothing must not look like an answer.
        """
        ...

    def series(self, source: str, value: str, where: str | None, per: Per, until: datetime) -> tuple[Point, ...]:
        """`value`, an aggregate in SQL, of each day or hour of the source's zone that was over by `until`, in order.

        A day or hour without rows, or without a value, has no point. Raises UserMistake for a source that does not
        exist or has no time and for SQL that cannot be used, SourceUnusable for a source that holds nothing.
        """
        ...

    def close(self) -> None:
        """Lets go of everything; safe to repeat."""
        ...


class NoSources:
    """Of a team that declares none."""

    def check(self, scope: Sequence[str], window: Window, now: datetime) -> tuple[SourceState, ...]:
        """None stands anywhere."""
        return ()

    def query(
        self, scope: Sequence[str], sql: str, parameters: Mapping[str, Json], window: Window, now: datetime
    ) -> Table:
        """Raises UserMistake."""
        raise UserMistake("This team declares no sources.", "Name them under `sources` in team.yaml.")

    def series(self, source: str, value: str, where: str | None, per: Per, until: datetime) -> tuple[Point, ...]:
        """Raises UserMistake."""
        raise UserMistake("This team declares no sources.", "Name them under `sources` in team.yaml.")

    def close(self) -> None:
        """Nothing is held."""
