"""Who a task can be given to: an agent or a person, found by id or name."""

from agents.roster import Team
from store.kernel.errors import UserMistake
from store.records import Owner


def owner_named(team: Team, name: str) -> Owner:
    """The agent or person of this id or name, agents first. Raises UserMistake that names who there is."""
    wanted = name.strip().lower()
    for agent in team.agents.values():
        if wanted in (agent.id, agent.name.lower()):
            return Owner(agent_id=agent.id)
    for person in team.people.values():
        if wanted in (person.id, person.name.lower()):
            return Owner(person_id=person.id)
    there_are = ", ".join((*team.agents, *team.people))
    raise UserMistake(f"There is nobody called {name.strip()!r} here.", f"There are {there_are}.")


def owner_chosen(team: Team, choice: str) -> Owner:
    """The owner that a menu or a choice names as `a/AGENT` or `p/PERSON`. Raises UserMistake when gone since."""
    kind, _, name = choice.partition("/")
    if kind == "a" and name in team.agents:
        return Owner(agent_id=name)
    if kind == "p" and name in team.people:
        return Owner(person_id=name)
    return owner_named(team, name or choice)
