"""All there is on the server: one guild, its channels, people and messages, and who may do what there."""

import functools
import operator
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fake_discord import shapes
from tests.fake_discord.interaction import Interaction
from tests.fake_discord.permissions import ALL, MEMBERS, Permission, permissions_in
from tests.fake_discord.refusals import DiscordError, missing_access, missing_permissions, unknown_channel
from tests.fake_discord.snowflakes import Snowflakes

TOKEN = "fake-discord-token"
BOT_NAME = "quarterdeck"

Emit = Callable[[str, Mapping[str, Any]], None]


def _unheard(event: str, payload: Mapping[str, Any]) -> None:
    """Nobody is connected yet."""


@dataclass
class World:
    """One guild. `now` is its clock, in Unix seconds. Channels and threads are one table, as ids are.

    `nonce_window_seconds` is how long a nonce is remembered: Discord says "the past few minutes" and no more.
    """

    now: Callable[[], float] = time.time
    token: str = TOKEN
    nonce_window_seconds: float = 180.0
    url: str = ""
    ids: Snowflakes = field(init=False)
    guild_id: str = field(init=False)
    bot_id: str = field(init=False)
    owner_id: str = field(init=False)
    bot_role_id: str = field(init=False)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    member_roles: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    nonces: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    pins: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    commands: list[dict[str, Any]] = field(default_factory=list)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    application_facts: dict[str, Any] = field(default_factory=dict)
    away: bool = False
    emit: Emit = _unheard

    def __post_init__(self) -> None:
        self.ids = Snowflakes(self._time)
        self.guild_id, self.bot_id, self.owner_id = self.ids.next(), self.ids.next(), self.ids.next()
        self.roles[self.guild_id] = shapes.role(self.guild_id, "@everyone", MEMBERS, 0)
        self.bot_role_id = self.add_role(BOT_NAME, ALL)
        self.users[self.bot_id] = shapes.user(self.bot_id, BOT_NAME, bot=True)
        self.users[self.owner_id] = shapes.user(self.owner_id, "olga")
        self.member_roles = {self.bot_id: [self.bot_role_id], self.owner_id: []}

    def _time(self) -> float:
        return self.now()  # a test may set another clock at any time

    @property
    def application_id(self) -> str:
        """An application and its bot have one id."""
        return self.bot_id

    @property
    def bot_permissions(self) -> Permission:
        """What the bot's roles and everyone's give it everywhere."""
        return self.base_of(self.bot_id)

    def give_bot(self, permissions: int) -> None:
        """The bot's role has exactly these permissions from now on."""
        self.roles[self.bot_role_id]["permissions"] = str(permissions)
        self.emit("GUILD_ROLE_UPDATE", {"guild_id": self.guild_id, "role": self.roles[self.bot_role_id]})

    def leave(self) -> None:
        """Somebody takes the bot out of the guild; its channels are no longer shown to it."""
        self.away = True
        self.emit("GUILD_DELETE", {"id": self.guild_id})

    def come_back(self) -> None:
        """Somebody invites it again."""
        self.away = False
        self.emit("GUILD_CREATE", self.guild())

    # People

    def base_of(self, user_id: str) -> Permission:
        """What somebody's roles give them where no channel says otherwise; to the owner, everything."""
        if user_id == self.owner_id:
            return ALL
        held = [self.roles[each] for each in (self.guild_id, *self.member_roles[user_id])]
        return functools.reduce(operator.or_, (Permission(int(role["permissions"]) & ALL) for role in held))

    def add_role(self, name: str, permissions: int = 0) -> str:
        role_id = self.ids.next()
        self.roles[role_id] = shapes.role(role_id, name, permissions, len(self.roles))
        self.emit("GUILD_ROLE_CREATE", {"guild_id": self.guild_id, "role": self.roles[role_id]})
        return role_id

    def add_member(self, name: str, roles: Iterable[str] = ()) -> str:
        """A person with these roles, by their ids; answers the person's id."""
        user_id = self.ids.next()
        self.users[user_id] = shapes.user(user_id, name)
        self.member_roles[user_id] = list(roles)
        return user_id

    def member(self, user_id: str) -> dict[str, Any]:
        if user_id not in self.member_roles:
            raise DiscordError(404, 10007, "Unknown Member")
        return shapes.member(self.users[user_id], self.member_roles[user_id], 1_700_000_000)

    # Places

    def channel(self, channel_id: str) -> dict[str, Any]:
        """A channel or thread that the bot can see."""
        if channel_id not in self.channels:
            raise unknown_channel()
        if self.away or not self.may(channel_id, Permission.VIEW_CHANNEL):
            raise missing_access()
        return self.channels[channel_id]

    def allowed(self, channel_id: str) -> Permission:
        """What the bot may do there; a thread has the permissions of its channel."""
        return self.allowed_to(self.bot_id, channel_id)

    def allowed_to(self, user_id: str, channel_id: str) -> Permission:
        channel = self.channels[channel_id]
        place = self.channels[channel["parent_id"]] if self.is_thread(channel_id) else channel
        return permissions_in(place, self.base_of(user_id), self.guild_id, self.member_roles[user_id], user_id)

    def may(self, channel_id: str, permission: Permission) -> bool:
        return permission in self.allowed(channel_id)

    def need(self, channel_id: str, *permissions: Permission) -> dict[str, Any]:
        """The channel, when the bot sees it and has all of the permissions there."""
        channel = self.channel(channel_id)
        if not all(self.may(channel_id, each) for each in permissions):
            raise missing_permissions()
        return channel

    def need_everywhere(self, permission: Permission) -> None:
        if permission not in self.bot_permissions:
            raise missing_permissions()

    def is_thread(self, channel_id: str) -> bool:
        return bool(self.channels[channel_id]["type"] == shapes.PUBLIC_THREAD)

    def take_away(self, channel_id: str, *permissions: Permission) -> None:
        """An administrator denies the bot these permissions in the channel, whatever was allowed there."""
        told, denied = self.channels[channel_id]["permission_overwrites"], int(sum(permissions))
        mine = next((each for each in told if each["id"] == self.bot_id), {"allow": "0", "deny": "0"})
        allow, deny = int(mine["allow"]) & ~denied, int(mine["deny"]) | denied
        told[:] = [each for each in told if each["id"] != self.bot_id]
        told.append({"id": self.bot_id, "type": shapes.MEMBER_OVERWRITE, "allow": str(allow), "deny": str(deny)})
        self.emit("CHANNEL_UPDATE", self.channels[channel_id])

    def add_channel(self, name: str, **given: Any) -> str:
        """A channel as a person or the bot makes it; answers its id."""
        channel_id = self.ids.next()
        made = shapes.channel(channel_id, self.guild_id, {"name": name, **given}, len(self.channels))
        self.channels[channel_id] = made
        self.emit("CHANNEL_CREATE", made)
        return channel_id

    def rename(self, channel_id: str, name: str) -> None:
        self.channels[channel_id]["name"] = name
        self.emit("CHANNEL_UPDATE", self.channels[channel_id])

    def delete_channel(self, channel_id: str) -> dict[str, Any]:
        """The channel with its messages and threads is gone, whoever did it."""
        gone = self.channels.pop(channel_id)
        self.messages.pop(channel_id, None)
        for each in [thread for thread in self.channels.values() if thread.get("parent_id") == channel_id]:
            if each["type"] == shapes.PUBLIC_THREAD:
                self.channels.pop(each["id"])
        self.emit("THREAD_DELETE" if gone["type"] == shapes.PUBLIC_THREAD else "CHANNEL_DELETE", gone)
        return gone

    def guild(self) -> dict[str, Any]:
        threads = [each for each in self.channels.values() if each["type"] == shapes.PUBLIC_THREAD]
        channels = [each for each in self.channels.values() if each["type"] != shapes.PUBLIC_THREAD]
        me = [self.member(self.bot_id)]
        return shapes.guild(
            guild_id=self.guild_id,
            name="First Light",
            owner=self.owner_id,
            roles=list(self.roles.values()),
            members=me,
            channels=channels,
            threads=threads,
        )

    # Messages

    def visible(self, channel_id: str) -> list[dict[str, Any]]:
        """The bot's own messages in the channel or thread that everybody sees, oldest first."""
        kept = list(self.messages[channel_id].values())  # at once: a thread may ask while a call adds one
        mine = (each for each in kept if each["author"]["id"] == self.bot_id)
        return [each for each in mine if each["type"] == shapes.DEFAULT]
