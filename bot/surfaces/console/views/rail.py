"""The rail: where one can go, what every agent is doing, and where a person is needed."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from bot.surfaces.console.marks import Mark, agent_mark
from bot.surfaces.console.views.needs import Need, needs
from store.records import Fleet, NeedsMe

TEAM_HREF = "/team"


@dataclass(frozen=True)
class Channel:
    """One channel. `needs` counts what waits for a person there; `mark` is None for the team's own channel."""

    name: str
    href: str
    mark: Mark | None
    needs: int


@dataclass(frozen=True)
class Rail:
    """The rail as of `as_of`. `held`: simulated time waits for a decision.

    `needs` counts everything that waits for a person, `approvals` the decisions among it; `needing`
    lists it.
    """

    team: str
    as_of: datetime
    simulated: bool
    held: bool
    made_up: str | None
    needs: int
    approvals: int
    channels: tuple[Channel, ...]
    needing: tuple[Need, ...] = ()


def rail(fleet: Fleet) -> Rail:
    """The rail of a fleet; the team's own channel last."""
    waiting = needs_by_agent(fleet.needs_me)
    agents = (
        Channel(agent.name, channel_href(agent.agent_id), agent_mark(agent), waiting[agent.agent_id])
        for agent in fleet.agents
    )
    return Rail(
        team=fleet.team,
        as_of=fleet.as_of,
        simulated=fleet.simulated,
        held=fleet.held,
        made_up=fleet.made_up,
        needs=fleet.needs_me.count,
        approvals=len(fleet.needs_me.approvals),
        channels=(*agents, Channel("Team", TEAM_HREF, None, waiting[None])),
        needing=tuple(needs(fleet.needs_me, {agent.agent_id: agent.name for agent in fleet.agents})),
    )


def needs_by_agent(needs: NeedsMe) -> Counter[str | None]:
    """How many things wait for a person in each agent's channel; None is the team's own."""
    waiting: Counter[str | None] = Counter(item.agent_id for item in needs.approvals)
    for items in (needs.stopped, needs.incidents, needs.alerts):
        waiting.update(item.agent_id for item in items)
    return waiting


def channel_href(agent_id: str | None) -> str:
    """The address of an agent's channel, or of the team's own."""
    return TEAM_HREF if agent_id is None else f"/channels/{quote(agent_id, safe='')}"
