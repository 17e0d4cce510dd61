"""What an archive says of itself: whose record it holds, as of when, and the digest of each of its parts."""

import re
from datetime import datetime
from typing import Literal

from pydantic import Field, field_validator

from store.records import Record

FORMAT = 1
"""Of the archive; a higher one is a newer program's."""
DATABASE_FILE = "database.sqlite3"
TABLES_FOLDER = "tables"
FILES_FOLDER = "files"

_NAME = re.compile(r"database\.sqlite3|tables/qd_[a-z_]+\.copy|files/[0-9a-f]{64}", re.ASCII)


class Part(Record):
    """One member of the archive."""

    name: str
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @field_validator("name")
    @classmethod
    def _ours(cls, name: str) -> str:
        # A member's name becomes a path: nothing but the names we give passes.
        if not _NAME.fullmatch(name):
            raise ValueError("not the name of a part")
        return name


class Manifest(Record):
    """The first member of every archive.

    `audit_seq` and `audit_hash` are the head of the audit chain: written down elsewhere, they tell whether a restored
    record is the one that was backed up. `tables` names each table's columns in the order of its part; none for SQLite.
    """

    format: int
    made_at: datetime
    program: str
    schema_version: str
    database: Literal["sqlite", "postgresql"]
    team: str
    workspace_digest: str
    audit_seq: int
    audit_hash: str
    tables: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    parts: tuple[Part, ...]
