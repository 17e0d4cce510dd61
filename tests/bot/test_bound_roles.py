"""Roles bound to a surface's own, at the click: who does not hold it there acts without the role, and is told so."""

from typing import Any

import pytest

from agents.roster import SurfaceSpec, Team
from agents.standing import acting
from blocks.tokens import Press, Verb, encode
from bot.inbound.desk import Desk, Pressed
from bot.inbound.hiring import require_owner
from bot.inbound.intake import Intake
from bot.inbound.presses import press
from bot.surfaces.base import Answer, InboundEvent, InboundKind
from store.actions import Store
from store.kernel.errors import Refused
from store.queries import approvals, audit
from store.records import Approval, ApprovalState
from tests.bot.test_intake import do
from tests.store.samples import asked, running

ANA = "100000000000000001"
HELD = "200000000000000001"


@pytest.fixture
def team(team: Team) -> Team:
    people = {
        name: person.model_copy(update={"accounts": {**person.accounts, "discord": ANA}}) if name == "ana" else person
        for name, person in team.people.items()
    }
    discord = SurfaceSpec(name="discord", roles={"approver": HELD})
    return team.model_copy(update={"people": people, "surfaces": {**team.surfaces, "discord": discord}})


@pytest.fixture
def intake(desk: Desk) -> Intake:
    presses = {
        kind: lambda event, person: press(desk, event, person) for kind in (InboundKind.PRESS, InboundKind.SUBMIT)
    }
    return Intake(desk.store, desk.team, presses, {})


@pytest.fixture
def approval(store: Store) -> Approval:
    return asked(store, running(store))


def pressed(verb: Verb, subject: str, roles: Any, surface: str = "discord", **fields: str) -> InboundEvent:
    return InboundEvent(
        surface=surface,
        key="e1",
        kind=InboundKind.PRESS,
        account=ANA if surface == "discord" else "ana",
        token=encode(verb, subject, 1),
        fields=fields,
        payload={} if roles is None else {"roles": roles},
    )


@pytest.mark.parametrize("roles", [None, [], ["300000000000000001"], HELD, {HELD: True}, [int(HELD)]])
async def test_without_the_role_there_nothing_is_decided(
    store: Store, intake: Intake, approval: Approval, roles: object
) -> None:
    answer = await do(intake, pressed(Verb.APPROVE, approval.id, roles))
    assert answer == Answer(
        text="You are not in the role that decides this. The team gives you the role approver, but on Discord you do "
        "not hold the role it is bound to.",
        ok=False,
    )
    assert approvals.approval(store, approval.id).state is ApprovalState.OPEN
    assert audit.events_for(store, "approval", approval.id)[-1].data["why"] == "not_in_role"


async def test_with_the_role_there_the_click_decides(store: Store, intake: Intake, approval: Approval) -> None:
    answer = await do(intake, pressed(Verb.APPROVE, approval.id, [HELD, "300000000000000001"]))
    assert answer.ok
    [vote] = approvals.votes(store, approval.id)
    assert (vote.person_id, vote.surface, vote.account) == ("ana", "discord", ANA)


async def test_elsewhere_the_role_is_the_teams_word_alone(store: Store, intake: Intake, approval: Approval) -> None:
    assert (await do(intake, pressed(Verb.APPROVE, approval.id, None, surface="console"))).ok


async def test_the_role_there_gives_nobody_the_teams(store: Store, desk: Desk, approval: Approval) -> None:
    ana = desk.team.people["ana"].model_copy(update={"roles": frozenset()})
    team = desk.team.model_copy(update={"people": {**desk.team.people, "ana": ana}})
    presses = {
        InboundKind.PRESS: lambda event, person: press(Desk(store, team, desk.tools, desk.presenter), event, person)
    }
    answer = await do(Intake(store, team, presses, {}), pressed(Verb.APPROVE, approval.id, [HELD]))
    assert (answer.ok, answer.text) == (False, "You are not in the role that decides this.")


@pytest.mark.parametrize("verb", [Verb.PAUSE_ALL, Verb.RESUME_ALL])
async def test_what_else_asks_for_the_role_asks_for_it_there(intake: Intake, verb: Verb) -> None:
    refused = await do(intake, pressed(verb, "fleet", []))
    assert not refused.ok
    assert "on Discord you do not hold the role it is bound to" in str(refused.text)


async def test_steering_everybody_takes_the_role_there(intake: Intake) -> None:
    assert (await do(intake, pressed(Verb.PAUSE_ALL, "fleet", [HELD]))).ok


def test_changing_the_workspace_takes_the_role_there(team: Team) -> None:
    def acts(*held: str) -> Pressed:
        event = pressed(Verb.HIRE, "scout/abc", list(held))
        return Pressed(Press(Verb.HIRE, "scout/abc", 1), acting(team, team.people["ana"], "discord", set(held)), event)

    require_owner(team, acts(HELD))
    with pytest.raises(Refused, match="on Discord you do not hold the role it is bound to"):
        require_owner(team, acts())
