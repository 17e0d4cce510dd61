"""From a folder of exports to sources and metrics, each proved by reading it once the way the team will."""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from agents.sources.client import SourceReader
from agents.sources.port import SourceState, State, Window
from agents.sources.spec import SourceSpec
from bot.first_hour.choices import Watched, id_of
from bot.first_hour.folder import Export, understand_folder
from bot.first_hour.seen import Seen
from bot.first_hour.surroundings import local_timezone
from bot.first_hour.table import Measure
from bot.first_hour.team_text import FirstAgent, quoted
from store.kernel.errors import UserMistake

SOURCES_AT_MOST = 6
METRICS_AT_MOST = 12
READABLE = frozenset({State.OK, State.LATE, State.OUTSIDE_WINDOW})
FRESH = timedelta(days=2)
"""An export whose newest row is younger than this is one that keeps coming: it is then late after `FRESH_WITHIN`."""
FRESH_WITHIN = "48h"
_LABEL_CHARACTERS = 40


class Source(NamedTuple):
    """One export as a source of the team, with the metrics it is watched by: name → measure."""

    id: str
    export: Export
    state: SourceState
    metrics: dict[str, Measure]


def look_at_tables(watched: Watched, folder: Path, now: datetime) -> Seen:
    """What the exports are about. Raises UserMistake, with what to do, when none of them can be watched."""
    if watched.path is None:
        raise UserMistake("A path is missing.", "Write csv:FOLDER.")
    found = understand_folder(watched.path)
    inside = found.path.resolve().is_relative_to(folder.resolve())
    data = os.path.relpath(found.path.resolve(), folder.resolve()) if inside else "."
    sources, troubles = _read(found.path, found.exports[:SOURCES_AT_MOST], now)
    more = [
        f"{export.glob} is left out: {SOURCES_AT_MOST} exports are enough for one agent."
        for export in found.exports[SOURCES_AT_MOST:]
    ]
    if not sources:
        raise UserMistake("\n  ".join(["None of the files there can be watched:", *troubles, *found.troubles]))
    agent = FirstAgent(
        id="export-watch",
        routine="watch-csv",
        purpose="Watches these exports and says what is out of the ordinary.",
        owns="the figures of these exports",
        sources=tuple(source.id for source in sources),
    )
    said = (*(_said(source) for source in sources), *troubles, *(f"Left out: {one}" for one in found.troubles), *more)
    sections = (_sources_text(data, sources, now), _metrics_text(agent.id, sources))
    return Seen(agent, said, sections, None if inside else found.path)


def _read(folder: Path, exports: Sequence[Export], now: datetime) -> tuple[list[Source], list[str]]:
    """Each export as the team's own reader sees it; what that cannot read is said, in its words."""
    specs = {_source_id(export): _spec(export) for export in exports}
    reader = SourceReader(folder, specs)
    try:
        window = Window(since=now - timedelta(days=1), until=now)
        states = {state.source: state for state in reader.check(tuple(specs), window, now)}
        return _kept(reader, exports, states, now)
    finally:
        reader.close()


def _kept(
    reader: SourceReader, exports: Sequence[Export], states: Mapping[str, SourceState], now: datetime
) -> tuple[list[Source], list[str]]:
    sources: list[Source] = []
    troubles: list[str] = []
    taken: set[str] = set()
    for export in exports:
        state = states[_source_id(export)]
        if state.state not in READABLE:
            troubles.append(f"{export.glob} cannot be watched: {state.detail}")
            continue
        proved = [one for measure in export.table.measures if (one := _proved(reader, export, measure, now))]
        if not proved:
            troubles.append(f"{export.glob} has no column of numbers that can be summed up.")
            continue
        sources.append(Source(state.source, export, state, _metrics(export, proved, taken)))
    return sources, troubles


def _proved(reader: SourceReader, export: Export, measure: Measure, now: datetime) -> Measure | None:
    """The measure as the reader can compute it: as it stands, or out of numbers written as words; None: neither."""
    for one in (measure, measure.from_words):
        try:
            points = reader.series(_source_id(export), one.value, None, export.table.grain.value, now)
        except UserMistake:
            continue
        if points:
            return one
    return None


def _spec(export: Export) -> SourceSpec:
    time = None if export.table.time_is_known else export.table.time
    return SourceSpec(
        id=_source_id(export), reads=export.table.reads, file=export.glob, time=time, timezone=local_timezone()
    )


def _source_id(export: Export) -> str:
    stem = re.sub(r"\.\w+$", "", export.glob).rstrip("*-_. ")
    try:
        return id_of(stem)
    except UserMistake:
        return id_of(f"export {stem}")


def _metrics(export: Export, measures: Sequence[Measure], taken: set[str]) -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for measure in measures:
        if len(taken) >= METRICS_AT_MOST:
            break
        name = _metric_id(measure.label, taken, _source_id(export))
        taken.add(name)
        found[name] = measure
    return found


def _metric_id(label: str, taken: set[str], source: str) -> str:
    """A name of its own for each figure: its heading, with the export's before it where two have the same."""
    plain = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_") or "figure"
    plain = plain if plain[0].isalpha() else f"n_{plain}"
    wanted = [plain[:40], f"{source.replace('-', '_')}_{plain}"[:40]]
    numbered = (f"{plain[:36]}_{number}" for number in range(2, METRICS_AT_MOST + 3))
    return next(name for name in (*wanted, *numbered) if name not in taken)


def _said(source: Source) -> str:
    table, state = source.export.table, source.state
    files = f" ({source.export.files} files)" if source.export.files > 1 else ""
    newest = "" if state.newest is None else f", the newest of {state.newest:%Y-%m-%d}"
    figures = ", ".join(measure.label for measure in source.metrics.values())
    rest = f"; not watched: {', '.join(table.left_out)}" if table.left_out else ""
    large = "" if table.whole else " It is large: its columns were told by its first rows."
    return (
        f"{source.export.glob}{files}: {state.rows} rows, dated by {table.time}{newest}. "
        f"Watched per {table.grain.value}: {figures}{rest}.{large}"
    )


def _sources_text(data: str, sources: Sequence[Source], now: datetime) -> str:
    lines = [f"data: {quoted(data)}", "sources:", *(_source_line(source, now) for source in sources)]
    return "\n".join(lines) + "\n"


def _source_line(source: Source, now: datetime) -> str:
    export, newest = source.export, source.state.newest
    parts = [f"reads: {export.table.reads}", f"file: {quoted(export.glob)}"]
    parts += [] if export.table.time_is_known else [f"time: {quoted(export.table.time)}"]
    parts += [f"fresh_within: {FRESH_WITHIN}"] if newest is not None and now - newest < FRESH else []
    return f"  {source.id}: {{{', '.join(parts)}}}"


def _metrics_text(agent: str, sources: Sequence[Source]) -> str:
    lines = ["metrics:            # what is usual is learnt from the exports themselves: docs/metrics.md"]
    for source in sources:
        for name, measure in source.metrics.items():
            lines += [
                f"  {name}:",
                f"    name: {quoted(measure.label[:_LABEL_CHARACTERS])}",
                f"    agent: {agent}",
                f"    source: {source.id}",
                f"    value: {quoted(measure.value)}",
                f"    per: {source.export.table.grain.value}",
                f"    next_step: {quoted(f'Open {source.export.glob} and look at {measure.label}.')}",
            ]
    return "\n".join(lines) + "\n"
