"""Who sees the team's channels: written over them by the set-up command, and by nothing else."""

from collections.abc import Mapping, Sequence

from bot.surfaces.discord.checkup import Wanted, held_by, lanes_of
from bot.surfaces.discord.making import mark_of
from bot.surfaces.discord.permissions import Overwrite, Standing, is_private, visibility
from bot.surfaces.discord.server import Channel, Role, roles_of, write_overwrite
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.crash import outside
from store.records import Record

REASON = "Quarterdeck set-up"
"""What the server's audit log says of it."""


class Admitted(Record):
    """The roles and people of the team that a closed channel is opened for, and who they are in words."""

    overwrites: tuple[Overwrite, ...]
    said: str


class Access:
    """Opens channels for those who are to see them, and closes those of agents with a lane role to all but those.

    `admitted` are the team's roles and people; when `private` is False whoever sees the server sees what has no lane
    role. `there` are the server's roles by id.
    """

    def __init__(
        self,
        web: DiscordWeb,
        here: Standing,
        wanted: Wanted,
        admitted: Admitted,
        there: Mapping[str, Role],
        *,
        private: bool,
    ) -> None:
        self._web = web
        self._here = here
        self._wanted = wanted
        self._admitted = admitted
        self._there = there
        self._private = private

    @property
    def said(self) -> str:
        """Who sees a channel without a lane role, in words."""
        return self._admitted.said if self._private else "whoever sees the server; --private closes them"

    def said_of(self, channel: Channel) -> str | None:
        """Who sees a channel with a lane role, in words; None for any other."""
        if not lanes_of(channel, self._here, self._wanted):
            return None
        return ", ".join([*(f"members of @{role.name}" for role in self._lane_roles(channel)), self._admitted.said])

    async def write(self, channel: Channel) -> None:
        """Writes what differs from what the channel, or category, has; what others have written over it stays."""
        from discord.http import Route

        place = "/channels/{channel_id}/permissions/{target}"
        for each in visibility(channel.overwrites, self._here, self._seeing(channel)):
            with outside("surface.channel"):
                route = Route("PUT", place, channel_id=channel.id, target=each.id)
                await self._web.call(route, body=write_overwrite(each), reason=REASON)

    def _seeing(self, channel: Channel) -> list[Overwrite] | None:
        """The roles and members who see it; None: whoever sees the server."""
        if not self._private and not lanes_of(channel, self._here, self._wanted):
            return None
        lanes = [Overwrite(id=role.id) for role in self._lane_roles(channel)]
        return [*lanes, *(each for each in self._admitted.overwrites if each not in lanes)]

    def _lane_roles(self, channel: Channel) -> list[Role]:
        """Those that are there and that people can be given: where there are none it is closed all the same."""
        found = (self._there.get(role_id) for role_id in lanes_of(channel, self._here, self._wanted))
        return [role for role in found if role is not None and not role.managed]


async def access(web: DiscordWeb, here: Standing, wanted: Wanted, *, private: bool) -> Access:
    """For a private team its roles and people, as far as the server has them; else whoever sees the server."""
    there = await roles_of(web, here.server_id)
    return Access(web, here, wanted, await _admitted(web, here, wanted, there), there, private=private)


async def _admitted(web: DiscordWeb, here: Standing, wanted: Wanted, there: Mapping[str, Role]) -> Admitted:
    held = await held_by(web, here.server_id, wanted.people)
    named = {name: role_id for name, role_id in wanted.roles.items() if role_id in there}
    present = {name: account for name, account in wanted.people.items() if name in held}
    roles = [Overwrite(id=role_id) for role_id in sorted(set(named.values()))]
    members = [Overwrite(id=account, member=True) for account in sorted(present.values())]
    who = ", ".join([*(f"members of role {name}" for name in sorted(named)), *sorted(present)])
    nobody = "nobody else yet (name roles, or people's accounts, in team.yaml)"
    return Admitted(overwrites=(*roles, *members), said=f"{who or nobody}, and the server's administrators")


def stays_private(everything: Sequence[Channel], here: Standing, wanted: Wanted) -> bool:
    """How it is where nobody says: as the team's channels without a lane role are, private where there are none yet."""
    told = (each for each in everything if is_ours(each, here) and not lanes_of(each, here, wanted))
    ours = next(told, None)
    return ours is None or is_private(ours.overwrites, here.server_id)


def is_ours(channel: Channel, here: Standing) -> bool:
    """True for a channel that this bot has made."""
    return mark_of(here.bot_user_id) in channel.topic
