"""Standing: which of their roles people act with, where a surface has roles of its own that these are bound to."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from agents.roster import Person, Team
from store.kernel.errors import Retryable
from store.records import Vote


class Memberships(Protocol):
    """Knows who holds which of a surface's own roles."""

    async def held(self, surface: str, account: str) -> frozenset[str]:
        """The ids of the roles that the account holds there at this moment; none for whoever is not there any more.

        Raises Retryable when that cannot be known now. Repeating it changes nothing.
        """
        ...


class NoMemberships:
    """Stands where no surface can be asked: whatever depends on its answer waits."""

    async def held(self, surface: str, account: str) -> frozenset[str]:
        """Raises Retryable."""
        raise Retryable(f"Who holds which role on {surface} cannot be asked here.")


def acting(team: Team, person: Person, surface: str, held: AbstractSet[str]) -> Person:
    """The person as they act from a surface on which the account they use holds the roles `held`.

    A role that is bound there is theirs only while they hold what it is bound to; nothing held there adds a role.
    """
    bound = team.bound_roles(surface)
    missing = frozenset(role for role in person.roles if role in bound and bound[role] not in held)
    return person.model_copy(update={"roles": person.roles - missing}) if missing else person


async def approvers_now(team: Team, votes: Sequence[Vote], memberships: Memberships) -> tuple[Person, ...]:
    """Those who approved, with the roles that hold now for what they did where they did it.

    Whoever has left the team is left out; an account that is not theirs any more holds nothing. Raises Retryable when a
    surface whose word is needed cannot be asked.
    """
    found = [(vote, team.people.get(vote.person_id)) for vote in votes if vote.approve]
    return tuple([await _now(team, person, vote, memberships) for vote, person in found if person is not None])


async def _now(team: Team, person: Person, vote: Vote, memberships: Memberships) -> Person:
    if person.roles.isdisjoint(team.bound_roles(vote.surface)):
        return person
    if person.accounts.get(vote.surface) != vote.account:
        return acting(team, person, vote.surface, frozenset())
    return acting(team, person, vote.surface, await memberships.held(vote.surface, vote.account))
