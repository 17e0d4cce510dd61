"""A channel is made once, found again, and never taken from somebody else."""

import pytest

from bot.surfaces.base import ChannelLost, ChannelSpec
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.channels import NAME_CHARS, TOPIC_CHARS, channel_name
from store.kernel.errors import Retryable
from store.records import Loss
from tests.emulator.fake_slack import FakeSlack, Fault

WANTED = ChannelSpec(agent_id="machine-watch", name="machine-watch", purpose="Watches this machine.")


async def test_a_new_channel_has_its_topic_and_the_team_in_it(slack: SlackSurface, fake: FakeSlack) -> None:
    channel_id = await slack.ensure_channel(WANTED)
    channel = fake.channels[channel_id]
    assert channel["name"] == "machine-watch"
    assert channel["topic"]["value"] == "Watches this machine."
    assert "U0DANA" in channel["members"]


async def test_repeating_makes_no_second_one_and_changes_nothing(slack: SlackSurface, fake: FakeSlack) -> None:
    channel_id = await slack.ensure_channel(WANTED)
    known = WANTED.model_copy(update={"known_id": channel_id})
    fake.calls.clear()
    assert await slack.ensure_channel(known) == channel_id
    assert [method for method, _ in fake.calls] == ["conversations.info"]


async def test_a_channel_we_made_but_never_recorded_is_ours(slack: SlackSurface, fake: FakeSlack) -> None:
    for number in range(5):
        fake.add_channel(f"other-{number}", creator="U0SOMEBODY")
    first = await slack.ensure_channel(WANTED)
    assert await slack.ensure_channel(WANTED) == first
    assert len(fake.channels) == 6


async def test_a_lost_answer_to_making_it_is_safe_to_repeat(slack: SlackSurface, fake: FakeSlack) -> None:
    fake.faults["conversations.create"].append(Fault.LOST_AFTER)
    with pytest.raises(Retryable):
        await slack.ensure_channel(WANTED)
    channel_id = await slack.ensure_channel(WANTED)
    assert [channel["id"] for channel in fake.channels.values()] == [channel_id]


async def test_a_strangers_channel_of_that_name_is_left_alone(slack: SlackSurface, fake: FakeSlack) -> None:
    fake.add_channel("machine-watch", creator="U0SOMEBODY")
    with pytest.raises(ChannelLost, match="that Quarterdeck did not make") as raised:
        await slack.ensure_channel(WANTED)
    assert "put that channel's id" in str(raised.value)


async def test_a_channel_named_by_its_id_is_used_as_told(slack: SlackSurface, fake: FakeSlack) -> None:
    fake.channels["C0123ABCDEF"] = {"id": "C0123ABCDEF", "name": "ops", "creator": "U0SOMEBODY", "is_member": False}
    told = WANTED.model_copy(update={"name": "C0123ABCDEF"})
    assert await slack.ensure_channel(told) == "C0123ABCDEF"
    assert fake.channels["C0123ABCDEF"]["is_member"] is True
    with pytest.raises(ChannelLost, match="invite the app"):
        await slack.ensure_channel(WANTED.model_copy(update={"name": "C0000000000"}))


async def test_a_deleted_channel_is_made_anew_and_an_archived_one_is_said(slack: SlackSurface, fake: FakeSlack) -> None:
    first = await slack.ensure_channel(WANTED)
    known = WANTED.model_copy(update={"known_id": first})
    fake.channels[first]["is_archived"] = True
    with pytest.raises(ChannelLost, match="archived"):
        await slack.ensure_channel(known)
    del fake.channels[first]
    second = await slack.ensure_channel(known)
    assert fake.channels[second]["name"] == "machine-watch"


async def test_an_invitation_that_fails_does_not_take_the_channel_away(slack: SlackSurface, fake: FakeSlack) -> None:
    fake.refuse["conversations.invite"] = lambda _: "cant_invite"
    assert await slack.ensure_channel(WANTED) in fake.channels


async def test_a_topic_is_as_long_as_slack_allows(slack: SlackSurface, fake: FakeSlack) -> None:
    channel_id = await slack.ensure_channel(WANTED.model_copy(update={"purpose": "p" * 400}))
    assert len(fake.channels[channel_id]["topic"]["value"]) == TOPIC_CHARS


async def test_what_people_wrote_over_their_own_channel_stays(slack: SlackSurface, fake: FakeSlack) -> None:
    theirs = {"id": "C0123ABCDEF", "name": "ops", "creator": "U0SOMEBODY", "is_member": True}
    fake.channels["C0123ABCDEF"] = {**theirs, "topic": {"value": "Who is on call: Noor"}}
    told = WANTED.model_copy(update={"name": "C0123ABCDEF"})
    await slack.ensure_channel(told)
    assert not fake.called("conversations.setTopic")
    fake.channels["C0123ABCDEF"]["topic"] = {"value": ""}
    await slack.ensure_channel(told)
    assert fake.channels["C0123ABCDEF"]["topic"]["value"] == WANTED.purpose


async def test_a_topic_is_not_written_again_because_slack_escapes_it(slack: SlackSurface, fake: FakeSlack) -> None:
    wanted = WANTED.model_copy(update={"purpose": "Watches <disk> & memory."})
    fake.channels[await slack.ensure_channel(wanted)]["topic"] = {"value": "Watches &lt;disk&gt; &amp; memory."}
    await slack.ensure_channel(wanted)
    assert len(fake.called("conversations.setTopic")) == 1


async def test_a_topic_that_slack_refuses_does_not_take_the_channel_away(slack: SlackSurface, fake: FakeSlack) -> None:
    fake.refuse["conversations.setTopic"] = lambda _: "restricted_action"
    assert await slack.ensure_channel(WANTED) in fake.channels


@pytest.mark.parametrize(
    ("facts", "loss"), [(None, Loss.GONE), ({"is_archived": True}, Loss.ARCHIVED), ({"is_member": False}, Loss.LEFT)]
)
async def test_looking_changes_nothing_and_says_what_is_the_matter(
    slack: SlackSurface, fake: FakeSlack, facts: dict[str, object] | None, loss: Loss
) -> None:
    channel_id = await slack.ensure_channel(WANTED)
    look = WANTED.model_copy(update={"known_id": channel_id, "look_only": True})
    assert await slack.ensure_channel(look) == channel_id
    if facts is None:
        del fake.channels[channel_id]
    else:
        fake.channels[channel_id] |= facts
    fake.calls.clear()
    with pytest.raises(ChannelLost) as raised:
        await slack.ensure_channel(look)
    assert (raised.value.place, raised.value.loss) == (channel_id, loss)
    assert [method for method, _ in fake.calls] == ["conversations.info"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("machine-watch", "machine-watch"),
        ("Machine Watch!", "machine-watch"),
        ("größe_1", "größe_1"),
        ("x" * 99, "x" * NAME_CHARS),
    ],
)
def test_names_are_spelt_as_slack_spells_them(name: str, expected: str) -> None:
    assert channel_name(name) == expected
