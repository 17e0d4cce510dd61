"""Guests, outsiders and whatever is not known are told apart from members at every event."""

import asyncio

import pytest

from bot.surfaces.slack.accounts import REMEMBER_SECONDS, AccountClass, Accounts, classify
from bot.surfaces.slack.identity import Home
from bot.surfaces.slack.pacing import Pacer
from bot.surfaces.slack.web import open_web
from tests.bot.slack.conftest import member
from tests.emulator.fake_slack import TEAM, FakeSlack, Fault
from tests.emulator.surfaces import QUICK, fast_pacer, settings

HOME = Home(team_id=TEAM, enterprise_id=None, bot_user_id="U0DECKBOT")
GRID = Home(team_id=TEAM, enterprise_id="E1", bot_user_id="U0DECKBOT")


@pytest.mark.parametrize(
    ("user", "home", "expected"),
    [
        (member("U1"), HOME, AccountClass.MEMBER),
        (member("U1", is_stranger=False), HOME, AccountClass.MEMBER),
        (member("U1", team_id="T2", enterprise_user={"enterprise_id": "E1"}), GRID, AccountClass.MEMBER),
        (member("U1", is_restricted=True), HOME, AccountClass.GUEST),
        (member("U1", is_restricted=True, is_ultra_restricted=True), HOME, AccountClass.GUEST),
        (member("U1", is_stranger=True), HOME, AccountClass.EXTERNAL),
        (member("U1", team_id="T0OTHER"), HOME, AccountClass.EXTERNAL),
        (member("U1", team_id="T2", enterprise_user={"enterprise_id": "E2"}), GRID, AccountClass.EXTERNAL),
        (member("U1", deleted=True), HOME, AccountClass.UNKNOWN),
        (member("U1", is_bot=True), HOME, AccountClass.UNKNOWN),
        ({"id": "U1", "team_id": TEAM, "deleted": False, "is_bot": False}, HOME, AccountClass.UNKNOWN),
        ({"id": "U1", "team_id": TEAM}, HOME, AccountClass.UNKNOWN),
        ({}, HOME, AccountClass.EXTERNAL),
    ],
)
def test_only_a_member_proven_to_be_one_is_one(user: dict[str, object], home: Home, expected: AccountClass) -> None:
    assert classify(user, home) is expected


async def test_an_account_is_asked_about_once_and_again_when_the_answer_is_old(fake: FakeSlack) -> None:
    now = [0.0]
    web = open_web(settings(fake.api_url), fast_pacer(), QUICK)
    accounts = Accounts(web, HOME, lambda: now[0])
    assert await accounts.class_of("U0DANA") is AccountClass.MEMBER
    fake.users["U0DANA"]["is_restricted"] = True
    assert await accounts.class_of("U0DANA") is AccountClass.MEMBER
    now[0] = REMEMBER_SECONDS
    assert await accounts.class_of("U0DANA") is AccountClass.GUEST
    assert len(fake.called("users.info")) == 2
    await web.close()


async def test_many_events_of_one_account_at_once_ask_once(fake: FakeSlack) -> None:
    web = open_web(settings(fake.api_url), Pacer(), QUICK)
    accounts = Accounts(web, HOME)
    given_up = asyncio.create_task(accounts.class_of("U0DANA"))
    asking = [asyncio.create_task(accounts.class_of("U0DANA")) for _ in range(50)]
    await asyncio.sleep(0)
    given_up.cancel()
    assert set(await asyncio.gather(*asking)) == {AccountClass.MEMBER}
    assert len(fake.called("users.info")) == 1
    await web.close()


async def test_when_slack_cannot_say_the_account_is_unknown_and_asked_about_again(fake: FakeSlack) -> None:
    web = open_web(settings(fake.api_url), fast_pacer(), QUICK)
    accounts = Accounts(web, HOME)
    fake.faults["users.info"].extend([Fault.SERVER_ERROR, Fault.LOST])
    assert await accounts.class_of("U0DANA") is AccountClass.UNKNOWN
    assert await accounts.class_of("U0DANA") is AccountClass.UNKNOWN
    assert await accounts.class_of("U0DANA") is AccountClass.MEMBER
    assert await accounts.class_of("U0NOBODY") is AccountClass.UNKNOWN
    await web.close()


async def test_a_silent_slack_does_not_hold_up_the_acknowledgement(fake: FakeSlack) -> None:
    web = open_web(settings(fake.api_url), fast_pacer(), QUICK.model_copy(update={"call_seconds": 30.0}))
    fake.faults["users.info"].append(Fault.SILENT_AFTER)
    async with asyncio.timeout(2.0):
        assert await Accounts(web, HOME).class_of("U0DANA") is AccountClass.UNKNOWN
    await web.close()
