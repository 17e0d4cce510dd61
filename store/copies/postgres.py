"""Our tables of a PostgreSQL database as files, of one moment, and back into a database that has none.

The engine's own tables are not copied: what is queued is on our record, and the engine is handed it again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import LiteralString, TypeAlias

import psycopg
import sqlalchemy as sa
from psycopg import sql

from store import schema
from store.copies.checked import Checked, check, require_head
from store.database import Database
from store.migrate import upgrade_to
from store.schema import PREFIX

Tables: TypeAlias = Mapping[str, Sequence[str]]
"""Table name → its columns, in the order of the file."""

SUFFIX = ".copy"
_CHUNK_BYTES = 1 << 20
_LEFT_OUT = frozenset({f"{PREFIX}schema_version", f"{PREFIX}workers"})
"""The revision is the target's to set; who was alive then is not now."""
_ENGINE_SCHEMA = "dbos"
_TRAIL_GUARD = f"{PREFIX}audit_append_only()"


def export_tables(database: Database, folder: Path) -> tuple[Tables, Checked]:
    """Writes each table to `folder`/NAME.copy in PostgreSQL's text format, and checks the trail; all of one moment."""
    with database.snapshot() as connection:
        checked = check(connection)
        found = _our_tables(connection)
        tables = {name: _columns(connection, name) for name in found if name not in _LEFT_OUT}
        for name, columns in tables.items():
            _write_out(connection, folder / f"{name}{SUFFIX}", _copy("TO STDOUT", name, columns))
    return tables, checked


def load_tables(database: Database, folder: Path, expected: Checked, tables: Tables, aside: str | None) -> None:
    """Makes the tables of that revision and fills them, in one transaction that commits only if the trail ends there.

    `aside` names a schema that is made and into which tables of ours that are there already are moved first; the
    engine's go to a schema beside it. None: there are none. Raises UserMistake, and nothing was changed.
    """
    with database.write() as connection:
        if aside is not None:
            _move_aside(connection, aside)
        upgrade_to(connection, expected.schema_version)
        connection.execute(schema.audit_head.delete())
        for name, columns in tables.items():
            _fill(connection, folder / f"{name}{SUFFIX}", name, columns)
        require_head(check(connection), expected.head)


def has_tables(database: Database) -> bool:
    """True when the database holds a record of ours, or what the engine kept for one."""
    with database.read() as connection:
        return bool(_our_tables(connection)) or sa.inspect(connection).has_schema(_ENGINE_SCHEMA)


def _our_tables(connection: sa.Connection) -> list[str]:
    return sorted(name for name in sa.inspect(connection).get_table_names() if name.startswith(PREFIX))


def _columns(connection: sa.Connection, name: str) -> list[str]:
    return [str(column["name"]) for column in sa.inspect(connection).get_columns(name)]


def _write_out(connection: sa.Connection, file: Path, statement: sql.Composed) -> None:
    with file.open("wb") as target, _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in copy:
            target.write(chunk)


def _read_in(connection: sa.Connection, file: Path, statement: sql.Composed) -> None:
    with file.open("rb") as source, _driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        while chunk := source.read(_CHUNK_BYTES):
            copy.write(chunk)


def _fill(connection: sa.Connection, file: Path, name: str, columns: Sequence[str]) -> None:
    _read_in(connection, file, _copy("FROM STDIN", name, columns))
    for column in columns:
        sequence = connection.execute(sa.select(sa.func.pg_get_serial_sequence(name, column))).scalar()
        if sequence is not None:
            table = sa.table(name, sa.column(column, sa.BigInteger))
            highest = sa.select(sa.func.max(table.c[column])).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1))))


def _copy(direction: LiteralString, name: str, columns: Sequence[str]) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(name), listed, sql.SQL(direction))


def _move_aside(connection: sa.Connection, aside: str) -> None:
    connection.execute(sa.schema.CreateSchema(aside))
    quote = connection.dialect.identifier_preparer.quote
    for name in _our_tables(connection):
        connection.exec_driver_sql(f"ALTER TABLE {quote(name)} SET SCHEMA {quote(aside)}")
    if connection.execute(sa.select(sa.func.to_regprocedure(_TRAIL_GUARD))).scalar() is not None:
        connection.exec_driver_sql(f"ALTER FUNCTION {_TRAIL_GUARD} SET SCHEMA {quote(aside)}")
    if sa.inspect(connection).has_schema(_ENGINE_SCHEMA):
        connection.exec_driver_sql(f"ALTER SCHEMA {_ENGINE_SCHEMA} RENAME TO {quote(aside + '_engine')}")


def _driver(connection: sa.Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("only a PostgreSQL database is copied by tables")
    return driver
