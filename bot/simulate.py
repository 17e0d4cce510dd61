"""A team on simulated time: the same agents, gate and record, with a clock that steps and people from a script."""

import asyncio
import contextlib
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agents.models.scripted import ScriptedModel
from agents.readings.replay import Recording, ReplayReadings
from bot.compose import Crew, make_console, make_crew
from bot.fleet_watch import FleetWatch
from bot.foundation import Foundation, workspace_schedules
from bot.outbox import Outbox
from bot.scripted_people import ScriptedPeople, read_people_script
from bot.surfaces.console import ConsoleSurface
from scheduler.engine.local_engine import LocalEngine
from scheduler.simulation import Deadlines, Moments, Schedules, SimulatedTime
from scheduler.speed import Speed
from store.actions.outbox import refresh_fleet
from store.actions.schedules import install_schedules
from store.handle import Store
from store.kernel.clock import ManualClock
from store.queries.cards import all_cards
from store.queries.runs import runnable_segments


@dataclass(frozen=True)
class Scenario:
    """What is simulated. None: nobody answers, readings are refused as there are none, models stay silent."""

    start: datetime
    until: datetime | None
    speed: Speed
    people: Path | None = None
    readings: Path | None = None
    model_script: Path | None = None


@dataclass(frozen=True)
class Simulation:
    """A simulated team, ready to run."""

    foundation: Foundation
    crew: Crew
    time: SimulatedTime
    engine: LocalEngine
    scenario: Scenario


def make_simulation(foundation: Foundation, scenario: Scenario, port: int | None) -> Simulation:
    """Builds a simulated team on an empty record; the same workspace and scenario give the same cards."""
    _empty(foundation.folder)
    clock = ManualClock(scenario.start)
    database = foundation.open_database()
    engine = LocalEngine(lambda: runnable_segments(store))
    store = Store(database, clock, engine.enqueue)
    install_schedules(store, workspace_schedules(store, foundation.team))
    url = None if port is None else f"http://127.0.0.1:{port}"
    crew = make_crew(foundation, store, _readings(scenario), _model(foundation, scenario), url)
    engine.start(crew.handler)
    return Simulation(
        foundation,
        crew,
        SimulatedTime(clock, engine, _moments(foundation, crew, scenario), scenario.speed),
        engine,
        scenario,
    )


def run_headless(simulation: Simulation) -> None:
    """Runs to the end and draws every card as it then stands."""
    simulation.time.run(simulation.scenario.until)
    store, presenter = simulation.crew.store, simulation.crew.presenter
    refresh_fleet(store)
    for row in all_cards(store):
        presenter.draw_and_keep(row)
    simulation.engine.stop(1.0)
    store.database.close()


async def run_with_console(simulation: Simulation, port: int, on_ready: Callable[[ConsoleSurface], None]) -> None:
    """Runs beside a console that shows simulated time; the console stays open until the process is stopped."""
    crew = simulation.crew
    console = make_console(simulation.foundation, crew.store, crew.presenter, port)
    await console.start(crew.intake)
    on_ready(console)
    outbox = Outbox(crew.store, simulation.foundation.team, crew.presenter, (console,))
    tasks = [asyncio.create_task(outbox.run()), asyncio.create_task(FleetWatch(crew.store, crew.presenter).run())]
    thread = threading.Thread(
        target=simulation.time.run, args=(simulation.scenario.until,), name="simulated-time", daemon=True
    )
    thread.start()
    try:
        await asyncio.gather(*tasks)
    finally:
        simulation.time.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await console.stop()


def _moments(foundation: Foundation, crew: Crew, scenario: Scenario) -> tuple[Moments, ...]:
    timed: tuple[Moments, ...] = (Schedules(crew.store), Deadlines(crew.store))
    if scenario.people is None:
        return timed
    return (*timed, ScriptedPeople(crew.desk, read_people_script(scenario.people, foundation.team)))


def _readings(scenario: Scenario) -> ReplayReadings:
    if scenario.readings is None:
        return ReplayReadings(Recording(machine=()))
    return ReplayReadings.from_file(scenario.readings)


def _model(foundation: Foundation, scenario: Scenario) -> ScriptedModel | None:
    if scenario.model_script is None:
        return None
    return ScriptedModel.from_file(foundation.team.models, scenario.model_script)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
