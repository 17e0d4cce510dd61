"""App Home against Slack's emulator: somebody looks, decides and edits there, and the page tells what came of it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from agents.roster import Team
from bot.delivery.present import Presenter
from bot.homes.pages import HomePages
from bot.homes.watch import HomeWatch
from bot.inbound.intake import Intake
from bot.inbound.presses import Desk, press
from bot.surfaces.base import InboundKind
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.webserver import HttpLink
from store.actions import Store
from store.kernel.clock import ManualClock
from store.queries import approvals
from store.queries.homes import home
from store.records import ApprovalState
from tests.emulator.fixtures import emulated, emulator_url
from tests.emulator.front import TEAM, EmulatedSlack
from tests.emulator.person import Person
from tests.emulator.surfaces import QUICK, fast_pacer, settings, until
from tests.store.samples import asked, running

__all__ = ["emulated", "emulator_url"]


@dataclass
class Live:
    """The team's pages on a connected surface, with Dana in front of hers."""

    store: Store
    clock: ManualClock
    watch: HomeWatch
    slack: SlackSurface
    emulated: EmulatedSlack
    dana: Person
    looks: int = 0

    async def look(self, event_id: str | None = None) -> int:
        self.looks += 1
        inner = {"type": "app_home_opened", "user": self.dana.account, "channel": "D1", "tab": "home"}
        event = {**inner, "event_ts": f"{event_id or self.looks}.000001"}
        return await self.dana.event(event, f"Ev{self.looks}")

    async def round(self) -> int:
        self.clock.move_to(self.clock.now() + timedelta(seconds=20))
        return await self.watch.round({"slack": self.slack})

    def page(self) -> dict[str, Any]:
        view: dict[str, Any] = json.loads(self.emulated.called("views.publish")[-1]["view"])
        return view

    async def press(self, label: str) -> int:
        rows = [block for block in self.page()["blocks"] if block["type"] == "actions"]
        found = [(row, one) for row in rows for one in row["elements"] if one.get("text", {}).get("text") == label]
        return await self.dana.interact(await self._payload(*found[0]))

    async def _payload(self, block: dict[str, Any], element: dict[str, Any]) -> dict[str, Any]:
        action = {**element, "block_id": block["block_id"], "action_ts": f"{self.clock.now().timestamp():.6f}"}
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": self.dana.account, "team_id": TEAM},
            "container": {"type": "view", "view_id": "V1"},
            "view": {"id": "V1", "type": "home"},
            "trigger_id": await self.emulated.trigger(self.dana.account),
            "actions": [action],
        }

    def handled(self) -> bool:
        known = home(self.store, "slack", self.dana.account)
        return known is not None and known.shown_digest is None


@pytest.fixture
async def live(
    emulated: EmulatedSlack, store: Store, team: Team, desk: Desk, clock: ManualClock
) -> AsyncIterator[Live]:
    account = await emulated.account("dana")
    ana = team.people["ana"].model_copy(update={"accounts": {"slack": account}})
    known = team.model_copy(update={"people": {**team.people, "ana": ana}})
    presenter = Presenter(store, known, None)
    watch = HomeWatch(store, known, HomePages(store, known, presenter))
    front = Desk(store, known, desk.tools, presenter)
    acts = {kind: lambda event, who: press(front, event, who) for kind in (InboundKind.PRESS, InboundKind.SUBMIT)}
    intake = Intake(store, known, acts, {InboundKind.HOME: watch.opened}, watch.answered)
    surface = SlackSurface(settings(emulated.api_url), clock, (account,), pacer=fast_pacer(), timing=QUICK)
    await surface.start(intake)
    assert surface._parts is not None
    assert isinstance(surface._parts.link, HttpLink)
    yield Live(store, clock, watch, surface, emulated, Person(account, TEAM, surface._parts.link.port))
    await surface.stop()


async def test_looking_approving_and_reading_what_came_of_it(live: Live) -> None:
    waiting = asked(live.store, running(live.store))
    assert await live.look() == 200
    await until(live.handled)
    assert await live.round() == 1
    assert "1 thing needs you" in json.dumps(live.page())
    assert await live.press("Approve") == 200
    await until(lambda: approvals.approval(live.store, waiting.id).state is ApprovalState.APPROVED)
    await until(live.handled)
    assert await live.round() == 1
    assert "Approved. Thank you." in json.dumps(live.page())
    assert "Approve\\u2026" not in json.dumps(live.page())
    assert live.emulated.called("chat.postEphemeral") == []


async def test_rejecting_asks_why_in_a_form_and_answers_on_the_page(live: Live) -> None:
    waiting = asked(live.store, running(live.store))
    await live.look()
    await until(live.handled)
    await live.round()
    assert await live.press("Reject…") == 200
    await until(lambda: live.emulated.views)
    assert approvals.approval(live.store, waiting.id).state is ApprovalState.OPEN
    assert await live.dana.submit(live.emulated.views[0], {"reason": "Not in March"}) == 200
    await until(lambda: approvals.approval(live.store, waiting.id).state is ApprovalState.REJECTED)
    await until(live.handled)
    await live.round()
    assert "Rejected. Thank you." in json.dumps(live.page())


async def test_one_look_delivered_often_publishes_once(live: Live) -> None:
    for _ in range(4):
        assert await live.look("same") == 200
    await until(live.handled)
    assert [await live.round() for _ in range(3)] == [1, 0, 0]


async def test_a_guest_who_looks_is_greeted_and_told_nothing(live: Live) -> None:
    asked(live.store, running(live.store))
    live.emulated.flags[live.dana.account] = {"is_restricted": True}
    await live.look()
    await until(live.handled)
    assert await live.round() == 1
    assert "Test Team" not in json.dumps(live.page())
    assert "ask whoever runs this app" in json.dumps(live.page())
