"""One database in memory that holds nothing but the rows of one scope, and can reach nothing else.

It opens locked: no files, no network, no extensions, no settings (https://duckdb.org/docs/stable/operations_manual/
securing_duckdb/overview, 2026-11-21). Rows go in as values. What agents write is judged first by the guard.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.sources.formats.format import Column, Kind
from agents.sources.guard import SQL_MAX_CHARACTERS, Judged, NotAllowed, judged
from agents.sources.reading.parsed import micros
from agents.sources.rows import Rows
from store.kernel.canonical import Json
from store.kernel.errors import UserMistake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_MAX = "384MB"
QUERY_SECONDS = 10.0
ROWS_AT_ONCE = 20_000

LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY_MAX,
    "threads": 1,  # the same rows in the same order give the same answer
    "temp_directory": "",
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "error_on_division_by_zero": False,
}
"""How it opens. Division by zero gives nothing, as in the SQL of other databases."""

LAST = ("SET enable_external_access = false", "SET lock_configuration = true")
"""What shuts the door and loses the key, before there is anything in the room."""

SQL_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.WHOLE: "BIGINT",
    Kind.DECIMAL: "DECIMAL(18,6)",
    Kind.RATIO: "DECIMAL(18,6)",
    Kind.DAY: "DATE",
    Kind.HOUR: "TIMESTAMP",
    Kind.MOMENT: "TIMESTAMP",
}
"""Of a column that the format knows and the files do not have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query came to. `rows` are as the database gives them; `more`: there were others."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool
    sql: str
    tables: frozenset[str]


class Room:
    """The tables of one scope. Not for two threads."""

    def __init__(self) -> None:
        import duckdb

        self._duckdb = duckdb
        self._timed: set[str] = set()
        self.cells = 0
        """About how much it holds."""
        self._connection: DuckDBPyConnection = duckdb.connect(":memory:", config=LOCKED)
        for statement in LAST:
            self._connection.execute(statement)
        self._changing = frozenset(
            str(name)
            for (name,) in self._connection.execute(
                "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
            ).fetchall()
        )

    def fill(self, name: str, rows: Rows, expected: Sequence[Column]) -> None:
        """Makes the table behind a view. `expected` columns that the files do not have hold nothing."""
        self.cells += rows.cells
        if rows.timed:
            self._timed.add(name)
        there = {column.name.casefold() for column in rows.columns}
        absent = [column for column in expected if column.name.casefold() not in there]
        columns = [f"{_quoted(one.name)} {one.sql}" for one in rows.columns]
        columns += [f"{_quoted(one.name)} {SQL_TYPES[one.kind]}" for one in absent]
        own = ["_at TIMESTAMP", "_local TIMESTAMP", "_file VARCHAR", "_line BIGINT", "_arrived BIGINT"]
        self._connection.execute(f"CREATE TABLE {_base(name)} ({', '.join(columns + own)})")
        names = [_quoted(one.name) for one in rows.columns] + ["_at", "_local", "_file", "_line", "_arrived"]
        values = [f"unnest(${position}::VARCHAR[])::{one.sql}" for position, one in enumerate(rows.columns, 1)]
        after = len(values)
        values += [f"make_timestamp(unnest(${after + position}::BIGINT[]))" for position in (1, 2)]
        values += [f"unnest(${after + 3}::VARCHAR[])", *(f"unnest(${after + each}::BIGINT[])" for each in (4, 5))]
        insert = f"INSERT INTO {_base(name)} ({', '.join(names)}) SELECT {', '.join(values)}"
        for part in _parts(rows):
            self._connection.execute(insert, part)

    def show(self, name: str, now: datetime, sql: str | None = None) -> None:
        """Makes the view agents see: the rows that had arrived at `now`, or what a SELECT over other views gives."""
        shown = sql or (
            f"SELECT * EXCLUDE (_arrived) FROM {_base(name)} WHERE _arrived <= {micros(now)}"  # noqa: S608 - quoted
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {_quoted(name)} AS {shown}")

    def timed(self, name: str) -> bool:
        """True when the table's rows carry a time."""
        return name in self._timed

    def judge(self, sql: str, tables: Sequence[str]) -> Judged:
        """The SQL, when the guard lets it through. Raises NotAllowed."""
        if len(sql) > SQL_MAX_CHARACTERS:
            raise NotAllowed(f"it has {len(sql)} characters; at most {SQL_MAX_CHARACTERS} are taken")
        with self._plainly():
            found = self._connection.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()
        return judged(str(found[0]) if found else "", tables, self._changing)

    def normal(self, sql: Judged) -> str:
        """The SQL as printed from its parse."""
        found = self._connection.execute("SELECT json_deserialize_sql($1::JSON)", [sql.parsed]).fetchone()
        return str(found[0]) if found else ""

    def ask(self, sql: Judged, parameters: Mapping[str, Json], most: int) -> Answer:
        """At most so many rows, in the order the query says or else by all columns. Raises UserMistake."""
        missing = sorted(sql.parameters - parameters.keys())
        if missing:
            raise UserMistake(f"This SQL needs a value for ${missing[0]}.", "Give it under `parameters`.")
        said = self.normal(sql)
        ordered = said if sql.ordered else f"SELECT * FROM ({said}) ORDER BY ALL"  # noqa: S608 - judged by the guard
        bound = {name: value for name, value in parameters.items() if name in sql.parameters}
        with self._plainly(), self._in_time():
            cursor = self._connection.execute(ordered, bound or None)
            rows = cursor.fetchmany(most + 1)
            columns = tuple(str(column[0]) for column in cursor.description or ())
        return Answer(columns, rows[:most], len(rows) > most, said, sql.tables)

    def close(self) -> None:
        """Lets go of the rows."""
        self._connection.close()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        timer = threading.Timer(QUERY_SECONDS, self._connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Says what the database says in one line, for it is the SQL that is wrong."""
        try:
            yield
        except self._duckdb.InterruptException:
            raise UserMistake(f"The query took longer than {QUERY_SECONDS:.0f} s.", "Ask for less.") from None
        except (self._duckdb.OutOfMemoryException, MemoryError):
            raise UserMistake(f"The query needs more than {MEMORY_MAX} of memory.", "Ask for less.") from None
        except self._duckdb.Error as error:
            raise UserMistake(f"The query fails: {_first_line(error)}") from None


def _parts(rows: Rows) -> Iterator[list[list[object]]]:
    names = [one.name for one, _ in rows.files]
    for start in range(0, len(rows.lines), ROWS_AT_ONCE):
        end = start + ROWS_AT_ONCE
        columns: list[list[object]] = [
            [None if cell is None else str(cell) for cell in one.cells[start:end]] for one in rows.columns
        ]
        at: list[list[object]] = [
            [moment if rows.timed else None for moment in moments[start:end]] for moments in (rows.begins, rows.locals)
        ]
        files: list[object] = [names[origin] for origin in rows.origins[start:end]]
        yield [*columns, *at, files, list(rows.lines[start:end]), list(rows.ends[start:end])]


def _base(name: str) -> str:
    return _quoted(f"_rows_{name}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]
