"""Everything that knows the team: made when it starts, and made anew when its workspace changes, while work goes on."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.models.gateway_client import GatewayModel
from agents.readings.live import LiveReadings
from bot.compose import Crew, make_chat_surfaces, make_console, make_crew, make_model
from bot.delivery.fleet_watch import FleetWatch
from bot.delivery.outbox import Outbox
from bot.delivery.sought import keep_findable
from bot.delivery.surface_care import SurfaceCare
from bot.foundation import Foundation
from bot.hiring.verdict import rehearse
from bot.inbound.files import FileReader
from bot.monitor.team import make_deadman
from bot.reload.bench import Bench
from bot.reload.changes import Changes
from bot.reload.watch import WorkspaceWatch
from bot.retention.nightly import Nightly
from bot.surfaces.base import Surface
from bot.surfaces.console import ConsoleSurface
from bot.watching.arrivals import Arrivals
from scheduler.clock import AlarmClock
from scheduler.engine.dbos_engine import DbosEngine
from scheduler.keeper import Keeper
from store.database import Database
from store.handle import Store
from store.kernel.ports import Segment


class Relay:
    """What the engine calls: hands each segment to the shift that is on now."""

    def __init__(self) -> None:
        self.handler: Callable[[Segment], None] | None = None

    def __call__(self, segment: Segment) -> None:
        """Runs the segment. RuntimeError before the first shift is on, which is a bug."""
        if self.handler is None:
            raise RuntimeError("no shift is on")
        self.handler(segment)


@dataclass(frozen=True)
class Base:
    """What runs on, whatever the workspace comes to say."""

    database: Database
    engine: DbosEngine
    keeper: Keeper
    alarm: AlarmClock
    store: Store
    port: int
    relay: Relay
    changes: Changes


@dataclass(frozen=True)
class Shift:
    """Everything that knows one version of the team. Without `tasks` until they are begun."""

    foundation: Foundation
    crew: Crew
    console: ConsoleSurface
    surfaces: tuple[Surface, ...]
    model: GatewayModel | None
    tasks: tuple[asyncio.Task[None], ...] = ()


async def open_shift(base: Base, foundation: Foundation, before: Shift | None = None) -> Shift:
    """Makes the shift and opens its surfaces, the console first; the engine's segments are its own from now on.

    The gateway to the models of the shift `before` goes on where both name the same models. Raises UserMistake when a
    surface cannot be opened; then none is.
    """
    url = foundation.settings.console_url or _url(foundation, base.port)
    model = _model(foundation, before)
    bench = Bench(base.store, foundation, base.changes.offer, rehearse)
    crew = make_crew(foundation, base.store, LiveReadings(foundation.team.root), model, url, bench=bench)
    console = make_console(foundation, base.store, crew.presenter, base.port)
    surfaces = (console, *make_chat_surfaces(foundation, base.store))
    console.neighbours = surfaces[1:]
    opened: list[Surface] = []
    try:
        for surface in surfaces:
            if isinstance(surface, FileReader):
                crew.files.read_from(surface.name, surface)
            opened.append(surface)
            await surface.start(crew.intake)
    except BaseException:
        await _stop(opened)
        raise
    base.relay.handler = crew.handler
    return Shift(foundation, crew, console, surfaces, model)


def background(base: Base, shift: Shift) -> tuple[asyncio.Task[None], ...]:
    """Begins what the shift does unasked; each of these ends only by failing."""
    foundation, crew, surfaces = shift.foundation, shift.crew, shift.surfaces
    takeover = 0.0 if crew.store.database.is_sqlite else float(foundation.settings.keeper_ttl_seconds)
    outbox = Outbox(crew.store, foundation.team, crew.presenter, surfaces, takeover)
    watch = FleetWatch(crew.store, crew.presenter)
    deadman = make_deadman(foundation.settings, crew.store, base.alarm, outbox)
    cares = [SurfaceCare(crew.store, foundation.team, outbox.channels, surface) for surface in surfaces]
    edits = WorkspaceWatch(Bench(base.store, foundation, base.changes.offer))
    return (
        asyncio.create_task(outbox.run(), name="outbox"),
        *(asyncio.create_task(care.run(), name="care") for care in cares),
        asyncio.create_task(crew.intake.keep_recovering(), name="intake"),
        asyncio.create_task(watch.run(), name="fleet"),
        asyncio.create_task(Arrivals(crew.store, foundation.team).run(), name="arrivals"),
        asyncio.create_task(crew.homes.run(surfaces), name="homes"),
        asyncio.create_task(Nightly(crew.store, foundation.team, crew.files.shelf).run(), name="retention"),
        asyncio.create_task(keep_findable(crew.store), name="search"),
        *((asyncio.create_task(deadman.run(), name="deadman"),) if deadman is not None else ()),
        asyncio.create_task(edits.run(), name="edits"),
    )


async def close_shift(shift: Shift) -> None:
    """Closes its surfaces and ends what it does unasked. Segments at work go on; so does its gateway to models."""
    await _stop(shift.surfaces)
    for task in shift.tasks:
        task.cancel()
    await asyncio.gather(*shift.tasks, return_exceptions=True)


async def _stop(surfaces: Sequence[Surface]) -> None:
    for surface in reversed(surfaces):
        await surface.stop()


def _model(foundation: Foundation, before: Shift | None) -> GatewayModel | None:
    if before is not None and before.foundation.team.models == foundation.team.models:
        return before.model
    return make_model(foundation)


def _url(foundation: Foundation, port: int) -> str:
    host = foundation.settings.console_host
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', 'localhost') else host}:{port}"  # noqa: S104 - compared, not bound
