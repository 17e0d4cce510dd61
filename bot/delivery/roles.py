"""An agent's role: what the workspace says it is for, may do and may spend."""

from agents.roster import AgentSpec, RoutineMind, Team
from bot.delivery.channels import rhythms
from store.records import Access, AgentState, Role


def role_of(team: Team, agent_id: str, state: AgentState) -> Role:
    """The role of an agent; of one the team no longer has only that it is gone."""
    agent = team.agents.get(agent_id)
    if agent is None:
        return Role(agent_id=agent_id, name=agent_id, purpose="No longer in the team.", state=None)
    return Role(
        agent_id=agent.id,
        name=agent.name,
        purpose=agent.purpose,
        state=state,
        mind=_mind(agent),
        owns=agent.lane.owns,
        never=agent.lane.never,
        reads=_tools(team, agent, Access.READ),
        writes=_tools(team, agent, Access.WRITE),
        sends=_tools(team, agent, Access.EGRESS),
        rhythms=rhythms(team, agent.id),
        requirement=team.approvals,
        deciders=tuple(person.id for person in team.people_in(team.approvals.role)),
        limits=agent.limits,
    )


def _mind(agent: AgentSpec) -> str:
    if isinstance(agent.mind, RoutineMind):
        return f"routine {agent.mind.file}"
    return f"model {agent.mind.model}" if agent.mind.model else "no model yet"


def _tools(team: Team, agent: AgentSpec, access: Access) -> tuple[str, ...]:
    known = team.policy.registry.tools
    return tuple(name for name in agent.tools if name in known and known[name].access is access)
