"""A version of the workspace as the record keeps it: schedules, watches, and every mind with its code."""

from agents.minds.builtins import routine_source
from agents.roster import AgentSpec, RoutineMind, Team
from bot.foundation import workspace_schedules
from bot.watching.arrivals import workspace_readers
from bot.workspace.digest import workspace_digest
from store.actions.workspaces import Version
from store.handle import Store
from store.kernel.errors import Retryable, UserMistake
from store.records import KeptMind


def version_of(store: Store, team: Team) -> Version:
    """What the record keeps of this team. Raises Retryable when a file of it changes just now, and UserMistake."""
    minds = tuple(_kept(team, agent) for agent in team.agents.values())
    if workspace_digest(team) != team.digest:
        raise Retryable("The workspace is being written just now.", 1.0)
    return Version(
        digest=team.digest,
        schedules=tuple(workspace_schedules(store, team)),
        readers=tuple(workspace_readers(store, team)),
        minds=minds,
    )


def _kept(team: Team, agent: AgentSpec) -> KeptMind:
    source = _source(team, agent.mind.file) if isinstance(agent.mind, RoutineMind) else None
    mind = agent.mind.model_dump(mode="json")
    return KeptMind(workspace_digest=team.digest, agent_id=agent.id, mind=mind, source=source)


def _source(team: Team, file: str) -> str:
    try:
        return routine_source(team.root, file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserMistake(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from None
