"""A simulated Discord with our real client and surface in it: one server, two channels, people, and what they see."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import discord
import simcord
from discord.http import HTTPClient, Route
from pydantic import SecretStr

from blocks.elements import Card
from blocks.render.discord import render
from bot.surfaces.base import Inbound
from bot.surfaces.discord.client import QuarterdeckClient
from bot.surfaces.discord.confirming import Questions, no_questions
from bot.surfaces.discord.identity import Identity
from bot.surfaces.discord.settings import DiscordSettings
from bot.surfaces.discord.surface import DiscordSurface
from bot.surfaces.discord.web import DiscordWeb
from store.kernel.clock import Clock

PEOPLE = ("ana", "ben", "eve", "kim")
"""Members of the server; Kim is not of the team. A role of everybody's name can be given to them."""


@dataclass
class World:
    """One server of a simulated Discord. `connect` puts a surface into it, in place of the one before."""

    env: simcord.Env
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    people: dict[str, simcord.MemberActor]
    surface: DiscordSurface | None = None
    web: DiscordWeb | None = None
    clients: list[discord.Client] = field(default_factory=list)

    @property
    def accounts(self) -> dict[str, str]:
        """The account of each person."""
        return {name: str(person.id) for name, person in self.people.items()}

    @property
    def identity(self) -> Identity:
        backend = self.env.backend
        return Identity(
            application_id=str(backend.application_id),
            user_id=str(backend.bot_user.id),
            user_name="Quarterdeck",
            server_id=str(self.guild.id),
            server_name="Test Server",
        )

    async def connect(
        self, inbound: Inbound, clock: Clock, questions: Questions = no_questions, **options: Any
    ) -> DiscordSurface:
        """A new surface with a new client, as after a restart of the process: nothing in memory is left."""
        settings = DiscordSettings(token=SecretStr("simulated"), server_id=str(self.guild.id))
        surface = DiscordSurface(settings, clock, questions=questions, **options)
        self.web = DiscordWeb(HTTPClient(asyncio.get_running_loop()))
        parts = surface._assemble(self.web, self.identity, inbound)
        surface._web, surface._parts = self.web, parts
        client = QuarterdeckClient(parts.hearers, surface._vitals)
        await self.env.restart_bot(client)
        self.web.http = client.http  # the simulation's, once the client is in it
        self.clients.append(client)
        self.surface = surface
        return surface

    def message(self, text: str) -> discord.Message:
        """The newest message, wherever it stands, in which this is read."""
        backend = self.env.backend
        places = [simcord.ChannelHandle(self.env, self.guild, one) for one in backend.channels.values()]
        found = [one for place in places for one in place.history() if text in "\n".join(texts_of(parts_of(one)))]
        assert found, f"nobody can read {text!r} anywhere"
        return max(found, key=lambda one: one.id)

    async def show(self, card: Card, channel: simcord.ChannelHandle | None = None) -> discord.Message:
        """Posts a card by itself, on no record."""
        return await self.post(render(card), channel)

    async def post(self, body: Any, channel: simcord.ChannelHandle | None = None) -> discord.Message:
        """Posts any message of ours."""
        where = channel or self.channel
        assert self.web is not None
        await self.web.call(Route("POST", "/channels/{channel_id}/messages", channel_id=where.id), body=body)
        shown = where.last_message
        assert shown is not None
        return shown


async def begin_world() -> World:
    """A server with people in it, and nobody of ours yet. End it with `end_world`."""
    env = simcord.Env(discord.Client(intents=discord.Intents(guilds=True)), settle_timeout=30.0)
    await env.start()
    guild = env.create_guild("Test Server")
    channel = guild.create_text_channel("watch")
    people = {name: guild.add_member(env.create_user(name)) for name in PEOPLE}
    return World(env, guild, channel, people)


async def end_world(world: World) -> None:
    """Takes the client out. What it raised and nobody looked at fails the test."""
    await world.env.shutdown()
    world.env._raise_errors_since(world.env._errors_acknowledged)


def parts_of(message: discord.Message) -> list[Any]:
    """The components of a message as Discord has them."""
    return [part.to_dict() for part in message.components]


def texts_of(components: Any) -> list[str]:
    """Everything that is read in these components, labels included, in order."""
    found: list[str] = []
    for one in components:
        found += [str(one[name]) for name in ("content", "label") if one.get(name)]
        found += texts_of(one.get("components", []))
    return found


def buttons_of(components: Any) -> dict[str, str]:
    """Label → custom_id of every button that can be pressed."""
    found: dict[str, str] = {}
    for one in components:
        if one.get("type") == 2 and "custom_id" in one:
            found[str(one["label"])] = str(one["custom_id"])
        found |= buttons_of(one.get("components", []))
    return found


def menus_of(components: Any) -> dict[str, list[str]]:
    """custom_id → what can be picked, of every menu."""
    found: dict[str, list[str]] = {}
    for one in components:
        if one.get("type") == 3:
            found[str(one["custom_id"])] = [str(option["value"]) for option in one["options"]]
        found |= menus_of(one.get("components", []))
    return found


def said_to(result: simcord.InteractionResult) -> list[str]:
    """What one person was told: the first answer, then what followed it. What was pressed may be edited with it."""
    first = [one for one in (result.response,) if one and one.id != result._interaction.source_message_id]
    answers = [*first, *result.followups]
    for one in answers:
        assert one.ephemeral, "everybody reads an answer to one person"
    return ["\n".join(texts_of(one.components)) for one in answers]
