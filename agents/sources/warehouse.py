"""Answers what is asked of a team's sources, from the files as they are at that moment."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from agents.sources import buckets
from agents.sources.derived import derived_rows
from agents.sources.formats import FORMATS
from agents.sources.gathering import Gathered, Gatherer, Key
from agents.sources.guard import Judged
from agents.sources.port import Point, SourceState, SourceUnusable, State, Table, Window
from agents.sources.room import Room
from agents.sources.spec import SQL_FORMAT, Per, SourceSpec
from agents.sources.standing import standing
from agents.sources.values import exact, fitting
from store.kernel.canonical import Json
from store.kernel.errors import UserMistake

ROWS_SHOWN = 200
ROOMS_KEPT = 32
ROOM_CELLS_KEPT_MAX = 16_000_000
"""Rooms are kept from one question to the next, until they are too many or hold too much; about 20 bytes a cell."""

NOTHING_THERE = frozenset({State.MISSING, State.EMPTY})
"""A query over such a source is a mistake: it would find nothing, and nothing would look like an answer."""


class Warehouse:
    """Keeps the promises of Sources in this process and thread; `folder` is where the files lie."""

    def __init__(self, folder: Path, specs: Mapping[str, SourceSpec]) -> None:
        self._specs = specs
        self._gatherer = Gatherer(folder, specs)
        self._rooms: OrderedDict[Key, Room] = OrderedDict()

    def check(self, scope: Sequence[str], window: Window, now: datetime) -> tuple[SourceState, ...]:
        """As Sources says."""
        return tuple(self._state(self._spec(name), window, now) for name in scope)

    def query(
        self, scope: Sequence[str], sql: str, parameters: Mapping[str, Json], window: Window, now: datetime
    ) -> Table:
        """As Sources says."""
        specs = [self._spec(name) for name in scope]
        room = self._room(specs, now)
        judged = room.judge(sql, [spec.view for spec in specs])
        states = self._reliable([spec for spec in specs if spec.view in judged.tables], window, now)
        answer = room.ask(judged, parameters, ROWS_SHOWN)
        rows = fitting([tuple(exact(cell) for cell in row) for row in answer.rows])
        return Table(
            columns=answer.columns,
            rows=tuple(rows),
            truncated=answer.more or len(rows) < len(answer.rows),
            sources=states,
            sql=answer.sql,
            as_of=now,
            may_hold_strangers_words=self._quote_strangers(spec for spec in specs if spec.view in judged.tables),
        )

    def series(self, source: str, value: str, where: str | None, per: Per, until: datetime) -> tuple[Point, ...]:
        """As Sources says."""
        spec = self._spec(source)
        self._reliable([spec], Window(since=until, until=until), until)
        room = self._room([spec], until)
        judged = room.judge(buckets.select(spec, value, where, per), [spec.view])
        self._require_time(room, spec)
        return buckets.points(room.ask(judged, {}, buckets.POINTS_MAX), spec, per, until)

    def close(self) -> None:
        """Lets go of all rows."""
        while self._rooms:
            self._rooms.popitem()[1].close()

    def _spec(self, name: str) -> SourceSpec:
        if name not in self._specs:
            raise UserMistake(f"There is no source {name!r}.", f"There are: {', '.join(self._specs) or 'none'}.")
        return self._specs[name]

    def _state(self, spec: SourceSpec, window: Window, now: datetime) -> SourceState:
        if spec.reads != SQL_FORMAT:
            gathered = self._gatherer.gather(spec.id, now)
            return standing(spec, gathered.files, gathered.rows, window, now)
        return self._derived_state(spec, window, now)

    def _derived_state(self, spec: SourceSpec, window: Window, now: datetime) -> SourceState:
        """Of a SELECT over others: as bad as the worst of them, else as its own rows stand."""
        try:
            parents = self._parents(spec, self._judge_alone(spec))
            for state in (self._state(parent, window, now) for parent in parents):
                if state.state in NOTHING_THERE or state.state is State.MALFORMED:
                    detail = f"It reads {state.source}: {state.detail}"
                    return state.model_copy(update={"source": spec.id, "detail": detail, "simulated": spec.simulated})
            rows = derived_rows(self._room([spec], now), spec)
        except UserMistake as trouble:
            return SourceState(source=spec.id, state=State.MALFORMED, detail=str(trouble), simulated=spec.simulated)
        files = [one for parent in parents for one in self._gatherer.gather(parent.id, now).files]
        return standing(spec, files, rows, window, now)

    def _reliable(self, specs: Iterable[SourceSpec], window: Window, now: datetime) -> tuple[SourceState, ...]:
        """How these sources stand. Raises SourceUnusable where one holds nothing."""
        states = tuple(self._state(spec, window, now) for spec in specs)
        for one in states:
            if one.state in NOTHING_THERE or (one.state is State.MALFORMED and not one.rows):
                raise SourceUnusable(f"The source {one.source} is {one.state.value}: {one.detail}")
        return states

    def _room(self, specs: Sequence[SourceSpec], now: datetime) -> Room:
        """The database of this scope, with the rows as they are and the views as of `now`."""
        selects = {spec.id: self._judge_alone(spec) for spec in specs if spec.reads == SQL_FORMAT}
        needed = {spec.id: spec for spec in specs if spec.id not in selects}
        for name, judged in selects.items():
            needed |= {parent.id: parent for parent in self._parents(self._spec(name), judged)}
        gathered = [self._gatherer.gather(name, now) for name in sorted(needed)]
        room = self._filled(gathered)
        for each in gathered:
            room.show(each.spec.view, now)
        for name, judged in selects.items():
            room.show(self._spec(name).view, now, room.normal(judged))
        return room

    def _filled(self, gathered: Sequence[Gathered]) -> Room:
        key: Key = tuple(each.key for each in gathered)
        if key not in self._rooms:
            room = self._rooms[key] = Room()
            for each in gathered:
                room.fill(each.spec.view, each.rows, FORMATS[each.spec.reads].columns)
            while self._too_many():
                self._rooms.popitem(last=False)[1].close()
        self._rooms.move_to_end(key)
        return self._rooms[key]

    def _too_many(self) -> bool:
        cells = sum(room.cells for room in self._rooms.values())
        return len(self._rooms) > 1 and (len(self._rooms) > ROOMS_KEPT or cells > ROOM_CELLS_KEPT_MAX)

    def _judge_alone(self, spec: SourceSpec) -> Judged:
        """The SELECT that a source is, over any source of the team that has files."""
        room = self._filled(())
        return room.judge(spec.sql or "", [one.view for one in self._specs.values() if one.reads != SQL_FORMAT])

    def _parents(self, spec: SourceSpec, judged: Judged) -> list[SourceSpec]:
        return [one for one in self._specs.values() if one.view in judged.tables and one.id != spec.id]

    def _quote_strangers(self, specs: Iterable[SourceSpec]) -> bool:
        formats = [FORMATS.get(spec.reads) for spec in specs]
        return any(one is None or one.strangers for one in formats)

    def _require_time(self, room: Room, spec: SourceSpec) -> None:
        if spec.reads == SQL_FORMAT and spec.time is None:
            raise UserMistake(f"The source {spec.id} names no column that dates its rows.", "Say it under `time`.")
        if spec.reads != SQL_FORMAT and not room.timed(spec.view):
            raise UserMistake(f"The rows of {spec.id} carry no time, so they make no series.")
