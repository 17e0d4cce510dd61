"""How a source stands at a moment, in one word and in plain sentences. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from agents.sources.formats import FORMATS
from agents.sources.formats.format import Kind, Several
from agents.sources.port import FileRead, SourceState, State, Window
from agents.sources.reading.parsed import ParsedFile, micros
from agents.sources.rows import Rows
from agents.sources.spec import SourceSpec

ENDED_AFTER = timedelta(days=31)
"""A source that has been silent for longer is not late any more: it has ended, and is out of the window."""

REFUSED_AT_MOST_PCT = 1
"""More rows than this that cannot be read, and the figures of the others cannot be relied on."""

NO_DATA = "No data for this window"
"""How a detail begins when nothing was found in the time asked about, whatever the state."""


def standing(spec: SourceSpec, files: Sequence[ParsedFile], rows: Rows, window: Window, now: datetime) -> SourceState:
    """How the source stands at `now` for the window."""
    moment = micros(now)
    there = sorted(begin for begin, end in zip(rows.begins, rows.ends, strict=True) if end <= moment)
    ended = max((end for end in rows.ends if end <= moment), default=0)
    seen = _Seen(spec, files, rows, there, ended, window, now)
    state, detail = seen.verdict()
    zone = ZoneInfo(spec.timezone)
    return SourceState(
        source=spec.id,
        state=state,
        detail=" ".join([detail, *_remarks(files, rows)]),
        oldest=_moment(there[0], zone) if there and rows.timed else None,
        newest=_moment(there[-1], zone) if there and rows.timed else None,
        rows=len(there),
        in_window=seen.inside,
        refused=sum(one.refused for one in files),
        simulated=spec.simulated,
        files=tuple(FileRead(name=one.name, sha256=one.sha256, rows=count) for one, count in rows.files),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of a source at `now`: `begins` of the rows that had arrived, in order; `ended` is the last end."""

    spec: SourceSpec
    files: Sequence[ParsedFile]
    rows: Rows
    begins: Sequence[int]
    ended: int
    window: Window
    now: datetime

    @property
    def inside(self) -> int:
        """How many of them lie in the window."""
        if not self.rows.timed:
            return len(self.begins)
        return bisect_left(self.begins, micros(self.window.until)) - bisect_left(self.begins, micros(self.window.since))

    def verdict(self) -> tuple[State, str]:
        """The state and what it is, in a sentence or two."""
        broken = self._broken()
        if broken is not None:
            return broken
        if not self.begins:
            return State.OUTSIDE_WINDOW, f"{NO_DATA}: {self._not_yet()}."
        if not self.rows.timed:
            return self._undated()
        form = FORMATS.get(self.spec.reads)
        if form is not None and form.several is Several.LATEST:
            return self._list(goes_stale=form.goes_stale)
        return self._flow()

    def _broken(self) -> tuple[State, str] | None:
        """What is wrong with the files themselves; None when they can be relied on."""
        if not self.files:
            return State.MISSING, f"No file matches {self.spec.file}."
        bad = [one for one in self.files if one.problem is not None and not one.blank]
        if bad:
            return State.MALFORMED, " ".join(f"{one.name} {one.problem}" for one in bad[:3])
        if not self.rows.lines:
            return State.EMPTY, " ".join(f"{one.name} {one.problem or 'has no rows.'}" for one in self.files[:3])
        refused = sum(one.refused for one in self.files)
        read = sum(one.rows for one in self.files)
        if refused * 100 > REFUSED_AT_MOST_PCT * (refused + read):
            return State.MALFORMED, f"{refused} of {refused + read} rows cannot be read."
        return None

    def _flow(self) -> tuple[State, str]:
        """Of rows that keep coming, one day or hour after the other."""
        overdue = self._overdue()
        if not self.inside:
            late = overdue is not None and self._age() <= ENDED_AFTER
            told = f"{NO_DATA}: {self._where()}.{f' {overdue}' if overdue else ''}"
            return (State.LATE if late else State.OUTSIDE_WINDOW), told
        if overdue is not None:
            return State.LATE, overdue
        return State.OK, f"{_rows(self.inside)} in this window, the newest of {self._shown(self.begins[-1])}."

    def _list(self, *, goes_stale: bool) -> tuple[State, str]:
        """Of a list that every export holds whole: that nothing is new in it is no trouble."""
        overdue, newest = self._overdue(), self._shown(self.begins[-1])
        silent = self.window.since - _moment(self.ended, ZoneInfo("UTC"))
        if goes_stale and silent > ENDED_AFTER:
            return State.OUTSIDE_WINDOW, f"{NO_DATA}: nothing in the list is newer than {newest}."
        if overdue is not None:
            return State.LATE, overdue
        return State.OK, f"{_rows(len(self.begins))}, {self.inside} of them of this window, the newest of {newest}."

    def _undated(self) -> tuple[State, str]:
        """Of rows that carry no time, so that only the export itself can be old."""
        dated = max((one.dated for one, _ in self.rows.files if one.dated is not None), default=None)
        said = f" of {dated:%-d %b %Y}" if dated is not None else ""
        limit = self.spec.fresh_within_seconds
        if dated is not None and limit is not None and self._age() > timedelta(seconds=limit):
            return (
                State.LATE,
                f"The export is{said}; a newer one was expected within {_span(timedelta(seconds=limit))}.",
            )
        return State.OK, f"{_rows(len(self.begins))}{said}; they carry no dates, so they are not of this window alone."

    def _age(self) -> timedelta:
        return self.now - _moment(self.ended, ZoneInfo("UTC"))

    def _overdue(self) -> str | None:
        """How late the source is, as a sentence; None when it is not."""
        limit = self.spec.fresh_within_seconds
        if limit is None or self._age() <= timedelta(seconds=limit):
            return None
        newest, expected = self._shown(self.begins[-1]), _span(timedelta(seconds=limit))
        return f"The newest row is of {newest}, {_span(self._age())} old; expected within {expected}."

    def _not_yet(self) -> str:
        if self.rows.timed:
            return f"the first row is of {self._shown(min(self.rows.begins))}"
        first = _moment(min(self.rows.ends), ZoneInfo(self.spec.timezone)) - timedelta(days=1)
        return f"the first export is of {first:%-d %b %Y}"

    def _where(self) -> str:
        """Where the rows are, when none is in the window."""
        since, until = micros(self.window.since), micros(self.window.until)
        before = [begin for begin in self.begins if begin < since]
        after = [begin for begin in self.begins if begin >= until]
        if not after:
            return f"the rows end with {self._shown(before[-1])}"
        if not before:
            return f"the rows begin with {self._shown(after[0])}"
        return f"there are rows until {self._shown(before[-1])} and again from {self._shown(after[0])}"

    def _shown(self, begin: int) -> str:
        """A row's day, and its time where it has one."""
        at = _moment(begin, ZoneInfo(self.spec.timezone))
        whole_day = self.rows.grain is Kind.DAY or (at.hour, at.minute, at.second) == (0, 0, 0)
        return f"{at:%-d %b %Y}" if whole_day else f"{at:%-d %b %Y, %H:%M}"


def _remarks(files: Sequence[ParsedFile], rows: Rows) -> list[str]:
    """What else a reader must know: rows that were refused, and what was left out on purpose."""
    remarks, refused = [], sum(one.refused for one in files)
    if refused:
        reasons = [f"{one.name} {reason}" for one in files for reason in one.reasons][:2]
        more = "; …" if refused > len(reasons) else "."
        remarks.append(f"{_rows(refused)} {'was' if refused == 1 else 'were'} refused: {'; '.join(reasons)}{more}")
    if rows.overlap:
        remarks.append(f"{_rows(rows.overlap)} of earlier exports stand in a later one too and count once.")
    notes = [f"{one.name}: {note}." for one in files for note in one.notes]
    return remarks + notes[:3]


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


def _moment(moment: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment / 1_000_000, UTC).astimezone(zone)


def _span(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    if hours < 1:
        return f"{int(span.total_seconds() // 60)} min"
    if hours < 72:  # noqa: PLR2004 - up to three days a person counts in hours
        return f"{hours} h"
    return f"{hours // 24} days"
