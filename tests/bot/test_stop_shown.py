"""The platform's own Stop stops the run that the message shows, for people of the team alone."""

import pytest

from agents.roster import Team
from bot.inbound.desk import Desk
from bot.inbound.intake import Intake
from bot.inbound.presses import stop_shown
from bot.surfaces.base import InboundEvent, InboundKind
from store.actions import Store
from store.actions.outbox import begin_post, mark_shown
from store.kernel.errors import UserMistake
from store.queries import runs
from tests.store.samples import asked, running


def pressed(message: str = "17.1", account: str = "U000000001", account_class: str = "member") -> InboundEvent:
    return InboundEvent(
        surface="slack",
        key="s1",
        kind=InboundKind.STOP,
        account=account,
        account_class=account_class,
        payload={"channel": "C1", "message": message},
    )


def show(store: Store, key: str, message: str = "17.1") -> None:
    begin_post(store, key, surface="slack", channel_id="C1")
    mark_shown(store, key, surface="slack", message_id=message, revision=1)


@pytest.fixture
def way_in(desk: Desk, store: Store, team: Team) -> Intake:
    return Intake(store, team, {InboundKind.STOP: lambda event, person: stop_shown(desk, event, person)}, {})


async def test_the_run_on_the_card_is_asked_to_stop_in_the_persons_name(store: Store, way_in: Intake) -> None:
    run = running(store)
    show(store, f"run:{run.id}")
    answer = await way_in.act(await way_in.accept(pressed()))
    assert (answer.ok, answer.text) == (True, "It stops at its next step.")
    assert runs.run(store, run.id).stop_requested_by == "ana"


@pytest.mark.parametrize(("account", "account_class"), [("U0STRANGER", "member"), ("U000000001", "guest")])
async def test_nobody_else_stops_anything(store: Store, way_in: Intake, account: str, account_class: str) -> None:
    run = running(store)
    show(store, f"run:{run.id}")
    answer = await way_in.act(await way_in.accept(pressed(account=account, account_class=account_class)))
    assert answer.ok is False
    assert runs.run(store, run.id).stop_requested_by is None


def test_a_message_without_a_run_stops_nothing(store: Store, desk: Desk, team: Team) -> None:
    approval = asked(store, running(store))
    show(store, f"approval:{approval.id}", "17.2")
    for message in ("17.2", "99.9"):
        with pytest.raises(UserMistake, match="no run here"):
            stop_shown(desk, pressed(message), team.people["ana"])
