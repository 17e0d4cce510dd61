"""A team on simulated time: the same agents, gate and record, with a clock that steps and people from a script.

Nothing real is touched: the record, the files and the answers of people and models are the simulation's own.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from agents.roster import Team
from bot.compose import Crew, make_console, make_crew
from bot.delivery.fleet_watch import FleetWatch
from bot.delivery.outbox import Outbox
from bot.foundation import Foundation, workspace_schedules
from bot.knowledge import install_topics
from bot.simulation.folder import FILES_FOLDER, take_folder
from bot.simulation.private_copy import privately
from bot.simulation.replayed_channels import ReplayedChannels
from bot.simulation.scenario import Scenario, Script, read_scenario
from bot.simulation.scripted_alerts import ScriptedAlerts
from bot.simulation.scripted_people import ScriptedPeople
from bot.starts import start_at_boot
from bot.stopping import listen_for_stop, until_stopped
from bot.surfaces.console import ConsoleSurface
from bot.watching.arrivals import Arrivals, workspace_readers
from scheduler.engine.file_lock import FileLock
from scheduler.engine.local_engine import LocalEngine
from scheduler.simulation import Deadlines, Schedules, SimulatedTime, Undecided, no_limit
from store.actions.outbox import refresh_fleet
from store.actions.schedules import install_schedules
from store.actions.watching import install_watches
from store.handle import Store
from store.kernel.clock import ManualClock
from store.queries.cards import all_cards
from store.queries.runs import runnable_segments

STOP_SECONDS = 20.0
"""How long the segment in progress may take when a simulation is stopped."""


@dataclass(frozen=True)
class Simulation:
    """A simulated team, ready to run. `lock` keeps every other simulation out of its folder.

    `skipped` is the time that does not wait, before `time`; None: there is none.
    """

    foundation: Foundation
    scenario: Scenario
    crew: Crew
    skipped: SimulatedTime | None
    time: SimulatedTime
    engine: LocalEngine
    lock: FileLock

    def pass_time(self) -> None:
        """Runs to the scenario's end, or until `stop`. Blocks."""
        if self.skipped is not None:
            self.skipped.run(self.scenario.skip_to)
        self.time.run(self.scenario.until)

    def stop(self) -> None:
        """Ends `pass_time` after the segment in progress. Safe from any thread."""
        if self.skipped is not None:
            self.skipped.stop()
        self.time.stop()


def make_simulation(foundation: Foundation, scenario: Scenario, port: int | None) -> Simulation:
    """Builds a simulated team on an empty record; the same workspace and scenario give the same cards.

    Raises UserMistake for a scenario that cannot be simulated, with the earlier simulation still there, and for files
    that cannot be copied.
    """
    script = read_scenario(scenario, foundation.team)
    lock = take_folder(foundation.folder)
    foundation = replace(foundation, team=_own_files(foundation, script))
    clock = ManualClock(scenario.start)
    database = foundation.open_database()
    engine = LocalEngine(lambda: runnable_segments(store))
    store = Store(database, clock, engine.enqueue)
    install_schedules(store, workspace_schedules(store, foundation.team))
    install_watches(store, workspace_readers(store, foundation.team))
    install_topics(store, foundation.team)
    url = None if port is None else f"http://127.0.0.1:{port}"
    crew = make_crew(foundation, store, script.readings, script.model, url)
    engine.start(crew.handler)
    start_at_boot(store, foundation.team)
    others = ReplayedChannels(store, foundation.team, script.readings.messages)
    moments = (Schedules(store), Deadlines(store), others, Arrivals(store, foundation.team))
    people = (ScriptedPeople(crew.desk, script.people), ScriptedAlerts(crew.desk, script.people.alerts))
    scripted = (*moments[:3], *people, *moments[3:])
    skips = scenario.skip_to is not None
    limit = Undecided(store) if scenario.waits_for_people else no_limit
    skipped = SimulatedTime(clock, engine, scripted) if skips else None
    time = SimulatedTime(clock, engine, moments if skips else scripted, scenario.speed, limit)
    return Simulation(foundation, scenario, crew, skipped, time, engine, lock)


def run_headless(simulation: Simulation) -> int:
    """Runs to the end, draws every card as it then stands, and returns how many there are."""
    simulation.pass_time()
    store, presenter = simulation.crew.store, simulation.crew.presenter
    refresh_fleet(store)
    cards = all_cards(store)
    for row in cards:
        presenter.draw_and_keep(row)
    close_simulation(simulation)
    return len(cards)


async def run_with_console(simulation: Simulation, port: int, on_ready: Callable[[ConsoleSurface], None]) -> None:
    """Runs beside a console that shows simulated time, until SIGINT or SIGTERM; raises what made it fail."""
    crew = simulation.crew
    console = make_console(simulation.foundation, crew.store, crew.presenter, port)
    await console.start(crew.intake)
    told = listen_for_stop()
    on_ready(console)
    outbox = Outbox(crew.store, simulation.foundation.team, crew.presenter, (console,))
    tasks = (
        asyncio.create_task(_pass_time(simulation), name="simulated time"),
        asyncio.create_task(outbox.run(), name="outbox"),
        asyncio.create_task(FleetWatch(crew.store, crew.presenter).run(), name="fleet"),
    )
    failed = await until_stopped(told, tasks)
    simulation.stop()
    await console.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.to_thread(close_simulation, simulation)
    for task in failed:
        task.result()


async def _pass_time(simulation: Simulation) -> None:
    """Runs to the end of the scenario, then waits: what it came to stays to be looked at."""
    await asyncio.to_thread(simulation.pass_time)
    await asyncio.Event().wait()


def _own_files(foundation: Foundation, script: Script) -> Team:
    return privately(script.team, foundation.folder / FILES_FOLDER, leave_out=foundation.folder.parent)


def close_simulation(simulation: Simulation) -> None:
    """Ends it and lets go of its folder; its record stays to be read until the next one begins."""
    simulation.engine.stop(STOP_SECONDS)
    simulation.crew.sources.close()
    simulation.crew.store.database.close()
    simulation.lock.release()
