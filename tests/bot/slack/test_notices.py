"""What Slack says of our channels: a new name changes nothing, a loss is said once, and its end is noticed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from agents.roster import Team
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.inbound.intake import Intake
from bot.surfaces.base import ChannelChange, InboundKind
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.inbound import read_inbound
from bot.surfaces.slack.notices import CHANGES, read_notice
from bot.surfaces.slack.webserver import HttpLink
from store.actions import Store
from store.kernel.clock import ManualClock
from store.queries import audit, incidents
from store.queries.cards import known_channels
from store.queries.channels import lost_channels
from store.records import Loss
from tests.emulator.fake_slack import BOT, TEAM, FakeSlack
from tests.emulator.person import Person
from tests.emulator.surfaces import QUICK, fast_pacer, settings, until
from tests.store.samples import requested

OURS = [{"team_id": TEAM, "user_id": BOT, "is_bot": True}]


def body(kind: str, **inner: object) -> dict[str, Any]:
    event = {"type": kind, "event_ts": "1795000000.000100", **inner}
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": "Ev1",
        "event": event,
        "authorizations": OURS,
    }


@pytest.mark.parametrize("kind", [kind for kind in CHANGES if not kind.startswith("member")])
def test_every_change_is_read_with_the_channel_and_who_made_it(kind: str) -> None:
    channel: object = {"id": "C1", "name": "new-name"} if kind.endswith("rename") else "C1"
    heard = read_inbound(body(kind, channel=channel, user="U0DANA"))
    assert heard is not None
    assert (heard.event.kind, heard.event.account) == (InboundKind.NOTICE, "U0DANA")
    assert heard.event.payload["channel"] == "C1"
    assert heard.event.payload["change"] == CHANGES[kind].value
    assert heard.event.payload.get("name") == ("new-name" if kind.endswith("rename") else None)


@pytest.mark.parametrize(("who", "change"), [(BOT, ChannelChange.JOINED), ("U0DANA", None)])
def test_only_our_own_coming_and_going_counts(who: str, change: ChannelChange | None) -> None:
    told = body("member_joined_channel", channel="C1", user=who, inviter="U0DANA")
    notice = read_notice(told, told["event"])
    assert (notice and notice.change) == change
    assert notice is None or notice.by == "U0DANA"


def test_an_event_that_does_not_say_whose_it_is_is_nobodys_coming() -> None:
    told = body("member_joined_channel", channel="C1", user=BOT)
    assert read_notice({**told, "authorizations": None}, told["event"]) is None
    assert read_notice(told, {"type": "channel_archive"}) is None
    assert read_notice(told, {"type": "message", "channel": "C1"}) is None


@pytest.fixture
async def slack(fake: FakeSlack, clock: ManualClock, intake: Intake) -> AsyncIterator[SlackSurface]:
    surface = SlackSurface(settings(fake.api_url), clock, pacer=fast_pacer(), timing=QUICK)
    await surface.start(intake)
    yield surface
    await surface.stop()


@pytest.fixture
def outbox(store: Store, team: Team, presenter: Presenter, slack: SlackSurface) -> Outbox:
    return Outbox(store, team, presenter, (slack,))


@pytest.fixture
def platform(slack: SlackSurface) -> Person:
    """Slack itself, which tells what happened."""
    assert slack._parts is not None
    assert isinstance(slack._parts.link, HttpLink)
    return Person("U0DANA", TEAM, slack._parts.link.port)


async def told(platform: Person, kind: str, moment: int = 1, **inner: object) -> None:
    """An event arrives, twice, as Slack sometimes sends it."""
    happened = {"type": kind, "event_ts": f"1795000000.{moment:06d}", **inner}
    for event_id in ("Ev1", "Ev2"):
        assert await platform.event(happened, f"{event_id}-{kind}-{moment}", authorizations=OURS) == 200


async def a_card(store: Store, outbox: Outbox, slack: SlackSurface, key: str) -> str:
    run = requested(store, key)
    await outbox.deliver(slack)
    return f"run:{run.id}"


async def test_an_archived_channel_is_said_once_and_its_cards_come_when_it_is_back(
    store: Store, outbox: Outbox, slack: SlackSurface, fake: FakeSlack, platform: Person
) -> None:
    first = await a_card(store, outbox, slack, "one")
    channel = known_channels(store, "slack")["watch"]
    fake.channels[channel]["is_archived"] = True
    await told(platform, "channel_archive", channel=channel, user="U0DANA")
    await until(lambda: lost_channels(store, "slack"))
    [incident] = incidents.open_incidents(store)
    assert incident.count == 1
    second = await a_card(store, outbox, slack, "two")
    assert fake.visible(channel) == [first]
    assert fake.visible(known_channels(store, "slack")["bridge"]) == [f"incident:{incident.id}"]
    fake.channels[channel]["is_archived"] = False
    await told(platform, "channel_unarchive", channel=channel, user="U0DANA")
    await until(lambda: not lost_channels(store, "slack"))
    await outbox.deliver(slack)
    assert fake.visible(channel) == [first, second]
    assert incidents.open_incidents(store) == []


async def test_a_loss_nobody_told_of_is_found_with_the_next_card(
    store: Store, outbox: Outbox, slack: SlackSurface, fake: FakeSlack
) -> None:
    await a_card(store, outbox, slack, "one")
    fake.channels[known_channels(store, "slack")["watch"]]["is_archived"] = True
    await a_card(store, outbox, slack, "two")
    assert [lost.loss for lost in lost_channels(store, "slack")] == [Loss.ARCHIVED]


async def test_being_taken_out_is_noticed_and_so_is_the_invitation_back(
    store: Store, outbox: Outbox, slack: SlackSurface, fake: FakeSlack, platform: Person
) -> None:
    await a_card(store, outbox, slack, "one")
    channel = known_channels(store, "slack")["watch"]
    await told(platform, "channel_left", channel=channel, actor_id="U0DANA")
    await until(lambda: [lost.loss for lost in lost_channels(store, "slack")] == [Loss.LEFT])
    await told(platform, "member_joined_channel", 2, channel=channel, user="U0NOOR")
    await told(platform, "member_joined_channel", 3, channel=channel, user=BOT, inviter="U0DANA")
    await until(lambda: not lost_channels(store, "slack"))


async def test_a_deleted_channel_takes_the_place_of_an_archived_one(
    store: Store, outbox: Outbox, slack: SlackSurface, platform: Person
) -> None:
    await a_card(store, outbox, slack, "one")
    channel = known_channels(store, "slack")["watch"]
    await told(platform, "channel_archive", channel=channel, user="U0DANA")
    await told(platform, "channel_deleted", 2, channel=channel)
    await until(lambda: [lost.loss for lost in lost_channels(store, "slack")] == [Loss.GONE])
    [incident] = incidents.open_incidents(store)
    assert "it makes a new one" in incident.next_step


async def test_a_new_name_is_only_noted(
    store: Store, outbox: Outbox, slack: SlackSurface, fake: FakeSlack, platform: Person
) -> None:
    await a_card(store, outbox, slack, "one")
    channel = known_channels(store, "slack")["watch"]
    fake.channels[channel]["name"] = "the-watch"
    await told(platform, "channel_rename", channel={"id": channel, "name": "the-watch"})
    await until(lambda: audit.events_for(store, "channel", f"slack:{channel}"))
    [event] = audit.events_for(store, "channel", f"slack:{channel}")
    assert (event.kind, event.data) == ("channel.renamed", {"name": "the-watch"})
    await a_card(store, outbox, slack, "two")
    assert len(fake.visible(channel)) == 2
    assert incidents.open_incidents(store) == []


async def test_other_channels_concern_nobody(store: Store, slack: SlackSurface, platform: Person) -> None:
    await told(platform, "channel_archive", channel="C0ELSEWHERE", user="U0DANA")
    await told(platform, "channel_rename", channel={"id": "C0ELSEWHERE", "name": "x"})
    assert incidents.open_incidents(store) == []
