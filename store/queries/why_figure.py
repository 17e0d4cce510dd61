"""The way back of one figure: through every hand it passed, to the tool result it first stood in."""

import sqlalchemy as sa

from store import schema
from store.handle import Store
from store.kernel.errors import NotFound
from store.queries import findings, handoffs, runs
from store.queries.marks import marks_on
from store.queries.why import why
from store.records.digest import Figure
from store.records.mark import STEP, OutputKind, Value
from store.records.why import FigureWhy, Stop
from store.tracing import DEPTH_MAX


def why_figure(store: Store, kind: OutputKind, output_id: str, number: int) -> FigureWhy:
    """What is behind the figure of this number (from 0) of a digest, or behind the value of an alert.

    Raises NotFound when the output, or the figure, is not there.
    """
    figure, place, run_id = _figure(store, kind, output_id, number)
    stops = _stops(store, Value(kind.value, output_id, place))
    last = stops[-1].step if stops else None
    return FigureWhy(
        kind=kind,
        output_id=output_id,
        number=number,
        place=place,
        figure=figure,
        stops=stops,
        marks=tuple(marks_on(store, kind, output_id, place)),
        why=why(store, last.run_id if last else run_id),
    )


def _figure(store: Store, kind: OutputKind, output_id: str, number: int) -> tuple[Figure, str, str]:
    """The figure, its place, and the run that published it."""
    if kind is OutputKind.ALERT:
        alert = findings.alert(store, output_id)
        held = {"lower": alert.lower, "upper": alert.upper, "expected": alert.expected}
        figure = Figure(label=alert.title, value=alert.value, unit=alert.unit, status=alert.state.value, **held)
        return figure, "/value", alert.run_id
    digest = findings.digest(store, output_id)
    if not 0 <= number < len(digest.figures):
        raise NotFound(f"The digest has no figure {number + 1}.", f"It has {len(digest.figures)}.")
    return digest.figures[number], f"/figures/{number}/value", digest.run_id


def _stops(store: Store, value: Value) -> tuple[Stop, ...]:
    found: list[Stop] = []
    current: Value | None = value
    while current is not None and len(found) < DEPTH_MAX:
        source = _source(store, current)
        stop = _stop(store, source) if source is not None else None
        found += [stop] if stop is not None else []
        current = source if source is not None and source.kind == OutputKind.HANDOFF else None
    return tuple(found)


def _source(store: Store, value: Value) -> Value | None:
    table = schema.uses
    here = sa.and_(table.c.output_kind == value.kind, table.c.output_id == value.id, table.c.place == value.place)
    with store.database.read() as connection:
        row = connection.execute(sa.select(table).where(here)).first()
    return Value(row.source_kind, row.source_id, row.source_place) if row else None


def _stop(store: Store, source: Value) -> Stop | None:
    """What stands there; None when it is no longer kept."""
    if source.kind == STEP:
        run_id, _, key = source.id.partition("/")
        step = next((one for one in runs.steps(store, run_id) if one.key == key), None)
        run = runs.find_run(store, run_id)
        return Stop(path=source.place, step=step, agent_id=run.agent_id) if step and run else None
    handoff = handoffs.handoff(store, source.id)
    return Stop(path=source.place, handoff=handoff, agent_id=handoff.sender)
