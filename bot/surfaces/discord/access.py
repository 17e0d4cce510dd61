"""Who sees the team's channels: written over them by the set-up command, and by nothing else."""

from collections.abc import Sequence

from bot.surfaces.discord.checkup import Wanted, held_by
from bot.surfaces.discord.making import mark_of
from bot.surfaces.discord.permissions import Overwrite, Standing, is_private, visibility
from bot.surfaces.discord.server import Channel, roles_of, write_overwrite
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.crash import outside

REASON = "Quarterdeck set-up"
"""What the server's audit log says of it."""


class Access:
    """Opens channels for those who are to see them. `seeing` are roles and members; None: whoever sees the server."""

    def __init__(self, web: DiscordWeb, here: Standing, seeing: Sequence[Overwrite] | None, said: str) -> None:
        self.said = said
        self._web = web
        self._here = here
        self._seeing = seeing

    async def write(self, channel: Channel) -> None:
        """Writes what differs from what the channel, or category, has; what others have written over it stays."""
        from discord.http import Route

        place = "/channels/{channel_id}/permissions/{target}"
        for each in visibility(channel.overwrites, self._here, self._seeing):
            with outside("surface.channel"):
                route = Route("PUT", place, channel_id=channel.id, target=each.id)
                await self._web.call(route, body=write_overwrite(each), reason=REASON)


async def access(web: DiscordWeb, here: Standing, wanted: Wanted, *, private: bool) -> Access:
    """For a private team its roles and people, as far as the server has them; else whoever sees the server."""
    if not private:
        return Access(web, here, None, "whoever sees the server; --private closes them")
    held = await held_by(web, here.server_id, wanted.people)
    there = await roles_of(web, here.server_id)
    named = {name: role_id for name, role_id in wanted.roles.items() if role_id in there}
    present = {name: account for name, account in wanted.people.items() if name in held}
    roles = [Overwrite(id=role_id) for role_id in sorted(set(named.values()))]
    members = [Overwrite(id=account, member=True) for account in sorted(present.values())]
    who = ", ".join([*(f"members of role {name}" for name in sorted(named)), *sorted(present)])
    nobody = "nobody else yet (name roles, or people's accounts, in team.yaml)"
    return Access(web, here, [*roles, *members], f"{who or nobody}, and the server's administrators")


def stays_private(everything: Sequence[Channel], here: Standing) -> bool:
    """How it is where nobody says: as the team's channels are, and private where there are none yet."""
    ours = next((each for each in everything if is_ours(each, here)), None)
    return ours is None or is_private(ours.overwrites, here.server_id)


def is_ours(channel: Channel, here: Standing) -> bool:
    """True for a channel that this bot has made."""
    return mark_of(here.bot_user_id) in channel.topic
