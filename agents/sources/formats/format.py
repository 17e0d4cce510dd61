"""What a format says of a file: its columns under all their names, which must be there, and which dates the rows."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the cells of a column are. RATIO is a share: `4.17%` and `0.0417` are the same."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    RATIO = "ratio"
    DAY = "day"
    HOUR = "hour"
    MOMENT = "moment"


TIMES = frozenset({Kind.DAY, Kind.HOUR, Kind.MOMENT})


class Several(StrEnum):
    """What it means that several files match.

    JOIN: all rows count. LATEST_PER_PERIOD: a day or hour that stands in two files counts from the later export.
    LATEST: only the last export counts, for it is the whole list each time.
    """

    JOIN = "join"
    LATEST_PER_PERIOD = "latest_per_period"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name` is ours; `called` are the vendor's names for it, compared without case and extra spaces.

    `utc` says that its times are in UTC, whatever the source's zone.
    """

    name: str
    called: tuple[str, ...]
    kind: Kind = Kind.TEXT
    utc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of export. `says` is what it is, in a few words.

    `required` are groups of columns by our names: of each group one must be there. `times` are the columns that may
    date a row, the best first; where none of them is in a file its rows carry no time. `strangers` says that cells may
    quote strangers. `goes_stale` says that a list in which nothing is recent tells nothing of the present. `commented`
    says that lines which begin with # are no rows, and that totals may stand among the rows. `open_columns` says that
    the columns are whatever the file has.
    """

    name: str
    says: str
    columns: tuple[Column, ...] = ()
    required: tuple[tuple[str, ...], ...] = ()
    times: tuple[str, ...] = ()
    several: Several = Several.LATEST_PER_PERIOD
    strangers: bool = True
    goes_stale: bool = False
    commented: bool = False
    open_columns: bool = False


def plain_name(heading: str) -> str:
    """A heading as headings are compared: one space between words, no case."""
    return " ".join(heading.split()).casefold()
