"""A role of the team that is bound to one of the server's, pressed for in a simulated Discord; and whom it calls."""

from collections.abc import Awaitable, Callable

import pytest
import simcord

from agents.roster import SurfaceSpec, Team
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.inbound.intake import Intake
from bot.inbound.questions import StoredQuestions
from bot.surfaces.discord.surface import DiscordSurface
from store.actions import Store
from store.actions.approvals import decide_approval
from store.kernel.clock import ManualClock
from store.queries import approvals, audit
from store.records import Approval, ApprovalState
from tests.bot.discord.simulated import World, parts_of, said_to, texts_of
from tests.store.samples import asked, running

Deliver = Callable[[], Awaitable[int]]
TURNED_AWAY = (
    "You are not in the role that decides this. The team gives you the role approver, but on Discord you do not hold "
    "the role it is bound to."
)


@pytest.fixture
def role(world: World) -> simcord.RoleHandle:
    return world.guild.create_role("Approvers")


@pytest.fixture
def team(team: Team, world: World, role: simcord.RoleHandle) -> Team:
    bound = SurfaceSpec(name="discord", server=str(world.guild.id), roles={"approver": str(role.id)})
    return team.model_copy(update={"surfaces": {**team.surfaces, "discord": bound}})


@pytest.fixture
async def deck(world: World, team: Team, intake: Intake, store: Store, clock: ManualClock) -> DiscordSurface:
    questions, role_ids = StoredQuestions(store, DiscordSurface.name), team.bound_roles("discord")
    return await world.connect(intake, clock, questions, role_ids=role_ids)


@pytest.fixture
def deliver(store: Store, team: Team, presenter: Presenter, deck: DiscordSurface) -> Deliver:
    """Shows on Discord what changed."""
    outbox = Outbox(store, team, presenter, (deck,))
    return lambda: outbox.deliver(deck)


@pytest.fixture
async def approval(store: Store, deliver: Deliver) -> Approval:
    question = asked(store, running(store))
    await deliver()
    return question


def give(world: World, person: str, role: simcord.RoleHandle) -> None:
    held(world, person).append(role.id)


def held(world: World, person: str) -> list[int]:
    found: list[int] = world.env.backend.get_guild(world.guild.id).members[world.people[person].id].role_ids
    return found


def state(store: Store, approval: Approval) -> ApprovalState:
    return approvals.approval(store, approval.id).state


async def test_without_the_servers_role_a_press_is_refused_and_says_why(
    world: World, store: Store, approval: Approval
) -> None:
    result = await world.people["ana"].click(world.message(approval.id), label="Approve")
    assert said_to(result) == [TURNED_AWAY]
    assert state(store, approval) is ApprovalState.OPEN
    assert audit.events_for(store, "approval", approval.id)[-1].data["why"] == "not_in_role"


async def test_the_servers_role_alone_makes_nobody_an_approver(
    world: World, store: Store, approval: Approval, role: simcord.RoleHandle
) -> None:
    give(world, "eve", role)  # of the team, and no approver there
    result = await world.people["eve"].click(world.message(approval.id), label="Approve")
    assert said_to(result) == ["You are not in the role that decides this."]
    assert state(store, approval) is ApprovalState.OPEN


async def test_with_both_roles_a_press_decides(
    world: World, store: Store, approval: Approval, role: simcord.RoleHandle
) -> None:
    give(world, "ana", role)
    result = await world.people["ana"].click(world.message(approval.id), label="Approve")
    assert said_to(result) == ["Approved. Thank you."]
    assert state(store, approval) is ApprovalState.APPROVED


async def test_a_role_taken_away_while_the_form_was_open_decides_nothing(
    world: World, store: Store, approval: Approval, role: simcord.RoleHandle
) -> None:
    give(world, "ana", role)
    opened = await world.people["ana"].click(world.message(approval.id), label="Reject…")
    held(world, "ana").clear()
    result = await world.people["ana"].submit_modal(opened, {"reason": "No."})
    assert said_to(result) == [TURNED_AWAY]
    assert state(store, approval) is ApprovalState.OPEN


async def test_the_question_calls_the_role_as_it_appears_and_never_again(
    world: World, store: Store, approval: Approval, deliver: Deliver, role: simcord.RoleHandle
) -> None:
    message = world.message(approval.id)
    assert [each.id for each in message.role_mentions] == [role.id]
    assert (message.mentions, message.mention_everyone) == ([], False)
    decide_approval(
        store,
        approval.id,
        person_id="ben",
        account="ben",
        surface="console",
        approve=False,
        eligible=frozenset({"ben"}),
        reason=f"@everyone <@&{role.id}> <@{world.people['kim'].id}>",
    )
    await deliver()
    later = world.message(approval.id)
    assert later.id == message.id
    said = "\n".join(texts_of(parts_of(later)))
    assert "Rejected" in said
    assert f"<@&{role.id}>" not in said
    assert (later.mentions, later.mention_everyone) == ([], False)
