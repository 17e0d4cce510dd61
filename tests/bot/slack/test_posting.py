"""Each card is visible exactly once, whatever the network does; a message always shows the newest card."""

from collections import deque
from datetime import UTC, datetime

import pytest

from blocks.elements import StepMark, StepRow, Steps, Text
from bot.surfaces.base import ChannelLost, Persona, Placing
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.failures import TOKEN_DELAY_SECONDS, SlackRefusal
from store.kernel.errors import OutcomeUnknown, Retryable
from store.records import Loss
from tests.emulator.fake_slack import FakeSlack, Fault
from tests.emulator.surfaces import a_card, a_chart

SINCE = datetime(2026, 11, 18, tzinfo=UTC)


async def test_a_post_is_one_message_that_names_its_card_and_unfurls_nothing(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_card("approval:a1", revision=3))).message_id
    [message] = fake.messages[channel]
    assert message["ts"] == ts
    assert message["metadata"]["event_type"] == "quarterdeck_card"
    assert message["metadata"]["event_payload"]["key"] == "approval:a1"
    [form] = fake.called("chat.postMessage")
    assert (form["unfurl_links"], form["unfurl_media"]) == ("false", "false")
    assert form["text"].startswith("Approval needed")


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.LOST, Fault.SERVER_ERROR, Fault.INTERNAL_ERROR])
async def test_a_failed_post_is_sent_once_and_not_again_by_itself(
    slack: SlackSurface, fake: FakeSlack, fault: Fault
) -> None:
    channel = fake.add_channel("ops")
    fake.faults["chat.postMessage"].append(fault)
    with pytest.raises((Retryable, OutcomeUnknown)):
        await slack.post(channel, a_card())
    assert len(fake.called("chat.postMessage")) == 1


async def test_slow_down_is_told_with_slacks_own_delay(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.retry_after = "17"
    fake.faults["chat.postMessage"].append(Fault.RATE_LIMITED)
    with pytest.raises(Retryable) as raised:
        await slack.post(channel, a_card())
    assert raised.value.delay_seconds == 17
    with pytest.raises(Retryable) as raised:  # and nobody else knocks meanwhile
        await slack.post(channel, a_card("approval:a2"))
    assert 10 < raised.value.delay_seconds <= 17
    assert len(fake.called("chat.postMessage")) == 1


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR_AFTER, Fault.LOST_AFTER, Fault.SILENT_AFTER])
async def test_a_post_whose_answer_is_lost_is_found_by_its_key(
    slack: SlackSurface, fake: FakeSlack, fault: Fault
) -> None:
    channel = fake.add_channel("ops")
    await slack.post(channel, a_card("approval:other"))
    fake.faults["chat.postMessage"].append(fault)
    with pytest.raises(OutcomeUnknown):
        await slack.post(channel, a_card("approval:a1"))
    assert await slack.find(channel, "approval:a1", SINCE) == fake.messages[channel][1]["ts"]
    assert await slack.find(channel, "approval:a2", SINCE) is None
    assert fake.called("conversations.history")[0]["include_all_metadata"] == "true"


async def test_a_card_is_found_behind_pages_of_other_messages(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_card("approval:a1"))).message_id
    for number in range(450):
        fake.messages[channel].append({"ts": f"1795000001.{number:06d}", "user": "U0DANA", "text": "chatter"})
    assert await slack.find(channel, "approval:a1", SINCE) == ts
    assert len(fake.called("conversations.history")) == 3


