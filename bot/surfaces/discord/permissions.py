"""What a bot may do in a channel, computed as Discord computes it; and the link that invites it with what it needs.

Bits, names and the computation: https://docs.discord.com/developers/topics/permissions, checked 2026-11-21.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import IntFlag
from functools import reduce
from operator import or_
from types import MappingProxyType
from urllib.parse import urlencode

from store.records import Record

INVITE_URL = "https://discord.com/oauth2/authorize"
SCOPES = ("bot", "applications.commands")
"""https://docs.discord.com/developers/topics/oauth2, checked 2026-11-21."""


class May(IntFlag):
    """The permissions that we have anything to do with."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    PIN_MESSAGES = 1 << 51


NOTHING = May(0)
EVERYTHING = reduce(or_, May)

USE: Mapping[May, str] = MappingProxyType(
    {
        May.VIEW_CHANNEL: "see its channels",
        May.SEND_MESSAGES: "post cards",
        May.READ_MESSAGE_HISTORY: "find a card again before posting it twice",
        May.ATTACH_FILES: "show charts and long texts",
        May.CREATE_PUBLIC_THREADS: "open a thread for a run's log",
        May.SEND_MESSAGES_IN_THREADS: "write that log",
        May.EMBED_LINKS: "show pictures from elsewhere",
        May.PIN_MESSAGES: "pin the role cards and the fleet card",
        May.MANAGE_CHANNELS: "make the category and the channels, and keep their topics",
        May.MANAGE_ROLES: "write who sees them; Discord calls it Manage Permissions on a channel",
    }
)
"""What each is for."""

NEEDED = May.VIEW_CHANNEL | May.SEND_MESSAGES | May.READ_MESSAGE_HISTORY
"""Without any of these a channel cannot be used."""
BETTER = (
    May.ATTACH_FILES | May.CREATE_PUBLIC_THREADS | May.SEND_MESSAGES_IN_THREADS | May.EMBED_LINKS | May.PIN_MESSAGES
)
"""Where one of these is missing, what it is for is left out."""
TO_RUN = NEEDED | BETTER
"""What a running team is invited with."""
TO_MANAGE = May.MANAGE_CHANNELS | May.MANAGE_ROLES
"""What only the set-up needs; it can be taken away afterwards."""
TO_SET_UP = TO_RUN | TO_MANAGE
"""What the set-up invites with."""
TO_SEE = May.VIEW_CHANNEL | May.READ_MESSAGE_HISTORY | May.SEND_MESSAGES_IN_THREADS
"""What people of the team are given in channels that others do not see."""


class Overwrite(Record):
    """What a channel allows and denies one role, or one member, beyond what the server does."""

    id: str
    member: bool = False
    allow: int = 0
    deny: int = 0


class Standing(Record):
    """What the bot is in its server: `everyone` and `given` are the permission bits of @everyone and of its roles."""

    server_id: str
    bot_user_id: str
    everyone: int = 0
    given: int = 0
    role_ids: frozenset[str] = frozenset()

    @property
    def of_server(self) -> May:
        """What it may in the server as a whole."""
        whole = self.everyone | self.given
        return EVERYTHING if whole & May.ADMINISTRATOR else May(whole & EVERYTHING)

    def among(self, overwrites: Sequence[Overwrite]) -> May:
        """What it may in a channel with these overwrites. Where it sees nothing it may nothing."""
        may = int(self.of_server)
        if may & May.ADMINISTRATOR:  # no overwrite binds an administrator
            return EVERYTHING
        for told in self._levels(overwrites):
            may = may & ~reduce(or_, (each.deny for each in told), 0) | reduce(or_, (each.allow for each in told), 0)
        return May(may & EVERYTHING) if may & May.VIEW_CHANNEL else NOTHING

    def _levels(self, overwrites: Sequence[Overwrite]) -> tuple[list[Overwrite], ...]:
        """Those that concern the bot, the weaker first: @everyone's, its roles' all together, its own."""
        roles = [each for each in overwrites if not each.member]
        return (
            [each for each in roles if each.id == self.server_id],
            [each for each in roles if each.id in self.role_ids],
            [each for each in overwrites if each.member and each.id == self.bot_user_id],
        )


def names(permissions: May) -> str:
    """The permissions as Discord's settings call them: "Send Messages, Pin Messages"."""
    return ", ".join(_name(each) for each in USE if each & permissions)


def uses(permissions: May) -> str:
    """The same, each with what it is for."""
    return "; ".join(f"{_name(each)} (to {USE[each]})" for each in USE if each & permissions)


def _name(one: May) -> str:
    return (one.name or "").replace("_", " ").title().replace(" In ", " in ")


def invite_url(application_id: str, permissions: May, server_id: str) -> str:
    """The address at which a person lets the bot into the server, with these permissions."""
    asked = {
        "client_id": application_id,
        "scope": " ".join(SCOPES),
        "permissions": str(int(permissions)),
        "guild_id": server_id,
        "disable_guild_select": "true",
    }
    return f"{INVITE_URL}?{urlencode(asked)}"


def visibility(
    there: Sequence[Overwrite], bot: Standing, seeing: Collection[Overwrite] | None
) -> tuple[Overwrite, ...]:
    """The overwrites to be written, in this order, so that the bot and those who see it see a channel.

    `there` are those it has; `seeing` the roles and members who see a private channel; None: it is as open as the
    server is. What anybody else has written stays, and so does what is right already: nothing is written twice.
    """
    wanted = [_with(there, Overwrite(id=bot.bot_user_id, member=True), allow=TO_RUN & bot.of_server)]
    if seeing is None:
        wanted.append(_with(there, Overwrite(id=bot.server_id), clear=May.VIEW_CHANNEL))
    else:
        wanted += [_with(there, each, allow=TO_SEE & bot.of_server) for each in seeing]
        wanted.append(_with(there, Overwrite(id=bot.server_id), deny=May.VIEW_CHANNEL))
    return tuple(each for each in wanted if each not in there and (each.allow or each.deny or _known(there, each)))


def _with(
    there: Sequence[Overwrite],
    whose: Overwrite,
    *,
    allow: May = NOTHING,
    deny: May = NOTHING,
    clear: May = NOTHING,
) -> Overwrite:
    now = _known(there, whose) or whose
    ours = int(allow | deny | clear)
    return now.model_copy(update={"allow": now.allow & ~ours | int(allow), "deny": now.deny & ~ours | int(deny)})


def _known(there: Sequence[Overwrite], whose: Overwrite) -> Overwrite | None:
    return next((each for each in there if (each.member, each.id) == (whose.member, whose.id)), None)


def is_private(overwrites: Sequence[Overwrite], server_id: str) -> bool:
    """True when @everyone does not see what has these overwrites."""
    return any(each.id == server_id and not each.member and each.deny & May.VIEW_CHANNEL for each in overwrites)
