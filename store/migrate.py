"""Bringing a database to this program's schema, or saying plainly that it is a newer program's."""

from pathlib import Path

import sqlalchemy as sa

from store.database import Database
from store.kernel.errors import UserMistake
from store.schema import PREFIX
from store.sqlite_file import copy_file

HEAD = "0003"
"""The newest revision in `migrations/versions`; a test holds it equal to what alembic finds there."""

_ADVISORY_LOCK = 0x9D_0001


def migrate(database: Database) -> None:
    """Applies the revisions that are missing, in one transaction, once whichever process comes first.

    A SQLite file of an older program is first copied beside itself as NAME.schema-REVISION, so that the way back is
    there; on PostgreSQL that is the operator's to do.

    Raises UserMistake when the database was written by a newer program, and DatabaseUnavailable when it cannot be used.
    """
    if database.is_sqlite:
        _copy_aside(database)
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        present = schema_version(connection)
        if present == HEAD:
            return
        if present is not None and present > HEAD:
            raise UserMistake(
                f"This database has schema {present}; this program knows up to {HEAD}.", "Run the newer program again."
            )
        upgrade_to(connection, "head")


def _copy_aside(database: Database) -> None:
    with database.read() as connection:
        present = schema_version(connection)
    if present is None or present >= HEAD:
        return
    file = Path(database.url.database or "")
    aside, draft = (file.with_name(f"{file.name}.schema-{present}{end}") for end in ("", ".part"))
    draft.unlink(missing_ok=True)
    copy_file(file, draft)
    draft.replace(aside)


def schema_version(connection: sa.Connection) -> str | None:
    """The revision a database is at; None for a database we have never written."""
    table = sa.table(f"{PREFIX}schema_version", sa.column("version_num", sa.Text))
    if not sa.inspect(connection).has_table(table.name):
        return None
    return connection.execute(sa.select(table.c.version_num)).scalar()


def upgrade_to(connection: sa.Connection, revision: str) -> None:
    """Applies the missing revisions up to this one inside the open transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
