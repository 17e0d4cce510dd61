"""What stands before anything runs: the checked workspace, its state folder and its open database."""

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from agents.authority.facts import ToolFacts
from agents.roster import ScheduleSpec, Team
from agents.tools.builtin import builtin_tools
from agents.tools.registry import Registry, tool_facts
from bot.settings import Settings
from bot.workspace import Problem, check_workspace, load_workspace
from bot.workspace.digest import workspace_digest
from scheduler.schedules import next_due
from store.database import Database
from store.handle import Store
from store.kernel.errors import DatabaseUnavailable, UserMistake
from store.migrate import migrate
from store.records import RunLimits, Schedule


@dataclass(frozen=True)
class Foundation:
    """A loaded workspace and where it keeps its state. `folder` exists and is private to this account.

    `data` is the folder of the files that the team's sources are read from; it need not exist. `other_data` is it when
    it was given in place of the workspace's own; None: it is the workspace's own.
    """

    settings: Settings
    workspace: Path
    team: Team
    tools: Registry
    folder: Path
    database_url: str
    data: Path
    other_data: Path | None = None

    def open_database(self) -> Database:
        """The database, brought to this program's schema. Raises UserMistake when it cannot be used now."""
        database = Database(self.database_url)
        try:
            migrate(database)
        except DatabaseUnavailable as error:
            database.close()
            raise UserMistake(error.message, self._where(database)) from error
        except UserMistake:
            database.close()
            raise
        return database

    def _where(self, database: Database) -> str:
        if database.is_sqlite:
            return f"It is kept in {self.folder}; QUARTERDECK_STATE_DIR names another place."
        return "Look at QUARTERDECK_DATABASE_URL, and whether the server runs."


def known_tools() -> Registry:
    """Every tool that exists."""
    return Registry(builtin_tools())


def load_team(workspace: Path, tools: Registry | None = None, *, instead: str | None = None) -> Team:
    """The team that a workspace describes. Raises UserMistake that names everything wrong with it.

    `instead` is read in place of the content of team.yaml: the team as it would be.
    """
    text = None if instead is None else instead.encode()
    return load_workspace(workspace, known_tools=facts_of(tools or known_tools()), instead=text)


def with_data(team: Team, data: Path | None) -> Team:
    """The team over another data folder: its files are not those of which the workspace says that they were made up.

    None: the team as it is.
    """
    if data is None:
        return team
    sources = {name: spec.model_copy(update={"simulated": False}) for name, spec in team.sources.items()}
    changed = team.model_copy(update={"simulated": None, "sources": MappingProxyType(sources)})
    return changed.model_copy(update={"digest": workspace_digest(changed)})


def facts_of(tools: Registry) -> dict[str, ToolFacts]:
    """What authority may know of the tools, by name."""
    return {name: tool_facts(tool.spec) for name in tools.names if (tool := tools.find(name))}


def check_text(workspace: Path, text: str, tools: Registry | None = None) -> list[Problem]:
    """Every problem the workspace would have if its team.yaml were this text."""
    return check_workspace(workspace, known_tools=facts_of(tools or known_tools()), instead=text.encode())


def lay_foundation(
    workspace: Path,
    settings: Settings,
    *,
    simulated: bool = False,
    tools: Registry | None = None,
    data: Path | None = None,
) -> Foundation:
    """Loads the workspace and makes its state folder. Raises UserMistake that names everything wrong with it.

    `tools` are those that exist; None means the builtin ones. A simulated team has a folder and a SQLite file of its
    own inside the state folder, never the real record. `data` takes the place of the workspace's data folder; what the
    workspace says of its own data being made up does not hold for it.
    """
    tools = tools or known_tools()
    team = with_data(load_team(workspace, tools), data)
    folder = state_folder(workspace, settings, simulated=simulated)
    _make_private(folder)
    return Foundation(
        settings=settings,
        workspace=workspace,
        team=team,
        tools=tools,
        folder=folder,
        database_url=database_url(workspace, settings, simulated=simulated),
        data=(data or team.root / team.data).absolute(),
        other_data=data,
    )


def state_folder(workspace: Path, settings: Settings, *, simulated: bool) -> Path:
    """Where the state is kept."""
    folder = settings.state_folder(workspace).resolve()
    return folder / "simulation" if simulated else folder


def database_url(workspace: Path, settings: Settings, *, simulated: bool) -> str:
    """The database's address; a simulation always has its own SQLite file."""
    if simulated:
        return f"sqlite:///{state_folder(workspace, settings, simulated=True) / 'quarterdeck.db'}"
    return settings.database_url_for(workspace)


def workspace_schedules(store: Store, team: Team) -> list[Schedule]:
    """The workspace's schedules as rows, each first due after now."""
    return [_schedule(store, team, spec) for spec in team.schedules]


def _schedule(store: Store, team: Team, spec: ScheduleSpec) -> Schedule:
    schedule = Schedule(
        id=spec.id,
        agent_id=spec.agent,
        cron=spec.cron,
        every_seconds=spec.every_seconds,
        timezone=spec.timezone,
        misfire=spec.misfire,
        misfire_max=spec.misfire_max,
        overlap=spec.overlap,
        lateness_seconds=spec.lateness_seconds,
        input=dict(spec.input),
        limits=_limits(team, spec),
        workspace_digest=team.digest,
        next_fire_at=None,
    )
    return schedule.model_copy(update={"next_fire_at": next_due(schedule, store.clock.now())})


def _limits(team: Team, spec: ScheduleSpec) -> RunLimits:
    own = team.agents[spec.agent].limits
    return own.model_copy(update={"wall_seconds": spec.timeout_seconds or own.wall_seconds, "retries": spec.retries})


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserMistake(
            f"The state folder {folder} cannot be made: {error.strerror}.",
            "Set QUARTERDECK_STATE_DIR to a folder this account may write to.",
        ) from error
