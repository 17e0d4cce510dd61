"""Which channel of a surface an agent's cards go to, and what stands over it."""

import asyncio
from datetime import timedelta
from functools import partial

from agents.roster import CHANNEL_IDS, TEAM_CHANNEL, AgentSpec, Team, names_existing
from bot.cadence import cadence
from bot.surfaces.base import ChannelLost, ChannelSpec, Surface
from store.actions import outbox as record
from store.actions.channels import regain_channel
from store.handle import Store
from store.kernel.crash import outside
from store.kernel.errors import UserMistake
from store.queries import cards
from store.queries.channels import lost_channels
from store.records import Loss

RECENT = timedelta(days=1)
"""What changed so lately is shown again in the channel that takes the place of one that is gone."""


class Channels:
    """Finds each agent's channel; made at first use and remembered by id."""

    def __init__(self, store: Store, team: Team) -> None:
        self._store = store
        self._team = team
        self._ids: dict[tuple[str, str | None], str] = {}
        self._making = asyncio.Lock()

    async def find(self, surface: Surface, agent_id: str | None) -> str:
        """The channel's id on this surface, made when there is none yet. Raises ChannelLost when it cannot be had."""
        known = self._ids.get((surface.name, agent_id))
        return known or await self.check(surface, agent_id)

    async def check(self, surface: Surface, agent_id: str | None, *, look_only: bool = False) -> str:
        """Asks the surface, whatever was known; `look_only` makes and joins nothing. Raises as `find`.

        What was lost and is there again is on record as regained.
        """
        spec = channel_spec(self._team, surface.name, agent_id).model_copy(update={"look_only": look_only})
        async with self._making:
            channel_id, before = await self._ensure(surface, spec)
            self._ids[surface.name, agent_id] = channel_id
        for place in {channel_id, spec.name, before or channel_id}:
            await asyncio.to_thread(self._regain, surface.name, place)
        return channel_id

    def place(self, surface: str, agent_id: str | None) -> str:
        """The channel's id as far as it is known to this process, else its name."""
        return self._ids.get((surface, agent_id)) or channel_spec(self._team, surface, agent_id).name

    async def _ensure(self, surface: Surface, spec: ChannelSpec) -> tuple[str, str | None]:
        """The channel's id, and the one that was known before."""
        before = await self._known(surface, spec)
        try:
            with outside("surface.channel"):
                channel_id = await surface.ensure_channel(spec.model_copy(update={"known_id": before}))
        except UserMistake as error:
            now = await self._known(surface, spec)
            if now in (None, before):
                raise _lost(spec, error) from error
            return now, before  # another process made and stored it meanwhile
        since = self._store.clock.now() - RECENT
        remember = partial(record.remember_channel, self._store, surface=surface.name, name=spec.name, since=since)
        await asyncio.to_thread(remember, channel_id=channel_id)
        return channel_id, before

    async def _known(self, surface: Surface, spec: ChannelSpec) -> str | None:
        return (await asyncio.to_thread(cards.known_channels, self._store, surface.name)).get(spec.name)

    def _regain(self, surface: str, place: str) -> None:
        if any(lost.place == place for lost in lost_channels(self._store, surface)):
            regain_channel(self._store, surface, place)


def _lost(spec: ChannelSpec, error: UserMistake) -> ChannelLost:
    return error if isinstance(error, ChannelLost) else ChannelLost(spec.name, Loss.UNMADE, error.message, error.hint)


def channel_spec(team: Team, surface: str, agent_id: str | None) -> ChannelSpec:
    """The channel an agent (None, or one the team no longer has: the team itself) is to have on a surface.

    Agents that share a channel share its name and topic. An existing channel goes by its id, without a prefix; on a
    chat platform that it is not of, there is one named like the first of its agents.
    """
    agent = team.agents.get(agent_id) if agent_id else None
    channel = agent.channel if agent else team.channel
    name = _own_name(team, channel) if surface in CHANNEL_IDS and _is_of_another(channel, surface) else channel
    place = next((spec for name, spec in team.surfaces.items() if name == surface), None)
    prefix = "" if place is None or names_existing(name) else place.channel_prefix
    return ChannelSpec(agent_id=agent.id if agent else None, name=f"{prefix}{name}", purpose=topic(team, channel))


def _is_of_another(channel: str, surface: str) -> bool:
    return names_existing(channel) and not names_existing(channel, surface)


def _own_name(team: Team, channel: str) -> str:
    here = (agent.id for agent in team.agents.values() if agent.channel == channel)
    return TEAM_CHANNEL if channel == team.channel else next(here)


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
