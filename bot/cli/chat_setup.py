"""What setting up a chat platform says and asks of the workspace, the same for each of them."""

from collections.abc import Mapping
from pathlib import Path

from agents.roster import Team
from bot.cli.opening import open_record
from bot.delivery.channels import channel_spec
from bot.surfaces.base import ChannelSpec
from bot.surfaces.checked import Checked
from store.kernel.errors import UserMistake
from store.queries.cards import known_channels

_MARKS: Mapping[bool | None, str] = {True: "ok  ", False: "FAIL", None: "-   "}


def say(found: Checked) -> None:
    """One line for one thing looked at."""
    print(f"{_MARKS[found.ok]} {found.what}: {found.said}", flush=True)


def say_who_approves(team: Team, surface: str, title: str, account: str) -> None:
    """Who can decide there; `account` is how an account is written in the workspace: "U…, the member ID"."""
    people = [person for person in team.people_in(team.approvals.role) if surface in person.accounts]
    names = ", ".join(person.name for person in people)
    nobody = f"nobody with that role has one: add accounts: {{{surface}: {account}}} to people in team.yaml"
    said = names or nobody
    say(Checked(f"{title} accounts with role {team.approvals.role}", True if people else None, said))


def channels_on(workspace: Path, team: Team, surface: str) -> tuple[ChannelSpec, ...]:
    """Each channel once, the team's own first, with the id it is known by where the team has run before."""
    try:
        with open_record(workspace) as (store, _):
            known = known_channels(store, surface)
    except UserMistake:  # there is no record yet
        known = {}
    specs = (channel_spec(team, surface, agent_id) for agent_id in (None, *team.agents))
    once = {spec.name: spec.model_copy(update={"known_id": known.get(spec.name)}) for spec in reversed([*specs])}
    return tuple(reversed(once.values()))
