"""A chart is uploaded once, shown only when Slack can show it, and never at the price of the card."""

import asyncio
from typing import Any

import pytest

from blocks.elements import Card, Line, Plot, Text
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.settings import Transport
from store.kernel.canonical import fingerprint
from store.records import Upload
from tests.emulator.fake_slack import FakeSlack, Fault
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import QUICK, a_card, a_chart, fast_pacer, settings

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


async def test_a_card_does_not_wait_long_and_owes_its_picture_until_an_edit(
    hasty: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    shown = await hasty.post(channel, a_charted())
    [message] = fake.messages[channel]
    assert (picture(message), shown.owes) == (None, "chart")
    assert "The chart is not shown here" in str(message["blocks"])
    while shown.owes:
        shown = await hasty.edit(channel, shown.message_id, a_charted())
    assert picture(fake.messages[channel][0])
    assert len(fake.messages[channel]) == len(fake.files) == 1


async def test_a_card_that_no_longer_has_a_chart_owes_nothing(hasty: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.scan_polls = 20
    ts = (await hasty.post(channel, a_charted())).message_id
    cleared = a_charted(2).model_copy(update={"elements": (Text(text="Cleared."),)})
    assert (await hasty.edit(channel, ts, cleared)).owes is None


async def test_a_failed_upload_costs_the_picture_and_not_the_card(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.faults["files.getUploadURLExternal"].extend([Fault.SERVER_ERROR])
    shown = await slack.post(channel, a_charted())
    assert (picture(fake.messages[channel][0]), shown.owes) == (None, "chart")
    assert (await slack.edit(channel, shown.message_id, a_charted())).owes is None
    assert picture(fake.messages[channel][0])


async def test_a_drawing_that_cannot_be_drawn_costs_the_picture_only(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    broken = a_chart().model_copy(update={"spec": {"mark": "no such mark"}})
    shown = await slack.post(channel, a_card("alert:a1", elements=(broken,), actions=()))
    assert (len(fake.messages[channel]), len(fake.files), shown.owes) == (1, 0, None)


async def test_a_picture_refused_at_posting_is_left_out_and_the_card_posted_once(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    refusals = ["invalid_blocks"]
    fake.refuse["chat.postMessage"] = lambda _: refusals.pop() if refusals else None
    shown = await slack.post(channel, a_charted())
    assert (len(fake.messages[channel]), shown.owes) == (1, "chart")
    assert (await slack.edit(channel, shown.message_id, a_charted())).owes is None
    assert picture(fake.messages[channel][0])


PLOTTED = Plot(labels=("1", "2"), lines=(Line(name="Observed", values=("2", "5")),), unit="%")


def a_plotted(revision: int = 1) -> Card:
    chart = a_chart().model_copy(update={"plot": PLOTTED})
    return a_card("alert:a1", revision, kind="alert", elements=(chart,), actions=())


def types(message: dict[str, Any]) -> list[str]:
    return [block["type"] for block in message["blocks"]]


async def test_where_no_file_may_be_uploaded_slack_draws_the_chart_itself(slack: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.refuse["files.getUploadURLExternal"] = lambda _: "file_uploads_disabled"
    shown = await slack.post(channel, a_plotted())
    assert shown.owes is None  # a refusal is for good: nothing is tried again for this card
    [message] = fake.messages[channel]
    assert types(message) == ["header", "rich_text", "data_visualization"]
    assert "Disk rose from 2 to 5." in str(message["blocks"][1])


async def test_where_slack_draws_no_charts_words_stay_and_it_is_not_asked_again(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    fake.refuse["files.getUploadURLExternal"] = lambda _: "file_uploads_disabled"
    fake.refuse["chat.postMessage"] = lambda form: "invalid_blocks" if "data_visualization" in form["blocks"] else None
    await slack.post(channel, a_plotted())
    await slack.post(channel, a_plotted().model_copy(update={"key": "alert:a2"}))
    assert len(fake.called("chat.postMessage")) == 3
    assert all(types(message) == ["header", "rich_text"] for message in fake.messages[channel])
    assert "without native charts (invalid_blocks)" in slack.health().detail


async def test_after_a_restart_the_uploaded_picture_is_used_again(
    slack: SlackSurface, fake: FakeSlack, inbound: RecordingInbound
) -> None:
    channel = fake.add_channel("ops")
    ts = (await slack.post(channel, a_charted())).message_id
    again = SlackSurface(settings(fake.api_url), slack._clock, uploads=slack._uploads, pacer=fast_pacer(), timing=QUICK)
    await again.start(inbound)
    assert (await again.edit(channel, ts, a_charted(2))).owes is None
    await again.stop()
    assert len(fake.files) == 1
    assert picture(fake.messages[channel][0])


async def test_an_upload_that_was_cut_off_is_made_once_more(slack: SlackSurface, fake: FakeSlack) -> None:
    chart = a_chart()
    lost = Upload(file_id="F0LOST0001", complete=False)
    await slack._uploads.remember(fingerprint([chart.spec, chart.file_name]), lost)
    channel = fake.add_channel("ops")
    assert (await slack.post(channel, a_charted())).owes is None
    assert len(fake.files) == 1


async def test_stopping_does_not_wait_for_pictures(hasty: SlackSurface, fake: FakeSlack) -> None:
    channel = fake.add_channel("ops")
    fake.scan_polls = 1_000_000
    await hasty.post(channel, a_charted())
    async with asyncio.timeout(2.0):
        await hasty.stop()


async def test_a_scan_that_takes_long_is_waited_for_and_nothing_uploaded_again(
    slack: SlackSurface, fake: FakeSlack
) -> None:
    channel = fake.add_channel("ops")
    fake.scan_polls = 1_000_000
    shown = await slack.post(channel, a_charted())
    for _ in range(2):
        assert (await slack.edit(channel, shown.message_id, a_charted())).owes == "chart"
    fake.scan_polls = 0
    assert (await slack.edit(channel, shown.message_id, a_charted())).owes is None
    assert len(fake.files) == 1
