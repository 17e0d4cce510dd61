"""App Home: what is published to whom, what a conflict means, and what is done without a Home tab."""

import json

import pytest

from blocks.cards import Viewer, home_page, strangers_page
from blocks.home import Home
from bot.surfaces.base import HasHomes, HomeMoved
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.failures import SlackRefusal
from store.kernel.errors import Refused, Retryable
from tests.blocks.samples import VIEW, fleet
from tests.bot.slack.conftest import member
from tests.emulator.fake_slack import FakeSlack, Fault

DANA = "U0DANA"


def page(note: str | None = None) -> Home:
    return home_page(fleet(), Viewer(person_id="ana", note=note), VIEW)


async def test_a_home_is_published_to_one_account_and_its_hash_comes_back(fake: FakeSlack, slack: SlackSurface) -> None:
    assert isinstance(slack, HasHomes)
    mark = await slack.publish_home(DANA, page(), 1, None)
    assert fake.homes[DANA]["hash"] == mark
    assert fake.homes[DANA]["type"] == "home"
    again = await slack.publish_home(DANA, page("Paused."), 1, mark)
    assert again != mark
    [first, second] = fake.called("views.publish")
    assert "hash" not in first
    assert second["hash"] == mark


async def test_a_home_that_moved_is_said_and_can_be_published_over(fake: FakeSlack, slack: SlackSurface) -> None:
    await slack.publish_home(DANA, page(), 1, None)
    with pytest.raises(HomeMoved):
        await slack.publish_home(DANA, page("Zebra"), 1, "1.old")
    assert "Zebra" not in json.dumps(fake.homes[DANA])
    await slack.publish_home(DANA, page("Zebra"), 1, None)
    assert "Zebra" in json.dumps(fake.homes[DANA])


@pytest.mark.parametrize("changes", [{"is_restricted": True}, {"team_id": "T0OTHER"}, {"is_ultra_restricted": True}])
async def test_what_members_see_goes_to_no_guest_and_no_outsider(
    fake: FakeSlack, slack: SlackSurface, changes: dict[str, object]
) -> None:
    fake.users["U0GUEST"] = member("U0GUEST", **changes)
    with pytest.raises(Refused):
        await slack.publish_home("U0GUEST", page(), 1, None)
    assert fake.homes == {}
    await slack.publish_home("U0GUEST", strangers_page(VIEW), 1, None)
    assert "First Light" not in json.dumps(fake.homes["U0GUEST"])


async def test_an_account_slack_says_nothing_of_waits(fake: FakeSlack, slack: SlackSurface) -> None:
    with pytest.raises(Retryable):
        await slack.publish_home("U0NOBODY", page(), 1, None)
    assert fake.called("views.publish") == []


async def test_without_a_home_tab_the_refusal_says_what_to_do(fake: FakeSlack, slack: SlackSurface) -> None:
    fake.refuse["views.publish"] = lambda _form: "not_enabled"
    with pytest.raises(SlackRefusal, match="not_enabled") as refusal:
        await slack.publish_home(DANA, page(), 1, None)
    assert "Home tab" in str(refusal.value.hint)
    assert slack.health().connected


@pytest.mark.parametrize(
    "fault", [Fault.RATE_LIMITED, Fault.LOST_AFTER, Fault.SERVER_ERROR_AFTER, Fault.INTERNAL_ERROR]
)
async def test_a_failed_publishing_may_be_repeated(fake: FakeSlack, slack: SlackSurface, fault: Fault) -> None:
    fake.faults["views.publish"].append(fault)
    with pytest.raises(Retryable):
        await slack.publish_home(DANA, page(), 1, None)


def test_a_channel_is_opened_by_its_id() -> None:
    from bot.surfaces.slack.homes import channel_url

    assert channel_url("C1&x=<y>") == "https://slack.com/app_redirect?channel=C1%26x%3D%3Cy%3E"
