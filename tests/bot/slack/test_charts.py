"""A chart is uploaded once, shown only when Slack can show it, and never at the price of the card."""

import asyncio
from typing import Any

import pytest

from blocks.elements import Card, Text
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.settings import Transport
from tests.emulator.fake_slack import FakeSlack, Fault
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import QUICK, a_card, a_chart, fast_pacer, settings, until

PNG = b"\x89PNG\r\n"


def a_charted(revision: int = 1) -> Card:
    return a_card("alert:a1", revision, kind="alert", elements=(a_chart(),), actions=())


def picture(message: dict[str, Any]) -> str | None:
    found = [block["slack_file"]["id"] for block in message["blocks"] if block["type"] == "image"]
    return found[0] if found else None


async def test_a_chart_is_uploaded_scanned_and_shown_with_its_finding_in_words(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    fake.scan_polls = 3
    await slack.post(channel, a_charted())
    [file] = fake.files.values()
    assert file["content"].startswith(PNG)
    assert file["polls"] == 4
    [message] = fake.messages[channel]
    assert picture(message) == file["id"]
    assert "Disk rose from 2 to 5." in str(message["blocks"])
    [completed] = fake.called("files.completeUploadExternal")
    assert set(completed) == {"files"}  # no channel: the file is no message of its own


async def test_edits_show_the_same_file_again(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_charted())).message_id
    await slack.edit(channel, ts, a_charted(2))
    await slack.post(channel, a_charted().model_copy(update={"key": "alert:a2"}))
    assert len(fake.files) == 1
    assert all(picture(message) is not None for message in fake.messages[channel])


@pytest.fixture
async def hasty(fake: FakeSlack, slack: SlackSurface, inbound: RecordingInbound) -> Any:
    """A surface that does not wait for pictures."""
    timing = QUICK.model_copy(update={"chart_patience_seconds": 0.0})
    surface = SlackSurface(settings(fake.api_url, Transport.HTTP), slack._clock, pacer=fast_pacer(), timing=timing)
    await surface.start(inbound)
    yield surface
    await surface.stop()


async def test_a_card_does_not_wait_long_and_gets_its_picture_by_an_edit(hasty: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    await hasty.post(channel, a_charted())
    [message] = fake.messages[channel]
    assert picture(message) is None
    assert "The chart is not shown here" in str(message["blocks"])
    await until(lambda: picture(fake.messages[channel][0]))
    assert len(fake.messages[channel]) == 1


async def test_a_late_picture_never_brings_back_an_older_card(hasty: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.scan_polls = 20
    ts = (await hasty.post(channel, a_charted())).message_id
    await hasty.edit(channel, ts, a_charted(2))
    await until(lambda: picture(fake.messages[channel][0]))
    assert fake.messages[channel][0]["metadata"]["event_payload"]["revision"] == 2


async def test_a_card_that_no_longer_has_a_chart_is_left_alone(hasty: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.scan_polls = 20
    ts = (await hasty.post(channel, a_charted())).message_id
    await hasty.edit(channel, ts, a_charted(2).model_copy(update={"elements": (Text(text="Cleared."),)}))
    assert hasty._parts is not None
    late = hasty._parts.poster._late
    await until(lambda: not late._awaiting)
    assert len(fake.called("chat.update")) == 1


async def test_a_failed_upload_costs_the_picture_and_not_the_card(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.faults["files.getUploadURLExternal"].extend([Fault.SERVER_ERROR])
    await slack.post(channel, a_charted())
    assert picture(fake.messages[channel][0]) is None
    await until(lambda: picture(fake.messages[channel][0]))  # tried again by itself


async def test_a_drawing_that_cannot_be_drawn_costs_the_picture_only(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    broken = a_chart().model_copy(update={"spec": {"mark": "no such mark"}})
    await slack.post(channel, a_card("alert:a1", elements=(broken,), actions=()))
    assert len(fake.messages[channel]) == 1
    assert not fake.files


async def test_a_picture_refused_at_posting_is_left_out_and_the_card_posted_once(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    refusals = ["invalid_blocks"]
    fake.refuse["chat.postMessage"] = lambda _: refusals.pop() if refusals else None
    await slack.post(channel, a_charted())
    assert len(fake.messages[channel]) == 1
    await until(lambda: picture(fake.messages[channel][0]))


async def test_stopping_does_not_wait_for_pictures(hasty: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.scan_polls = 1_000_000
    await hasty.post(channel, a_charted())
    async with asyncio.timeout(2.0):
        await hasty.stop()
