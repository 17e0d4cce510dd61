"""Permission: who may do what is asked of a role, with the roles that hold where they act."""

from agents.roster import Person, Team
from blocks.words import place


def eligible(team: Team, acting: Person, role: str) -> frozenset[str]:
    """The people in the role now; whoever acts is one of them only where the role holds."""
    others = {person.id for person in team.people_in(role) if person.id != acting.id}
    return frozenset(others | {acting.id} if role in acting.roles else others)


def not_held_here(team: Team, acting: Person, role: str, surface: str) -> str:
    """What to add to a refusal when the person has the role, but not what it is bound to where they act; else empty."""
    if role in acting.roles or not team.in_role(acting.id, role):
        return ""
    return f" The team gives you the role {role}, but {place(surface)} you do not hold the role it is bound to."
