"""Role cards: what the workspace says, one for each agent, drawn again only when it says something else."""

import pytest

from agents.roster import Team
from blocks.elements import pressables
from blocks.tokens import Verb, decode
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.delivery.role_cards import refresh_roles
from bot.delivery.roles import role_of
from bot.surfaces.base import Persona, Placing
from bot.surfaces.memory import MemorySurface
from store.actions import Store
from store.actions.agents import switch_agent
from store.queries import cards
from store.records import AgentState, CardKind
from tests.store.samples import person


@pytest.fixture
def outbox(store: Store, team: Team, presenter: Presenter, surface: MemorySurface) -> Outbox:
    return Outbox(store, team, presenter, (surface,))


def with_agent(team: Team, **changes: object) -> Team:
    agents = {**team.agents, "watch": team.agents["watch"].model_copy(update=changes)}
    return team.model_copy(update={"agents": agents})


def verbs(surface: MemorySurface) -> list[Verb]:
    [message] = surface.messages
    return [decode(each.token).verb for each in pressables(message.card)]


def test_a_role_is_what_the_workspace_says(team: Team) -> None:
    role = role_of(team, "watch", AgentState.ACTIVE)
    assert (role.name, role.purpose, role.mind) == ("Watch", "Watches.", "routine watch.py")
    assert (role.reads, role.writes, role.sends) == ((), ("files.move",), ())
    assert role.rhythms == ("every 10 seconds",)
    assert (role.requirement, role.deciders) == (team.approvals, ("ana", "ben"))
    assert role.limits == team.agents["watch"].limits
    assert role_of(team, "nobody", AgentState.ACTIVE).state is None


async def test_a_role_card_is_pinned_in_its_agents_channel_under_its_name(
    store: Store, team: Team, presenter: Presenter, surface: MemorySurface
) -> None:
    speaking = with_agent(team, icon="lighthouse")
    assert refresh_roles(store, speaking, presenter) == ["watch"]
    await Outbox(store, speaking, presenter, (surface,)).deliver(surface)
    [message] = surface.messages
    assert (message.channel_id, message.card.kind) == ("memory:watch", "role")
    assert message.placing == Placing(persona=Persona(name="Watch", icon="lighthouse"), pinned=True)


async def test_a_role_card_is_drawn_again_only_when_it_reads_differently(
    store: Store, team: Team, presenter: Presenter, surface: MemorySurface, outbox: Outbox
) -> None:
    refresh_roles(store, team, presenter)
    await outbox.deliver(surface)
    assert refresh_roles(store, team, presenter) == []
    changed = with_agent(team, purpose="Watches everything.")
    redrawn = Presenter(store, changed, "http://127.0.0.1:8765")
    assert refresh_roles(store, changed, redrawn) == ["watch"]
    await Outbox(store, changed, redrawn, (surface,)).deliver(surface)
    [message] = surface.messages
    assert "Watches everything." in message.card.summary
    assert message.shown == 2


async def test_pausing_changes_what_the_role_card_offers(
    store: Store, team: Team, presenter: Presenter, surface: MemorySurface, outbox: Outbox
) -> None:
    refresh_roles(store, team, presenter)
    await outbox.deliver(surface)
    assert verbs(surface) == [Verb.RUN_NOW, Verb.PAUSE]
    switch_agent(store, "watch", person("ana"), state=AgentState.PAUSED)
    await outbox.deliver(surface)
    assert verbs(surface) == [Verb.RESUME]


def test_pausing_an_agent_without_a_role_card_makes_none(store: Store) -> None:
    switch_agent(store, "watch", person("ana"), state=AgentState.PAUSED)
    assert cards.all_cards(store) == []


async def test_an_agent_that_left_the_team_is_said_to_be_retired(
    store: Store, team: Team, presenter: Presenter, surface: MemorySurface, outbox: Outbox
) -> None:
    refresh_roles(store, team, presenter)
    await outbox.deliver(surface)
    others = team.model_copy(update={"agents": {}})
    without = Presenter(store, others, None)
    assert refresh_roles(store, others, without) == ["watch"]
    await Outbox(store, others, without, (surface,)).deliver(surface)
    assert refresh_roles(store, others, without) == []
    [message] = surface.messages
    assert (message.card.state, message.card.actions) == ("Retired", ())
    [row] = cards.all_cards(store, CardKind.ROLE)
    assert row.channel == "watch"
