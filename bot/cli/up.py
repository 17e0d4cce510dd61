"""`quarterdeck up`: runs the team until it is stopped, or simulates it."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bot.cli import exits
from bot.foundation import Foundation, lay_foundation
from bot.logs import set_up_logs
from bot.roots import require_one_root
from bot.settings import Settings, read_settings
from store.kernel.crash import POINTS
from store.kernel.errors import UserMistake

if TYPE_CHECKING:
    from bot.process import Running
    from bot.simulate import Scenario
    from bot.surfaces.console import ConsoleSurface


def up(
    workspace: Path = Path(),
    /,
    *,
    port: Annotated[int | None, Parameter(help="The console's port; 0 takes any free one.")] = None,
    simulate: Annotated[str | None, Parameter(help="Run on simulated time from this day or moment.")] = None,
    until: Annotated[str | None, Parameter(help="The day or moment at which a simulation ends.")] = None,
    speed: Annotated[str, Parameter(help="How fast simulated time passes: 1d/20s, or max.")] = "1d/20s",
    headless: Annotated[bool, Parameter(negative=(), help="Simulate without a console, then exit.")] = False,
    people: Annotated[Path | None, Parameter(help="A script of who answers which approval when.")] = None,
    readings: Annotated[Path | None, Parameter(help="Recorded readings for the simulation.")] = None,
    model_script: Annotated[Path | None, Parameter(help="Scripted replies of the team's models.")] = None,
) -> int:
    """Run the team in WORKSPACE until it is stopped; the console's address is printed when it is ready."""
    require_one_root()
    settings = read_settings(workspace)
    set_up_logs(settings.log_level, settings.log_format)
    import store.actions  # noqa: F401 - declares every transaction, so that its crash points can be armed

    POINTS.arm(settings.crash_at)
    port = settings.console_port if port is None else port
    if simulate is None:
        return _live(workspace, settings, port)
    if headless and until is None:
        raise UserMistake("A headless simulation needs an end.", "Add --until DAY.")
    from bot.simulate import Scenario
    from scheduler.speed import parse_speed

    end = None if until is None else _moment(until)
    scenario = Scenario(_moment(simulate), end, parse_speed(speed), people, readings, model_script)
    return _simulated(workspace, settings, scenario, None if headless else port)


def _live(workspace: Path, settings: Settings, port: int) -> int:
    from bot.process import serve

    foundation = lay_foundation(workspace, settings)
    asyncio.run(serve(foundation, _free(port), _say_ready))
    return exits.DONE


def _simulated(workspace: Path, settings: Settings, scenario: "Scenario", port: int | None) -> int:
    from bot.simulate import make_simulation, run_headless, run_with_console

    foundation: Foundation = lay_foundation(workspace, settings, simulated=True)
    port = None if port is None else _free(port)
    simulation = make_simulation(foundation, scenario, port)
    if port is None:
        run_headless(simulation)
        return exits.DONE
    asyncio.run(run_with_console(simulation, port, lambda console: _say_console(console, foundation)))
    return exits.DONE


def _say_ready(running: "Running") -> None:
    _say_console(running.console, running.foundation)
    for surface in running.surfaces[1:]:
        print(f"{surface.name}: {surface.health().detail}", file=sys.stderr)


def _say_console(console: "ConsoleSurface", foundation: Foundation) -> None:
    first, *others = foundation.team.people
    print(console.login_url(first), flush=True)
    for person in others:
        print(f"for {person}: {console.login_url(person)}", file=sys.stderr, flush=True)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserMistake(f"{text!r} is not a day or moment.", "Write 2026-03-01 or 2026-03-01T08:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _free(port: int) -> int:
    """The port itself, or one that is free now in place of 0."""
    if port:
        return port
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found
