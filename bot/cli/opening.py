"""Opening the record to read it, beside a process that may be running."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter, validators

from bot.delivery.present import Presenter
from bot.foundation import database_url, lay_foundation
from bot.settings import Settings, read_settings
from store.database import Database
from store.handle import Store
from store.kernel.clock import ManualClock, WallClock
from store.kernel.errors import QuarterdeckError, UserMistake
from store.kernel.ports import Segment, Transaction
from store.migrate import HEAD, schema_version
from store.queries.cards import all_cards

Workspace: TypeAlias = Annotated[
    Path, Parameter(name=["--workspace", "-w"], help="The team's folder, or its team.yaml.")
]
Place: TypeAlias = Annotated[Path, Parameter(help="The team's folder, or its team.yaml.")]
AsJson: TypeAlias = Annotated[
    bool, Parameter(name="--json", negative=(), show_default=False, help="Machine-readable output.")
]
Simulated: TypeAlias = Annotated[
    bool,
    Parameter(
        name="--simulated", negative=(), show_default=False, help="Read the last simulation instead of the real record."
    ),
]
Data: TypeAlias = Annotated[
    Path | None,
    Parameter(
        validator=validators.Path(exists=True, file_okay=False),
        help="The folder the sources' files lie in, instead of the workspace's own.",
    ),
]
DEFAULT_WORKSPACE = Path()


@contextmanager
def open_record(workspace: Path, *, simulated: bool = False) -> Iterator[tuple[Store, Presenter]]:
    """The record of a workspace, to be read. Raises UserMistake when there is none yet, or of another version."""
    settings = read_settings(workspace)
    foundation = lay_foundation(workspace, settings, simulated=simulated)
    database = existing_database(workspace, settings, simulated=simulated)
    try:
        store = Store(database, WallClock(), _nothing_is_enqueued)
        if simulated:
            store = replace(store, clock=_stopped_clock(store))
        yield store, Presenter(store, foundation.team, settings.console_url)
    finally:
        database.close()


def _stopped_clock(store: Store) -> ManualClock:
    """A clock that shows when the simulation last changed anything, so that its "today" is not ours."""
    return ManualClock(max((row.changed_at for row in all_cards(store)), default=store.clock.now()))


def existing_database(workspace: Path, settings: Settings, *, simulated: bool = False) -> Database:
    """The database of a workspace. Raises UserMistake when there is none yet, or of another version."""
    url = database_url(workspace, settings, simulated=simulated)
    how = " --simulate DAY" if simulated else ""
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise UserMistake("There is no record yet.", f"Start the team first: quarterdeck up {workspace}{how}")
    database = Database(url)
    try:
        _require_our_version(database)
    except QuarterdeckError:
        database.close()
        raise
    return database


def _require_our_version(database: Database) -> None:
    with database.read() as connection:
        present = schema_version(connection)
    if present != HEAD:
        raise UserMistake(
            "The record is of another version of Quarterdeck.", "Start the team once to bring it up to date."
        )


def _nothing_is_enqueued(tx: Transaction, segment: Segment) -> None:
    raise AssertionError(f"reading the record enqueues nothing, not even {segment.key} in {tx!r}")
