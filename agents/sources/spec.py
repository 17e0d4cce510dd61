"""A source as the workspace declares it."""

from typing import Literal, TypeAlias

from store.records import Record

Per: TypeAlias = Literal["day", "hour"]

SQL_FORMAT = "sql"
"""The format of a source that is a SELECT over other sources."""


class SourceSpec(Record):
    """A named table of rows. `reads` is the format of its files, by name.

    `file` is a glob inside the team's data folder; None for a source that is `sql`, a SELECT over other sources. `time`
    names the column that dates the rows, where the format leaves it open; None: the format says, or nothing does.
    `timezone` is the zone of dates and hours that carry none. `fresh_within_seconds` is how old the newest row may be;
    None: it is never late. `simulated` rows were made up, and everything that shows them says so.
    """

    id: str
    reads: str
    file: str | None = None
    sql: str | None = None
    time: str | None = None
    timezone: str
    fresh_within_seconds: int | None = None
    simulated: bool = False

    @property
    def view(self) -> str:
        """The source's name in SQL."""
        return self.id.replace("-", "_")