async def test_somebody_elses_message_with_our_key_is_not_our_card(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    forged = {"event_type": "quarterdeck_card", "event_payload": {"key": "approval:a1"}}
    fake.messages[channel].append({"ts": "1795000000.500000", "user": "U0MALLORY", "metadata": forged})
    assert await slack.find(channel, "approval:a1", SINCE) is None


@pytest.mark.parametrize(
    ("code", "loss"),
    [("channel_not_found", Loss.GONE), ("is_archived", Loss.ARCHIVED), ("not_in_channel", Loss.LEFT)],
)
async def test_what_is_wrong_with_the_channel_is_said_as_such(
    slack: SlackSurface, fake: FakeSlack, code: str, loss: Loss
) -> None:
    fake.refuse["chat.postMessage"] = fake.refuse["chat.update"] = lambda _: code
    for attempt in (slack.post("C1", a_card()), slack.edit("C1", "1.1", a_card())):
        with pytest.raises(ChannelLost, match=code) as raised:
            await attempt
        assert (raised.value.place, raised.value.loss) == ("C1", loss)
        assert raised.value.hint


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive"])
async def test_a_refused_token_is_no_refusal_of_the_card(slack: SlackSurface, fake: FakeSlack, code: str) -> None:
    channel = fake.add_channel("ops")
    fake.refuse["chat.postMessage"] = lambda _: code
    with pytest.raises(Retryable, match=code) as raised:
        await slack.post(channel, a_card())
    assert raised.value.delay_seconds == TOKEN_DELAY_SECONDS


async def test_a_refusal_says_what_to_do(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.refuse["chat.postMessage"] = lambda _: "restricted_action"
    with pytest.raises(SlackRefusal, match=r"restricted_action\. A workspace admin"):
        await slack.post(channel, a_card())


async def test_editing_shows_the_new_card_whole_and_again_changes_nothing(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_card())).message_id
    decided = a_card(revision=2, state="Approved", actions=(), elements=(Text(text="Approved by Dana."),))
    fake.faults["chat.update"].append(Fault.SERVER_ERROR_AFTER)
    with pytest.raises(Retryable):  # repeating an edit is harmless, so nothing needs to be looked up
        await slack.edit(channel, ts, decided)
    await slack.edit(channel, ts, decided)
    [message] = fake.messages[channel]
    assert [block["type"] for block in message["blocks"]] == ["header", "rich_text"]
    assert message["metadata"]["event_payload"]["revision"] == 2


async def test_a_deleted_message_cannot_be_edited_for_good(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    with pytest.raises(SlackRefusal, match="message_not_found"):
        await slack.edit(channel, "1.1", a_card())


async def test_blocks_a_workspace_lacks_are_replaced_by_plainer_ones(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.refuse["chat.postMessage"] = lambda form: "invalid_blocks" if '"image"' in form["blocks"] else None
    ts = (await slack.post(channel, a_card(elements=(a_chart(),)))).message_id
    [message] = fake.messages[channel]
    assert message["ts"] == ts
    assert "is not shown here" in str(message["blocks"])


AS_WATCH = Placing(persona=Persona(name="Machine Watch", icon="lighthouse"))
PINNED = Placing(pinned=True)


async def test_a_card_goes_out_under_its_agents_name_and_is_found_there(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_card("approval:a1"), AS_WATCH)).message_id
    [message] = fake.messages[channel]
    assert (message["username"], message["icons"]["emoji"]) == ("Machine Watch", ":lighthouse:")
    assert "user" not in message
    assert await slack.find(channel, "approval:a1", SINCE) == ts
    await slack.edit(channel, ts, a_card("approval:a1", 2), AS_WATCH)
    assert "username" not in fake.called("chat.update")[0]


async def test_an_agent_without_a_picture_has_the_apps(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    await slack.post(channel, a_card(), Placing(persona=Persona(name="Machine Watch")))
    assert "icon_emoji" not in fake.called("chat.postMessage")[0]


async def test_without_the_scope_for_names_the_card_comes_from_the_app(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.scopes = fake.scopes.replace("chat:write.customize", "")  # taken away while we run
    for key in ("approval:a1", "approval:a2"):
        await slack.post(channel, a_card(key), AS_WATCH)
    assert fake.visible(channel) == ["approval:a1", "approval:a2"]
    assert ["username" in form for form in fake.called("chat.postMessage")] == [True, False, False]
    assert "its own name and icon (chat:write.customize)" in slack.health().detail
    assert slack.health().connected


async def test_a_card_that_stays_at_hand_is_pinned_once(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    shown = await slack.post(channel, a_card(), PINNED)
    assert (shown.owes, fake.pins) == (None, [(channel, shown.message_id)])
    assert (await slack.edit(channel, shown.message_id, a_card(revision=2), PINNED)).owes is None
    assert len(fake.pins) == 1


async def test_a_pin_that_failed_is_owed_and_made_with_a_later_edit(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.faults["pins.add"].append(Fault.SERVER_ERROR)
    shown = await slack.post(channel, a_card(), PINNED)
    assert (shown.owes, fake.pins) == ("pin", [])
    assert (await slack.edit(channel, shown.message_id, a_card(), PINNED)).owes is None
    assert fake.pins == [(channel, shown.message_id)]


@pytest.mark.parametrize("code", ["missing_scope", "too_many_pins"])
async def test_a_pin_that_slack_refuses_is_not_asked_for_again(slack: SlackSurface, fake: FakeSlack, code: str) -> None:
    channel = fake.add_channel("ops")
    fake.refuse["pins.add"] = lambda _: code
    shown = await slack.post(channel, a_card(), PINNED)
    assert shown.owes is None
    assert ("(pins:write)" in slack.health().detail) is (code == "missing_scope")


async def test_a_workspace_without_plans_is_asked_once_and_health_says_so(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    lacks = lambda form: "invalid_blocks" if '"plan"' in form["blocks"] else None  # noqa: E731 - one rule, two doors
    fake.refuse["chat.postMessage"] = fake.refuse["chat.update"] = lacks
    steps = Steps(title="1 of 1 finished", rows=(StepRow(name="disk", mark=StepMark.DONE, state="done"),))
    ts = (await slack.post(channel, a_card("run:r1", kind="run", elements=(steps,)))).message_id
    await slack.edit(channel, ts, a_card("run:r1", 2, kind="run", elements=(steps,)))
    assert len(fake.called("chat.postMessage")) == 2
    assert len(fake.called("chat.update")) == 1
    assert "without plan blocks (invalid_blocks)" in slack.health().detail
    assert "disk" in str(fake.messages[channel][0]["blocks"])


SCHEDULE = [*[None] * 6, Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.SERVER_ERROR_AFTER, Fault.LOST, Fault.LOST_AFTER]


async def test_three_hundred_cards_through_bad_weather_are_each_visible_once(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    fake.retry_after = "0"
    weather = [SCHEDULE[(number * 7 + number // 11) % len(SCHEDULE)] for number in range(2000)]
    fake.faults["chat.postMessage"] = deque(weather)
    fake.faults["conversations.history"] = deque(weather[5:])
    wanted = [f"approval:a{number}" for number in range(300)]
    for key in wanted:
        await deliver(slack, channel, key)
    assert fake.visible(channel) == wanted
    assert len(fake.called("chat.postMessage")) > len(wanted)  # it did rain


async def deliver(slack: SlackSurface, channel: str, key: str) -> str:
    """What the outbox does with one card: look before sending again, and believe "not there" only when seen twice."""
    unseen = 0
    uncertain = False
    while True:
        try:
            if not uncertain or unseen == 2:
                return (await slack.post(channel, a_card(key))).message_id
            found = await slack.find(channel, key, SINCE)
            if found is not None:
                return found
            unseen += 1
        except OutcomeUnknown:
            uncertain, unseen = True, 0
        except Retryable:
            continue
