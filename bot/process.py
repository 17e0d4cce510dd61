"""The running team: what `quarterdeck up` starts, keeps going and stops in order."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from agents.models.gateway_client import GatewayModel
from agents.readings.live import LiveReadings
from bot.address import forget_address, write_address
from bot.compose import Crew, make_chat_surfaces, make_console, make_crew, make_model
from bot.delivery.fleet_watch import FleetWatch
from bot.delivery.outbox import Outbox
from bot.delivery.role_cards import refresh_roles
from bot.delivery.surface_care import SurfaceCare
from bot.foundation import Foundation, workspace_schedules
from bot.inbound.files import FileReader
from bot.knowledge import install_topics
from bot.monitor.team import make_deadman
from bot.retention.nightly import Nightly
from bot.starts import start_at_boot
from bot.stopping import listen_for_stop, until_stopped
from bot.surfaces.base import Surface
from bot.surfaces.console import ConsoleSurface
from bot.watching.arrivals import Arrivals, workspace_readers
from scheduler.clock import AlarmClock
from scheduler.engine.dbos_engine import DbosEngine
from scheduler.keeper import Keeper, Limits
from store.actions.restores import begin_after_restore
from store.actions.schedules import install_schedules
from store.actions.watching import install_watches
from store.database import Database
from store.handle import Store
from store.kernel.clock import WallClock

log = structlog.get_logger()

STOP_SECONDS = 20.0
"""How long running segments may take to reach a safe place when the process is asked to stop; the rest resume later."""

WORK_THREADS = 32
"""For everything that blocks. Python's own pool has four more than the machine has cores: on a small one the cards that
are drawn and sent take them all, and a press waits for a thread before it can be stored."""


@dataclass(frozen=True)
class Running:
    """A team that has started."""

    foundation: Foundation
    database: Database
    engine: DbosEngine
    keeper: Keeper
    alarm: AlarmClock
    crew: Crew
    console: ConsoleSurface
    surfaces: tuple[Surface, ...]
    model: GatewayModel | None
    tasks: tuple[asyncio.Task[None], ...]


async def start(foundation: Foundation, port: int) -> Running:
    """Starts everything, the console first; raises UserMistake when the port or the database is taken by another."""
    clock = WallClock()
    database = await asyncio.to_thread(foundation.open_database)
    engine = DbosEngine(database, clock)
    await asyncio.to_thread(engine.prepare)
    store = Store(database, clock, engine.enqueue)
    await asyncio.to_thread(begin_after_restore, store)
    await asyncio.to_thread(install_schedules, store, workspace_schedules(store, foundation.team))
    await asyncio.to_thread(install_watches, store, workspace_readers(store, foundation.team))
    await asyncio.to_thread(install_topics, store, foundation.team)
    url = foundation.settings.console_url or _url(foundation, port)
    model = make_model(foundation)
    crew = make_crew(foundation, store, LiveReadings(foundation.team.root), model, url)
    console = make_console(foundation, store, crew.presenter, port)
    surfaces = (console, *make_chat_surfaces(foundation, store))
    console.neighbours = surfaces[1:]
    keeper, alarm = _keeper(foundation, store, engine), AlarmClock(store, engine, foundation.settings.sweep_seconds)
    for surface in surfaces:
        if isinstance(surface, FileReader):
            crew.files.read_from(surface.name, surface)
        await surface.start(crew.intake)
    await asyncio.to_thread(_begin_work, foundation, crew, engine, keeper, alarm)
    tasks = _background(foundation, crew, surfaces, alarm)
    write_address(foundation.folder, console.url)
    return Running(foundation, database, engine, keeper, alarm, crew, console, surfaces, model, tasks)


async def stop(running: Running) -> bool:
    """Stops taking work, lets what runs reach a safe place, and closes everything; nothing on record is lost.

    False: a step is still at work after STOP_SECONDS. What it uses stays open, so that nothing is recorded as failed;
    end the process at once, and the next start continues it as after a crash.
    """
    forget_address(running.foundation.folder, running.console.url)
    await asyncio.to_thread(running.alarm.stop)
    for surface in reversed(running.surfaces):
        await surface.stop()
    for task in running.tasks:
        task.cancel()
    await asyncio.gather(*running.tasks, return_exceptions=True)
    drained = await asyncio.to_thread(running.engine.stop, STOP_SECONDS)
    if drained:
        running.keeper.stop()
        if running.model is not None:
            await asyncio.to_thread(running.model.close)
        await asyncio.to_thread(running.crew.sources.close)
        running.database.close()
    log.info("stopped", drained=drained)
    return drained


async def serve(foundation: Foundation, port: int, on_ready: Callable[[Running], None]) -> bool:
    """Runs the team until SIGINT or SIGTERM. False: end the process at once, as `stop` says."""
    asyncio.get_running_loop().set_default_executor(work_threads())
    running = await start(foundation, port)
    told = listen_for_stop()
    on_ready(running)
    failed = await until_stopped(told, running.tasks)
    drained = await stop(running)
    for task in failed:
        task.result()  # a background task ends only by failing: say so
    return drained


def work_threads() -> ThreadPoolExecutor:
    """The threads a running team's event loop has for what blocks; the loop's end is theirs."""
    return ThreadPoolExecutor(WORK_THREADS, thread_name_prefix="work")


def _begin_work(foundation: Foundation, crew: Crew, engine: DbosEngine, keeper: Keeper, alarm: AlarmClock) -> None:
    keeper.start()
    engine.start(crew.handler)
    alarm.start()
    refresh_roles(crew.store, foundation.team, crew.presenter)
    start_at_boot(crew.store, foundation.team)


def _background(
    foundation: Foundation, crew: Crew, surfaces: tuple[Surface, ...], alarm: AlarmClock
) -> tuple[asyncio.Task[None], ...]:
    takeover = 0.0 if crew.store.database.is_sqlite else float(foundation.settings.keeper_ttl_seconds)
    outbox = Outbox(crew.store, foundation.team, crew.presenter, surfaces, takeover)
    watch = FleetWatch(crew.store, crew.presenter)
    deadman = make_deadman(foundation.settings, crew.store, alarm, outbox)
    cares = [SurfaceCare(crew.store, foundation.team, outbox.channels, surface) for surface in surfaces]
    return (
        asyncio.create_task(outbox.run(), name="outbox"),
        *(asyncio.create_task(care.run(), name="care") for care in cares),
        asyncio.create_task(crew.intake.keep_recovering(), name="intake"),
        asyncio.create_task(watch.run(), name="fleet"),
        asyncio.create_task(Arrivals(crew.store, foundation.team).run(), name="arrivals"),
        asyncio.create_task(crew.homes.run(surfaces), name="homes"),
        asyncio.create_task(Nightly(crew.store, foundation.team, crew.files.shelf).run(), name="retention"),
        *((asyncio.create_task(deadman.run(), name="deadman"),) if deadman is not None else ()),
    )


def _keeper(foundation: Foundation, store: Store, engine: DbosEngine) -> Keeper:
    dead = float(foundation.settings.keeper_ttl_seconds)
    return Keeper(store, engine, Limits(beat_seconds=dead / 6, fence_seconds=dead * 2 / 3, dead_seconds=dead))


def _url(foundation: Foundation, port: int) -> str:
    host = foundation.settings.console_host
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', 'localhost') else host}:{port}"  # noqa: S104 - compared, not bound
