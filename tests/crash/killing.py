"""A transaction in a process of its own that is really killed at the armed point, and a dump of all there is to see."""

import multiprocessing
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa

from store import schema
from store.actions import Store
from store.database import Database
from store.kernel.clock import ManualClock
from store.kernel.crash import POINTS
from store.kernel.ports import Segment, Transaction
from store.migrate import migrate
from tests.crash.transactions import CASES

SECONDS = 60
"""A child takes a fiftieth of a second; one that takes this long hangs."""

Dump: TypeAlias = dict[str, list[dict[str, object]]]

_engine_rows = sa.Table(
    "engine_rows",
    sa.MetaData(),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False),
)
"""Stands for the engine's own tables: what was enqueued, in the order of enqueuing, in the same database."""

_children = multiprocessing.get_context("forkserver")
# The server is one thread with everything imported and nothing opened: a child of it starts in milliseconds.
_children.set_forkserver_preload(
    [__name__, "sqlalchemy.dialects.sqlite.pysqlite", "sqlalchemy.dialects.postgresql.psycopg"]
)


def make_database(url: str) -> None:
    """Makes the tables of the record and of the stand-in engine."""
    database = Database(url)
    migrate(database)
    with database.write() as connection:
        _engine_rows.create(connection)
    database.close()


def open_store(url: str, now: datetime) -> Store:
    """A store on tables that `make_database` has made."""
    return Store(Database(url), ManualClock(now), enqueue_in_transaction)


def enqueue_in_transaction(tx: Transaction, segment: Segment) -> None:
    """Enqueues as the engine does: a row that commits or rolls back with everything else."""
    assert isinstance(tx, sa.Connection)
    tx.execute(_engine_rows.insert().values(key=segment.key))


def run_to_the_kill(name: str, store: Store, when: str) -> int | None:
    """Runs the case's call in a child that is to die at `tx.NAME.WHEN`; its exit code, −9 when it was killed there."""
    url = store.database.url.render_as_string(hide_password=False)
    child = _children.Process(target=_act_and_die, args=(name, url, store.clock.now(), f"tx.{name}.{when}"))
    child.start()
    child.join(SECONDS)
    code = child.exitcode
    child.kill()
    child.join()
    child.close()
    return code


def _act_and_die(name: str, url: str, now: datetime, point: str) -> None:
    POINTS.arm(point)
    CASES[name].act(open_store(url, now))


def dump(store: Store) -> Dump:
    """Every row of every table of the record and of the engine, in key order; running numbers only as their order."""
    with store.database.read() as connection:
        return {table.name: _rows(connection, table) for table in (*schema.metadata.sorted_tables, _engine_rows)}


def _rows(connection: sa.Connection, table: sa.Table) -> list[dict[str, object]]:
    # A transaction that was rolled back leaves a gap in PostgreSQL's numbering, and nothing else.
    shown = [column for column in table.c if column.autoincrement is not True]
    found = connection.execute(sa.select(*shown).order_by(*table.primary_key.columns))
    return [dict(row._mapping) for row in found]
