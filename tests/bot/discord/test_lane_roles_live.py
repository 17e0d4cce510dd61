"""An agent with a lane role, acted on in a simulated Discord: its button and its menu, with the role and without it."""

from collections.abc import Awaitable, Callable

import pytest
import simcord
from simcord import MemberActor

from agents.roster import SurfaceSpec, Team
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.inbound.intake import Intake
from bot.inbound.questions import StoredQuestions
from bot.surfaces.discord.surface import DiscordSurface
from store.actions import Store
from store.kernel.clock import ManualClock
from store.queries import runs
from store.records import Run
from tests.bot.discord.simulated import World, texts_of
from tests.store.samples import running

Deliver = Callable[[], Awaitable[int]]


@pytest.fixture
def role(world: World) -> simcord.RoleHandle:
    return world.guild.create_role("Desk")


@pytest.fixture
def team(team: Team, world: World, role: simcord.RoleHandle) -> Team:
    lanes = SurfaceSpec(name="discord", server=str(world.guild.id), lanes={"watch": str(role.id)})
    return team.model_copy(update={"surfaces": {**team.surfaces, "discord": lanes}})


@pytest.fixture
async def deck(world: World, team: Team, intake: Intake, store: Store, clock: ManualClock) -> DiscordSurface:
    return await world.connect(intake, clock, StoredQuestions(store, DiscordSurface.name))


@pytest.fixture
async def run(store: Store, team: Team, presenter: Presenter, deck: DiscordSurface) -> Run:
    begun = running(store)
    await Outbox(store, team, presenter, (deck,)).deliver(deck)
    return begun


async def stop(world: World, person: MemberActor, run: Run) -> list[str]:
    question = await person.click(world.message(run.id), label="Stop")
    assert question.response is not None
    await person.click(question.response, label="Stop run")
    return texts_of(question.response.components)  # the answer takes the question's place


async def test_without_the_lane_role_a_press_is_refused_and_says_which_it_takes(
    world: World, store: Store, run: Run, role: simcord.RoleHandle
) -> None:
    [said] = await stop(world, world.people["ana"], run)
    assert said.startswith(f"Watch answers on Discord only to holders of the role with the ID {role.id}")
    assert runs.run(store, run.id).stop_requested_by is None


async def test_with_the_lane_role_the_press_counts(
    world: World, store: Store, run: Run, role: simcord.RoleHandle
) -> None:
    world.env.backend.get_guild(world.guild.id).members[world.people["ana"].id].role_ids.append(role.id)
    assert await stop(world, world.people["ana"], run) == ["It stops at its next step."]
    assert runs.run(store, run.id).stop_requested_by == "ana"
