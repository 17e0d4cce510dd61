"""Understanding one table that somebody exported: which column is the time, which are numbers worth watching.

Never guesses in silence: what was understood is said, and what was not is refused with what to do.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agents.sources.formats import FORMATS
from agents.sources.formats.format import Format, Kind, Several, plain_name
from agents.sources.reading.columns import dating, fit, known_names, placed
from agents.sources.reading.moments import period
from agents.sources.reading.numbers import NOTHING, number, point_of
from store.kernel.errors import UserMistake

SAMPLE_BYTES = 1_000_000
"""So much of a file is looked at; a larger one is understood by its beginning."""
SAMPLE_ROWS = 5_000
MOSTLY = Decimal("0.9")
"""A column is of a kind when at least this share of its filled cells is."""
FILLED = Decimal("0.5")
WATCHED_AT_MOST = 4
SHOWN_CHARACTERS = 40
ANY_CSV = "csv"
KNOWN_AT_LEAST = 3
"""A file is a vendor's export when so many of its columns are."""
_UTC = ZoneInfo("UTC")
_COUNTED = frozenset({Kind.WHOLE, Kind.DECIMAL, Kind.RATIO})
_DELIMITERS = ",;\t|"
_TIME_NAMES = re.compile(r"\b(date|day|time|timestamp|datetime|datum|hour|when|at)\b")
_NOT_A_MEASURE = re.compile(
    r"(^|[ _-])(id|ids|year|month|week|day|hour|zip|postcode|lat|lon|latitude|longitude|phone)$"
)
_SHARES = re.compile(r"(rate|ratio|share|percent|pct|%|avg|average|mean|median|position|duration|ctr|price|score|temp)")
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_HTML = re.compile(rb"\s*<(!doctype|html|\?xml|head|body)", re.IGNORECASE)


class Grain(Enum):
    """How finely the time column tells time."""

    DAY = "day"
    HOUR = "hour"


class Measure(NamedTuple):
    """A number to watch: `column` is its name in SQL, None counts the rows. `averaged`: a share, not a sum."""

    column: str | None
    label: str
    averaged: bool = False
    in_words: bool = False

    @property
    def from_words(self) -> "Measure":
        """The same, out of numbers that stand there as words: 4.17% and 1,234."""
        return self._replace(in_words=True)

    @property
    def value(self) -> str:
        """The aggregate in SQL."""
        if self.column is None:
            return "count(*)"
        name = self.column if _PLAIN_NAME.fullmatch(self.column) else '"' + self.column.replace('"', '""') + '"'
        number = f"TRY_CAST(replace(replace({name}, '%', ''), ',', '') AS DECIMAL(18, 6))" if self.in_words else name
        return f"{'avg' if self.averaged else 'sum'}({number})"


class Understood(NamedTuple):
    """What one table is about. `first` and `last` are the earliest and latest time in what was looked at.

    `reads` is the format in which sources read it, `time` the heading of what dates its rows; `time_is_known` says that
    the format knows that by itself.
    """

    file: Path
    reads: str
    headings: tuple[str, ...]
    time: str
    time_is_known: bool
    grain: Grain
    first: datetime
    last: datetime
    rows: int
    whole: bool
    measures: tuple[Measure, ...]
    left_out: tuple[str, ...]


def understand(file: Path) -> Understood:
    """What the table in the file is about. Raises UserMistake, with what to do, for a file that is no such table."""
    text, whole = _text(file)
    headings, rows = _rows(file, text)
    times = _times(file, headings, rows)
    form = _format_of(headings, frozenset(times))
    known = _dating(form, headings)
    time = known or _best_time(headings, times)
    moments = [moment for moment in times[time] if moment is not None]
    names = {heading: one.name for heading, one in zip(headings, placed(form, headings), strict=True)}
    measures, left_out = _measures(headings, rows, frozenset(times), names)
    return Understood(
        file=file,
        reads=form.name,
        headings=headings,
        time=time,
        time_is_known=known is not None,
        grain=_grain(moments),
        first=min(moments),
        last=max(moments),
        rows=len(rows),
        whole=whole,
        measures=measures,
        left_out=left_out,
    )


