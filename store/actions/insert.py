"""Inserting once: a row whose key is already there is left as it is."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from store.transaction import Tx


def insert_once(tx: Tx, table: sa.Table, row: Mapping[str, object]) -> bool:
    """True when the row was inserted, False when a row with the same unique key already stood there."""
    dialect = sqlite if tx.is_sqlite else postgresql
    statement = dialect.insert(table).values(**row).on_conflict_do_nothing().returning(sa.literal(1))
    return tx.connection.execute(statement).first() is not None


def put(tx: Tx, table: sa.Table, key: Mapping[str, object], row: Mapping[str, object]) -> None:
    """Inserts the row under its key, or replaces the columns named in `row`."""
    dialect = sqlite if tx.is_sqlite else postgresql
    statement = dialect.insert(table).values(**key, **row)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(row)))
