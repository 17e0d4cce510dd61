"""Whom a card calls: the deciding role, when the question is first posted; no edit and no other card calls anybody."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from agents.roster import Team
from blocks.elements import Card
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.surfaces.base import STANDING, Placing, Shown
from bot.surfaces.memory import Fault, MemorySurface
from store.actions import Store
from store.actions.approvals import decide_approval
from store.actions.incidents import record_incident
from store.kernel.clock import ManualClock
from store.kernel.errors import OutcomeUnknown
from tests.store.samples import asked, requested, running


@dataclass
class Calling(MemorySurface):
    """Remembers whom each post and each edit calls."""

    called: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    async def post(self, channel_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        self.called.append(("post", card.kind, placing.calls))
        return await super().post(channel_id, card, placing)

    async def edit(self, channel_id: str, message_id: str, card: Card, placing: Placing = STANDING) -> Shown:
        self.called.append(("edit", card.kind, placing.calls))
        return await super().edit(channel_id, message_id, card, placing)


@pytest.fixture
def surface(clock: ManualClock) -> Calling:
    return Calling(clock)


@pytest.fixture
def outbox(store: Store, team: Team, presenter: Presenter, surface: Calling) -> Outbox:
    return Outbox(store, team, presenter, (surface,))


def vote(store: Store, approval_id: str, who: str) -> None:
    decide_approval(
        store,
        approval_id,
        person_id=who,
        account=who,
        surface="console",
        approve=True,
        eligible=frozenset({"ana", "ben"}),
    )


async def test_only_a_new_question_calls_those_who_decide_it(
    store: Store, outbox: Outbox, surface: Calling, clock: ManualClock
) -> None:
    approval = asked(store, running(store), quorum=2)
    requested(store, "other")
    record_incident(store, cause="c", kind="bug", title="t", detail="d", next_step="n", example={})
    for who in ("ana", "ben"):
        await outbox.deliver(surface)
        vote(store, approval.id, who)
        clock.move_to(clock.now() + timedelta(seconds=5))
    await outbox.deliver(surface)
    approvals = [(how, calls) for how, kind, calls in surface.called if kind == "approval"]
    assert approvals == [("post", ("approver",)), ("edit", ()), ("edit", ())]
    assert {calls for _, kind, calls in surface.called if kind != "approval"} == {()}
    assert {kind for _, kind, _ in surface.called} >= {"approval", "run", "incident"}


async def test_a_question_decided_before_it_is_posted_calls_nobody(
    store: Store, outbox: Outbox, surface: Calling
) -> None:
    approval = asked(store, running(store))
    vote(store, approval.id, "ana")
    await outbox.deliver(surface)
    assert ("post", "approval", ()) in surface.called


async def test_a_question_that_is_looked_for_and_found_calls_nobody_again(
    store: Store, outbox: Outbox, surface: Calling, clock: ManualClock
) -> None:
    asked(store, running(store))
    surface.fail("post", *[Fault(OutcomeUnknown("timed out"), happened=True)] * 2)
    for _ in range(4):
        await outbox.deliver(surface)
        clock.move_to(clock.now() + timedelta(seconds=5))
    assert surface.calls.count("find") == 2
    assert [calls for _, kind, calls in surface.called if kind == "approval" and calls] == [("approver",)]
