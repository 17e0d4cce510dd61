"""What the Discord surface is given of the settings and of the team."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agents.roster import Team
from bot.delivery.channels import channel_spec
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.surfaces.discord.checkup import Wanted
    from bot.surfaces.discord.settings import DiscordSettings


def discord_settings(given: Settings, team: Team) -> "DiscordSettings | None":
    """Token and server; None without a token, and for a team that is not on Discord."""
    spec = team.surfaces.get("discord")
    if given.discord_token is None or spec is None or spec.server is None:
        return None
    from bot.surfaces.discord.settings import DiscordSettings

    return DiscordSettings(
        token=given.discord_token,
        server_id=spec.server,
        category=spec.category or team.name,
        api_url=given.discord_api_url,
    )


def wanted_of(team: Team) -> "Wanted":
    """The roles, people and closed channels that the workspace asks the server for."""
    from bot.surfaces.discord.checkup import Wanted

    spec = team.surfaces.get("discord")
    people = {each.id: each.accounts["discord"] for each in team.people.values() if "discord" in each.accounts}
    roles = {} if spec is None else spec.roles
    holders = {role: tuple(each.id for each in team.people_in(role)) for role in roles}
    lanes = team.lane_roles("discord")
    return Wanted(roles=roles, people=people, holders=holders, lanes=lanes, closed=_closed(team, lanes))


def _closed(team: Team, lanes: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The channels of agents with a lane role, by the names they have there, with those roles; agents may share one."""
    named = [(channel_spec(team, "discord", agent_id).name, role_id) for agent_id, role_id in sorted(lanes.items())]
    return {
        channel: tuple(dict.fromkeys(role_id for other, role_id in named if other == channel)) for channel, _ in named
    }
