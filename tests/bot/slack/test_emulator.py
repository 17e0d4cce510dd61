"""The whole surface against Slack's emulator: channels, cards, edits, presses, the edit form, every /deck command."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from blocks.elements import FieldKind, Form, FormField, Text
from bot.inbound.commands import COMMANDS
from bot.surfaces.base import Answer, ChannelSpec, InboundEvent, InboundKind, Placing, Shortcut
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack.webserver import HttpLink
from store.kernel.clock import ManualClock
from store.records import CardKind
from tests.blocks.samples import all_cards
from tests.emulator.fixtures import emulated, emulator_url
from tests.emulator.front import BOT, TEAM, EmulatedSlack
from tests.emulator.inbound import RecordingInbound
from tests.emulator.person import Person
from tests.emulator.surfaces import QUICK, a_card, a_chart, fast_pacer, settings, until

__all__ = ["emulated", "emulator_url"]

_numbers = itertools.count(1)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
EDIT = Form(
    title="Edit before approving",
    submit="Approve edited",
    token="q1:edit:a1:1",
    intro="Sending makes a new call that is decided again.",
    fields=(
        FormField(name="older_than_days", label="Older than (days)", kind=FieldKind.NUMBER, initial="30"),
        FormField(name="folder", label="Folder", initial="inbox"),
    ),
)


@pytest.fixture
async def slack(emulated: EmulatedSlack, inbound: RecordingInbound) -> AsyncIterator[SlackSurface]:
    people = (await emulated.account("dana"), await emulated.account("noor"))
    clock = ManualClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    surface = SlackSurface(settings(emulated.api_url), clock, people, pacer=fast_pacer(), timing=QUICK)
    await surface.start(inbound)
    yield surface
    await surface.stop()


@pytest.fixture
async def dana(slack: SlackSurface, emulated: EmulatedSlack) -> Person:
    assert slack._parts is not None
    assert isinstance(slack._parts.link, HttpLink)
    return Person(await emulated.account("dana"), TEAM, slack._parts.link.port, f"{emulated.url}/respond")


@pytest.fixture
async def channel(slack: SlackSurface) -> str:
    return await slack.ensure_channel(ChannelSpec(agent_id="a", name=f"agent-{next(_numbers)}", purpose="Watches."))


async def test_every_agent_gets_a_channel_with_its_purpose_and_its_people(
    slack: SlackSurface, emulated: EmulatedSlack, dana: Person
) -> None:
    specs = [
        ChannelSpec(agent_id=agent, name=f"{agent}-{next(_numbers)}", purpose=f"What {agent} does.")
        for agent in ("machine-watch", "note-taker")
    ]
    ids = [await slack.ensure_channel(spec) for spec in specs]
    assert [await slack.ensure_channel(spec) for spec in specs] == ids
    for spec, channel_id in zip(specs, ids, strict=True):
        found = (await emulated.ask("conversations.info", channel=channel_id))["channel"]
        assert (found["name"], found["topic"]["value"], found["creator"]) == (spec.name, spec.purpose, BOT)
        members = (await emulated.ask("conversations.members", channel=channel_id))["members"]
        assert dana.account in members


async def test_a_card_is_posted_found_and_edited_in_place(
    slack: SlackSurface, emulated: EmulatedSlack, channel: str
) -> None:
    ts = (await slack.post(channel, a_card())).message_id
    assert await slack.find(channel, "approval:a1", SINCE) == ts
    await slack.edit(channel, ts, a_card(revision=2, state="Approved", elements=(Text(text="By Dana."),), actions=()))
    [message] = [message for message in await emulated.messages(channel) if message.get("blocks")]
    assert message["ts"] == ts
    assert not [block for block in message["blocks"] if block["type"] == "actions"]
    assert "Approved" in str(message["blocks"])
    assert emulated.called("conversations.history")[0]["include_all_metadata"] == "true"


async def test_every_kind_of_card_ordinary_and_at_its_worst_is_posted_found_and_edited(
    slack: SlackSurface, emulated: EmulatedSlack, channel: str
) -> None:
    shown = {}
    for number, (name, sample) in enumerate(all_cards()):
        card = sample.model_copy(update={"key": f"{sample.kind}:{number}"})
        ts = (await slack.post(channel, card)).message_id
        assert await slack.find(channel, card.key, SINCE) == ts, name
        await slack.edit(channel, ts, card.model_copy(update={"revision": card.revision + 1}))
        shown[ts] = card
    messages = [message for message in await emulated.messages(channel) if message.get("blocks")]
    assert {message["ts"] for message in messages} == set(shown)
    kinds = {card.kind for card in shown.values()}
    assert kinds >= {kind.value for kind in CardKind}


async def test_a_card_in_a_thread_is_a_reply_that_is_found_there(
    slack: SlackSurface, emulated: EmulatedSlack, channel: str
) -> None:
    run = (await slack.post(channel, a_card("run:r1", kind="run"))).message_id
    log = (await slack.post(channel, a_card("log:r1", kind="log"), Placing(thread_id=run))).message_id
    replies = (await emulated.ask("conversations.replies", channel=channel, ts=run))["messages"]
    assert [message["ts"] for message in replies] == [run, log]
    assert await slack.find(channel, "log:r1", SINCE, run) == log


@pytest.fixture
async def posted(slack: SlackSurface, emulated: EmulatedSlack, channel: str) -> dict[str, Any]:
    """A message in the channel."""
    await slack.post(channel, a_card())
    [message] = [message for message in await emulated.messages(channel) if message.get("blocks")]
    return {**message, "text": "Please look at this", "channel": channel}


@pytest.mark.parametrize("callback", Shortcut)
async def test_every_shortcut_opens_its_form_and_the_form_is_sent(
    emulated: EmulatedSlack, posted: dict[str, Any], dana: Person, inbound: RecordingInbound, callback: Shortcut
) -> None:
    inbound.answer = lambda event: Answer(form=EDIT) if event.kind is InboundKind.SHORTCUT else Answer(text="Done.")
    given = None if callback is Shortcut.ASK else {**posted, "user": dana.account}
    trigger_id = await emulated.trigger(dana.account)
    assert await dana.shortcut(callback.value, given, posted["channel"], trigger_id) == 200
    await until(lambda: emulated.views)
    assert await dana.submit(emulated.views[0], {"older_than_days": "60", "folder": "inbox/old"}) == 200
    await until(lambda: len(inbound.acted) == 2)
    assert [(event.kind, event.account_class) for event in inbound.stored] == [
        (InboundKind.SHORTCUT, "member"),
        (InboundKind.SUBMIT, "member"),
    ]


async def test_a_chart_is_uploaded_and_shown(slack: SlackSurface, emulated: EmulatedSlack, channel: str) -> None:
    await slack.post(channel, a_card("alert:a1", kind="alert", elements=(a_chart(),), actions=()))
    [message] = [message for message in await emulated.messages(channel) if message.get("blocks")]
    [image] = [block for block in message["blocks"] if block["type"] == "image"]
    file = (await emulated.ask("files.info", file=image["slack_file"]["id"]))["file"]
    assert file["mimetype"] == "image/png"


async def test_a_press_reaches_us_and_its_answer_only_the_one_who_pressed(
    slack: SlackSurface, emulated: EmulatedSlack, channel: str, dana: Person, inbound: RecordingInbound
) -> None:
    inbound.answer = lambda _: Answer(text="Noor already approved this at 12:01.", ok=False)
    await slack.post(channel, a_card())
    [message] = [message for message in await emulated.messages(channel) if message.get("blocks")]
    assert await dana.press(message, channel) == 200
    await until(lambda: emulated.replies)
    [event] = inbound.stored
    assert (event.kind, event.token, event.account_class) == (InboundKind.PRESS, "q1:approve:a1:1", "member")
    assert emulated.replies[0]["response_type"] == "ephemeral"


async def test_a_guest_is_told_apart(
    slack: SlackSurface, emulated: EmulatedSlack, dana: Person, inbound: RecordingInbound
) -> None:
    emulated.flags[dana.account] = {"is_restricted": True}
    assert await dana.command("approvals", "C1") == 200
    assert inbound.stored[0].account_class == "guest"


async def test_edit_first_opens_a_form_whose_sending_carries_every_field(
    slack: SlackSurface, emulated: EmulatedSlack, channel: str, dana: Person, inbound: RecordingInbound
) -> None:
    def answer(event: InboundEvent) -> Answer:
        return Answer(form=EDIT) if event.kind is InboundKind.PRESS else Answer(text="A new request was made.")

    inbound.answer = answer
    await slack.post(channel, a_card(pressed=EDIT.token))
    [message] = [message for message in await emulated.messages(channel) if message.get("blocks")]
    assert await dana.press(message, channel, await emulated.trigger(dana.account)) == 200
    await until(lambda: emulated.views)
    dana.response_url = None
    assert await dana.submit(emulated.views[0], {"older_than_days": "60", "folder": "inbox/old"}) == 200
    await until(lambda: emulated.called("chat.postEphemeral"))
    event = inbound.stored[1]
    assert (event.kind, event.token) == (InboundKind.SUBMIT, EDIT.token)
    assert event.fields == {"older_than_days": "60", "folder": "inbox/old"}
    [said] = emulated.called("chat.postEphemeral")
    assert (said["channel"], said["user"]) == (channel, dana.account)


async def test_a_form_that_comes_too_late_says_so(
    slack: SlackSurface, emulated: EmulatedSlack, channel: str, dana: Person, inbound: RecordingInbound
) -> None:
    inbound.answer = lambda _: Answer(form=EDIT)
    await slack.post(channel, a_card(pressed=EDIT.token))
    [message] = [message for message in await emulated.messages(channel) if message.get("blocks")]
    assert await dana.press(message, channel, "expired.trigger") == 200
    await until(lambda: emulated.replies)
    assert "Press the button again" in emulated.replies[0]["text"]
    assert not emulated.views


@pytest.mark.parametrize("line", [*COMMANDS, "run machine-watch", "why machine-watch", ""])
async def test_every_command_is_passed_on_as_typed_and_answered_privately(
    emulated: EmulatedSlack,
    channel: str,
    dana: Person,
    inbound: RecordingInbound,
    line: str,
) -> None:
    inbound.answer = lambda event: Answer(card=a_card("fleet", kind="fleet", title=event.text, actions=()))
    assert await dana.command(line, channel) == 200
    await until(lambda: emulated.replies)
    [event] = inbound.stored
    assert (event.kind, event.text, event.account) == (InboundKind.COMMAND, line, dana.account)
    assert emulated.replies[0]["response_type"] == "ephemeral"
    assert line in str(emulated.replies[0]["blocks"])
    assert [message for message in await emulated.messages(channel) if message.get("blocks")] == []
