"""What a copy of the record is checked for before anybody relies on it."""

from typing import NamedTuple

import sqlalchemy as sa

from store.audit import Head
from store.database import Database
from store.kernel.errors import UserMistake
from store.migrate import schema_version
from store.queries.audit import verify_on


class Checked(NamedTuple):
    """A copy whose audit chain holds: the revision it is at, and the head of the chain."""

    schema_version: str
    head: Head


def check(connection: sa.Connection) -> Checked:
    """Raises UserMistake when there is no record, or its audit chain does not hold."""
    revision = schema_version(connection)
    if revision is None:
        raise UserMistake("There is no record yet.", "Start the team first.")
    head, broken = verify_on(connection)
    if broken is not None:
        raise UserMistake(
            f"The audit trail is broken at event {broken.seq}: {broken.reason}.",
            "`quarterdeck audit verify` says more.",
        )
    return Checked(revision, head)


def check_database(database: Database) -> Checked:
    """The same of a whole database, in one snapshot."""
    with database.snapshot() as connection:
        return check(connection)


def require_head(found: Checked, expected: Head) -> None:
    """Raises UserMistake when the chain ends elsewhere than whoever made the copy wrote down."""
    if found.head != expected:
        raise UserMistake(
            f"The audit trail of the copy ends at event {found.head.seq}; its manifest says {expected.seq}.",
            "The archive was changed: take another one.",
        )
