"""`quarterdeck up`: runs the team until it is stopped, or simulates it."""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn
from zoneinfo import ZoneInfo

from cyclopts import Parameter, validators

from bot.cli import exits
from bot.cli.opening import DEFAULT_WORKSPACE, Data, Place
from bot.foundation import Foundation, lay_foundation
from bot.logs import set_up_logs
from bot.roots import require_one_root
from bot.settings import Settings, read_settings
from store.kernel.crash import POINTS
from store.kernel.errors import UserMistake

if TYPE_CHECKING:
    from bot.shift import Shift
    from bot.simulation.scenario import Scenario
    from bot.surfaces.console import ConsoleSurface

DEFAULT_SPEED = "1d/20s"
MAX = "max"


class Asked(NamedTuple):
    """A simulation as it was asked for on the command line."""

    simulate: str
    until: str | None
    speed: str
    people: Path | None
    readings: Path | None
    model_script: Path | None
    skip_to: str | None
    wait_for_people: bool
    data: Path | None


def up(
    workspace: Place = DEFAULT_WORKSPACE,
    /,
    *,
    port: Annotated[
        int | None,
        Parameter(validator=validators.Number(gte=0, lte=65535), help="The console's port; 0 takes any free one."),
    ] = None,
    simulate: Annotated[str | None, Parameter(help="Run on simulated time from this day or moment.")] = None,
    until: Annotated[str | None, Parameter(help="The day or moment at which a simulation ends.")] = None,
    speed: Annotated[
        str | None, Parameter(help="How fast simulated time passes: 1d/20s, or max. Headless it is max.")
    ] = None,
    skip_to: Annotated[
        str | None,
        Parameter(help="Up to this day or moment simulated time does not wait and the --people script answers."),
    ] = None,
    wait_for_people: Annotated[
        bool,
        Parameter(negative=(), show_default=False, help="Simulated time stands still before an approval expires."),
    ] = False,
    headless: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Simulate without a console, then exit.")
    ] = False,
    people: Annotated[Path | None, Parameter(help="A script of who answers which approval when.")] = None,
    readings: Annotated[Path | None, Parameter(help="Recorded readings for the simulation.")] = None,
    model_script: Annotated[Path | None, Parameter(help="Scripted replies of the team's models.")] = None,
    data: Data = None,
) -> int:
    """Run the team until it is stopped.

    When it is ready it prints the address of the console with a login token. SIGINT and SIGTERM stop it in order.

    With --simulate the team lives on simulated time, on a record and files of its own; nothing real is touched.
    """
    require_one_root()
    settings = read_settings(workspace)
    import store.actions  # noqa: F401 - declares every transaction, so that its crash points can be armed

    POINTS.arm(settings.crash_at)
    port = settings.console_port if port is None else port
    if simulate is None:
        _require_absent(
            until=until,
            speed=speed,
            headless=headless,
            people=people,
            readings=readings,
            model_script=model_script,
            skip_to=skip_to,
            wait_for_people=wait_for_people,
        )
        return _live(workspace, settings, port, data)
    if headless and wait_for_people:
        raise UserMistake("A headless simulation has nobody to wait for.", "Leave out --wait-for-people.")
    pace = speed or (MAX if headless else DEFAULT_SPEED)
    asked = Asked(simulate, until, pace, people, readings, model_script, skip_to, wait_for_people, data)
    return _headless(workspace, settings, asked) if headless else _with_console(workspace, settings, asked, port)


def _require_absent(**options: object) -> None:
    """Raises UserMistake for an option that means something only in a simulation: what runs live is not tried out."""
    given = next((name for name, value in options.items() if value), None)
    if given is not None:
        raise UserMistake(f"--{given.replace('_', '-')} works only with --simulate.", "Add --simulate DAY.")


def _live(workspace: Path, settings: Settings, port: int, data: Path | None) -> int:
    from bot.process import serve

    set_up_logs(settings.log_level, settings.log_format)
    foundation = lay_foundation(workspace, settings, data=data)
    if not asyncio.run(serve(foundation, _free(port), _say_ready)):
        _end_at_once()
    return exits.DONE


def _end_at_once() -> NoReturn:
    """Ends the process without waiting for the threads of steps that are still at work, as Python would."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exits.DONE)


def _headless(workspace: Path, settings: Settings, asked: Asked) -> int:
    from bot.simulation.simulate import make_simulation, run_headless

    if asked.until is None:
        raise UserMistake("A headless simulation needs an end.", "Add --until DAY.")
    foundation = _simulated(workspace, settings, asked.data)
    cards = run_headless(make_simulation(foundation, _scenario(asked, foundation), None))
    print(f"Simulated {asked.simulate} to {asked.until}: {cards} cards. To see them: quarterdeck cards --simulated")
    return exits.DONE


def _with_console(workspace: Path, settings: Settings, asked: Asked, port: int) -> int:
    from bot.simulation.simulate import make_simulation, run_with_console

    foundation = _simulated(workspace, settings, asked.data)
    port = _free(port)
    simulation = make_simulation(foundation, _scenario(asked, foundation), port)
    asyncio.run(run_with_console(simulation, port, lambda console: _say_console(console, foundation)))
    return exits.DONE


def _simulated(workspace: Path, settings: Settings, data: Path | None) -> Foundation:
    # A simulated month makes tens of thousands of calls; each is on record, and only trouble is logged unless asked.
    level = settings.log_level if "log_level" in settings.model_fields_set else "warning"
    set_up_logs(level, settings.log_format)
    return lay_foundation(workspace, settings, simulated=True, data=data)


def _scenario(asked: Asked, foundation: Foundation) -> "Scenario":
    from bot.simulation.scenario import Scenario
    from scheduler.speed import parse_speed

    zone = ZoneInfo(foundation.team.timezone)
    return Scenario(
        start=_moment(asked.simulate, zone),
        until=None if asked.until is None else _moment(asked.until, zone),
        speed=parse_speed(asked.speed),
        people=asked.people,
        readings=asked.readings,
        model_script=asked.model_script,
        skip_to=None if asked.skip_to is None else _moment(asked.skip_to, zone),
        waits_for_people=asked.wait_for_people,
    )


def _say_ready(shift: "Shift") -> None:
    _say_console(shift.console, shift.foundation)
    for surface in shift.surfaces[1:]:
        print(f"{surface.name}: {surface.health().detail}", file=sys.stderr)
    for name in shift.foundation.team.surfaces.keys() - {surface.name for surface in shift.surfaces}:
        print(f"{name}: switched off, as there is no token for it; docs/{name}.md says how to get one", file=sys.stderr)


def _say_console(console: "ConsoleSurface", foundation: Foundation) -> None:
    first, *others = foundation.team.people
    print(console.login_url(first), flush=True)
    for person in others:
        print(f"for {person}: {console.login_url(person)}", file=sys.stderr, flush=True)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserMistake(f"{text!r} is not a day or moment.", "Write 2026-03-01 or 2026-03-01T08:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _free(port: int) -> int:
    """The port itself, or one that is free now in place of 0."""
    if port:
        return port
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found
