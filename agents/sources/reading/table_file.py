"""One CSV export, whole: from its text to typed columns."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from agents.sources.formats.format import TIMES, Column, Format, Kind
from agents.sources.reading.cells import SCALE_MAX, Misfit, Read, own_kind, reader, scale_of, time_kind
from agents.sources.reading.columns import Placed, dating, fit, placed, trouble_with
from agents.sources.reading.grid import Grid, grid_of
from agents.sources.reading.moments import Period
from agents.sources.reading.numbers import Point
from agents.sources.reading.parsed import ParsedFile, Refusals, Stored, Times, decimal_type, micros, summed_up

_NUMBERS = frozenset({Kind.WHOLE, Kind.DECIMAL, Kind.RATIO})


def read_table(name: str, sha256: str, text: str, form: Format, zone: ZoneInfo, *, time: str | None) -> ParsedFile:
    """The rows of an export of this format. What is wrong with it as a whole is its `problem`; nothing is raised.

    `time` names the column that dates the rows where the format does not say.
    """
    grid = grid_of(text, lambda header: fit(form, header), enough=max(1, len(form.required)), commented=form.commented)
    if not grid.header:
        return ParsedFile(name=name, sha256=sha256, blank=True, problem="is empty.")
    columns = placed(form, grid.header)
    trouble = trouble_with(form, columns, time)
    if trouble is not None:
        return ParsedFile(name=name, sha256=sha256, problem=trouble)
    return _Reading(grid, form, zone, columns, dating(form, columns, time)).file(name, sha256)


class _Reading:
    """One table on its way from cells to values."""

    def __init__(
        self, grid: Grid, form: Format, zone: ZoneInfo, columns: tuple[Placed, ...], dated_by: Placed | None
    ) -> None:
        self._grid = grid
        self._form = form
        self._zone = zone
        self._columns = columns
        self._dated_by = dated_by
        self._kinds = {one.index: self._kind(one) for one in columns}
        self._refusals = Refusals()
        self._notes = list(grid.notes)

    def file(self, name: str, sha256: str) -> ParsedFile:
        """The file as read."""
        for line, trouble in self._grid.broken:
            self._refusals.add(line, trouble)
        kept, lines = self._rows()
        grain = None if self._dated_by is None else self._kinds[self._dated_by.index]
        return ParsedFile(
            name=name,
            sha256=sha256,
            columns=self._stored(kept),
            words=tuple(one.name for one in self._columns if self._kinds[one.index] is Kind.TEXT),
            times=self._times(kept),
            grain=grain,
            lines=lines,
            refused=self._refusals.count,
            reasons=self._refusals.reasons,
            notes=summed_up(self._notes),
            problem=self._problem(lines),
            blank=not lines and not self._refusals.count,
        )

    def _problem(self, lines: Sequence[int]) -> str | None:
        if self._grid.cut_off:
            return "is cut off: its last line is not whole. What stands before it was read."
        if lines:
            return None
        return "has no row that can be read." if self._refusals.count else "has a header and no rows."

    def _kind(self, one: Placed) -> Kind:
        if one == self._dated_by and one.kind not in TIMES:
            return time_kind(self._cells(one))
        return one.kind or own_kind(list(self._cells(one)))

    def _cells(self, one: Placed) -> Iterator[str]:
        return (row[one.index] for _, row in self._grid.rows)

    def _rows(self) -> tuple[list[list[object]], list[int]]:
        readers = [self._reader(one) for one in self._columns]
        about = [one.index for one in self._columns if self._kinds[one.index] not in _NUMBERS]
        kept: list[list[object]] = []
        lines: list[int] = []
        for line, cells in self._grid.rows:
            if self._form.commented and about and not any(cells[index].strip() for index in about):
                self._notes.append("a row of totals left out")  # figures, and nothing that they are about
                continue
            try:
                values = [read(cell) for read, cell in zip(readers, cells, strict=True)]
            except Misfit:
                self._refusals.add(line, self._misfit(readers, cells))
                continue
            if self._dated_by is not None and values[self._dated_by.index] is None:
                self._refusals.add(line, f"has nothing under {self._dated_by.said}, which dates it")
                continue
            kept.append(values)
            lines.append(line)
        return kept, lines

    def _misfit(self, readers: Sequence[Read], cells: Sequence[str]) -> str:
        """Which cell of a row is not what its column holds."""
        for one, read in zip(self._columns, readers, strict=True):
            try:
                read(cells[one.index])
            except Misfit as misfit:
                return f"holds {misfit} under {one.said}"
        raise ValueError("every cell fits")

    def _reader(self, one: Placed) -> Read:
        likely: Point = "," if self._grid.delimiter == ";" and one.column is not None else "."
        column = Column(one.name, (), self._kinds[one.index], utc=one.column is not None and one.column.utc)
        return reader(column, self._cells(one), self._zone, likely, self._grid.starts)

    def _times(self, kept: list[list[object]]) -> Times | None:
        if self._dated_by is None:
            return None
        times = Times()
        for values in kept:
            said = values[self._dated_by.index]
            if isinstance(said, Period):
                times.begins.append(micros(said.begin))
                times.ends.append(micros(said.end))
                times.locals.append(micros(said.local))
        return times

    def _stored(self, kept: list[list[object]]) -> tuple[Stored, ...]:
        columns = [
            _column(one.name, self._kinds[one.index], [values[one.index] for values in kept]) for one in self._columns
        ]
        return tuple(columns + self._own_day(kept))

    def _own_day(self, kept: list[list[object]]) -> list[Stored]:
        """The day of rows that only name an hour, where the format has days too."""
        days = any(one.name == "date" for one in self._form.columns)
        if self._dated_by is None or not days or any(one.name == "date" for one in self._columns):
            return []
        return [_column("date", Kind.DAY, [values[self._dated_by.index] for values in kept])]


def _column(name: str, kind: Kind, values: list[object]) -> Stored:
    if kind is Kind.TEXT:
        return Stored(name, "VARCHAR", values)
    if kind is Kind.WHOLE:
        return Stored(name, "BIGINT", values)
    if kind in _NUMBERS:
        return _decimals(name, [value if isinstance(value, Decimal) else None for value in values])
    said = [value.local if isinstance(value, Period) else None for value in values]
    if kind is Kind.DAY:
        return Stored(name, "DATE", [one.date().isoformat() if one else None for one in said])
    return Stored(name, "TIMESTAMP", [one.isoformat(sep=" ") if one else None for one in said])


def _decimals(name: str, values: list[Decimal | None]) -> Stored:
    """Exact, with as many digits after the point as the column has; the few beyond SCALE_MAX are rounded."""
    scale = min(SCALE_MAX, max((scale_of(value) for value in values if value is not None), default=0))
    whole = max((len(str(abs(int(value)))) for value in values if value is not None), default=1)
    cells: list[object] = [None if value is None else f"{value:.{scale}f}" for value in values]
    return Stored(name, decimal_type(scale, whole + scale), cells)