def _text(file: Path) -> tuple[str, bool]:
    content, size = _beginning(file)
    if not content.strip():
        raise UserMistake(f"{file.name} is empty.", "Export it again, or leave it out.")
    _require_table(file, content)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    whole = size <= len(content)
    if not whole and encoding == "utf-16":
        content = content[: len(content) // 2 * 2]
    try:
        text = content.decode(encoding, "strict" if whole else "ignore")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text if whole else text.rpartition("\n")[0], whole


def _beginning(file: Path) -> tuple[bytes, int]:
    try:
        with file.open("rb") as opened:
            return opened.read(SAMPLE_BYTES), file.stat().st_size
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise UserMistake(f"{file} cannot be read: {reason}.", "Give this account the right to read it.") from error


def _require_table(file: Path, content: bytes) -> None:
    if _HTML.match(content.lstrip(b"\xef\xbb\xbf")):
        raise UserMistake(
            f"{file.name} is a web page, not a table.",
            "Often a login page was saved in place of the export: download it again.",
        )
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise UserMistake(f"{file.name} is a spreadsheet.", "Save it as CSV: File, Save As or Download, CSV.")
    if b"\0" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise UserMistake(f"{file.name} is no text.", "Name a CSV file, or a folder of them.")


def _rows(file: Path, text: str) -> tuple[tuple[str, ...], list[list[str]]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    delimiter = _delimiter(lines)
    if delimiter is None:
        raise UserMistake(
            f"{file.name} has no columns.", "A table has a first line of headings, and commas, semicolons or tabs."
        )
    try:
        found = [*csv.reader(lines[: SAMPLE_ROWS + 1], delimiter=delimiter)]
    except csv.Error as error:
        raise UserMistake(f"{file.name} is no table: {error}.", "Export it again as CSV.") from error
    headings = tuple(heading.strip() for heading in found[0])
    rows = [row for row in found[1:] if len(row) == len(headings)]
    if not rows:
        raise UserMistake(f"{file.name} has headings and no rows.", "Export it again with data in it.")
    if len(set(headings)) < len(headings) or "" in headings:
        raise UserMistake(f"{file.name} has headings that are empty or stand twice.", "Give every column its own name.")
    return headings, rows


def _delimiter(lines: Sequence[str]) -> str | None:
    """The character that parts the columns: in most lines as often as in the first."""
    counts = {mark: lines[0].count(mark) for mark in _DELIMITERS}
    able = [mark for mark in _DELIMITERS if counts[mark]]
    same = {mark: sum(line.count(mark) == counts[mark] for line in lines[:50]) for mark in able}
    return max(able, key=lambda mark: (same[mark], counts[mark]), default=None)


def _times(file: Path, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, list[datetime | None]]:
    found: dict[str, list[datetime | None]] = {}
    for position, heading in enumerate(headings):
        cells = [row[position].strip() for row in rows]
        moments = [moment_in(cell) for cell in cells]
        filled = sum(bool(cell) for cell in cells)
        if filled >= len(rows) * FILLED and sum(one is not None for one in moments) >= filled * MOSTLY:
            found[heading] = moments
    if not found:
        raise _no_time(file, headings, rows)
    return found


def _no_time(file: Path, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> UserMistake:
    """Says what stands in a column that is named like a time, when there is one."""
    named = [position for position, heading in enumerate(headings) if _named_like_time(heading)]
    if not named:
        return UserMistake(
            f"{file.name} has no column of dates, so nothing can be told about today.",
            f"Its columns are {', '.join(headings)[:200]}.",
        )
    cell = next((row[named[0]] for row in rows if row[named[0]].strip()), "")[:SHOWN_CHARACTERS]
    return UserMistake(
        f"The column {headings[named[0]]} of {file.name} holds {cell!r}, which is no date I can read.",
        "Write dates as 2026-11-21, 20261121 or 2026-11-21 08:00.",
    )


def moment_in(cell: str) -> datetime | None:
    """The time a cell tells, as the reader of sources would take it: one that can mean one day only."""
    found = period(cell, Kind.MOMENT, _UTC) or period(cell, Kind.HOUR, _UTC)
    return None if found is None else found.local.replace(tzinfo=None)


def _best_time(headings: Sequence[str], times: dict[str, list[datetime | None]]) -> str:
    """A column named like a time before any other; then the one that tells most different times."""

    def merit(heading: str) -> tuple[bool, int, int]:
        return _named_like_time(heading), len(set(times[heading])), -headings.index(heading)

    return max(times, key=merit)


def _named_like_time(heading: str) -> bool:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]", " ", heading).lower()
    return _TIME_NAMES.search(words) is not None


def _grain(moments: Sequence[datetime]) -> Grain:
    return Grain.HOUR if any(moment.hour or moment.minute for moment in moments) else Grain.DAY


def _format_of(headings: Sequence[str], times: frozenset[str]) -> Format:
    """The vendor's format whose columns these are, as far as it dates its rows by one of them; else any CSV."""
    fitting = [
        (sum(plain_name(heading) in known_names(form) for heading in headings), form)
        for form in FORMATS.values()
        if form.required and form.several is not Several.LATEST and fit(form, headings) == len(form.required)
    ]
    known, form = max(fitting, key=lambda one: one[0], default=(0, FORMATS[ANY_CSV]))
    return form if known >= KNOWN_AT_LEAST and _dating(form, headings) in times else FORMATS[ANY_CSV]


def _dating(form: Format, headings: Sequence[str]) -> str | None:
    """The heading of the column by which the format dates its rows; None where it leaves that open."""
    columns = placed(form, headings)
    dates = dating(form, columns, None)
    return None if dates is None else headings[dates.index]


def _measures(
    headings: Sequence[str], rows: Sequence[Sequence[str]], times: frozenset[str], names: Mapping[str, str]
) -> tuple[tuple[Measure, ...], tuple[str, ...]]:
    numbers = [
        heading
        for position, heading in enumerate(headings)
        if heading not in times and _is_measure(heading, [row[position] for row in rows])
    ]
    if not numbers:
        return (Measure(None, "Rows"),), ()
    chosen = tuple(
        Measure(names[heading], heading, averaged=_SHARES.search(heading.lower()) is not None) for heading in numbers
    )
    return chosen[:WATCHED_AT_MOST], tuple(numbers[WATCHED_AT_MOST:])


def _is_measure(heading: str, cells: Sequence[str]) -> bool:
    """Every filled cell is a number, for one that is none makes the column text; and they are not all alike."""
    filled = [cell for cell in cells if cell.strip() not in NOTHING]
    if _NOT_A_MEASURE.search(heading.lower()) or len(filled) < len(cells) * FILLED:
        return False
    point = point_of(filled, whole=False, likely=".")
    numbers = {number(cell, point) for cell in filled}
    return None not in numbers and len(numbers) > 1
