"""Which channel of a surface an agent's cards go to, and what stands over it."""

import asyncio

from agents.roster import AgentSpec, Team, names_existing
from bot.cadence import cadence
from bot.surfaces.base import ChannelSpec, Surface
from store.actions import outbox as record
from store.handle import Store
from store.kernel.crash import outside
from store.kernel.errors import UserMistake
from store.queries import cards


class Channels:
    """Finds each agent's channel; made at first use and remembered by id."""

    def __init__(self, store: Store, team: Team) -> None:
        self._store = store
        self._team = team
        self._ids: dict[tuple[str, str | None], str] = {}
        self._making = asyncio.Lock()

    async def find(self, surface: Surface, agent_id: str | None) -> str:
        """The channel's id on this surface, made when there is none yet."""
        place = (surface.name, agent_id)
        async with self._making:
            if place not in self._ids:
                self._ids[place] = await self._ensure(surface, channel_spec(self._team, surface.name, agent_id))
        return self._ids[place]

    async def _ensure(self, surface: Surface, spec: ChannelSpec) -> str:
        known = await asyncio.to_thread(cards.known_channels, self._store, surface.name)
        spec = spec.model_copy(update={"known_id": known.get(spec.name)})
        try:
            with outside("surface.channel"):
                channel_id = await surface.ensure_channel(spec)
        except UserMistake:
            known = await asyncio.to_thread(cards.known_channels, self._store, surface.name)
            if spec.name not in known:
                raise
            return known[spec.name]  # another process made and stored it meanwhile
        await asyncio.to_thread(
            record.remember_channel, self._store, surface=surface.name, name=spec.name, channel_id=channel_id
        )
        return channel_id


def channel_spec(team: Team, surface: str, agent_id: str | None) -> ChannelSpec:
    """The channel an agent (None, or one the team no longer has: the team itself) is to have on a surface.

    Agents that share a channel share its name and topic. An existing channel goes by its id, without a prefix.
    """
    agent = team.agents.get(agent_id) if agent_id else None
    channel = agent.channel if agent else team.channel
    place = next((spec for name, spec in team.surfaces.items() if name == surface), None)
    prefix = "" if place is None or names_existing(channel) else place.channel_prefix
    return ChannelSpec(agent_id=agent.id if agent else None, name=f"{prefix}{channel}", purpose=topic(team, channel))


def topic(team: Team, channel: str) -> str:
    """What the channel is for and when its agents run, in words."""
    here = [agent for agent in team.agents.values() if agent.channel == channel]
    whole = [f"{team.name}: the whole team"] if channel == team.channel else []
    if len(here) == 1 and not whole:
        return _said(team, here[0])
    return " · ".join([*whole, *(f"{agent.name}: {_said(team, agent)}" for agent in here)])


def rhythms(team: Team, agent_id: str) -> tuple[str, ...]:
    """When the agent runs by itself, a schedule at a time: "every day at 08:00 (UTC)"."""
    return tuple(
        f"{_lowered(cadence(schedule))}{f' ({schedule.timezone})' if schedule.cron else ''}"
        for schedule in team.schedules_of(agent_id)
    )


def _said(team: Team, agent: AgentSpec) -> str:
    when = rhythms(team, agent.id)
    return f"{agent.purpose} Runs {', '.join(when)}." if when else agent.purpose


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]
