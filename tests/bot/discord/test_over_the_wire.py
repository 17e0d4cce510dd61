"""Presses, questions, forms and files through the whole surface, against a Discord that keeps its three seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from blocks.elements import Button, Confirm, FieldKind, Form, FormField, Menu, Option
from bot.surfaces.base import Answer, ChannelSpec, InboundKind
from bot.surfaces.discord.surface import DiscordSurface
from bot.surfaces.discord.timing import Timing
from store.kernel.clock import WallClock
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import a_card, until
from tests.fake_discord.calls import Upload
from tests.fake_discord.clients import pointed_at
from tests.fake_discord.faults import Fault
from tests.fake_discord.interaction import AnswerKind, Interaction
from tests.fake_discord.refusals import unknown_interaction
from tests.fake_discord.server import FakeDiscord, running
from tests.fake_discord.surfaces import QUICK, settings

TOKEN = "q1:approve:a1:1"
FINAL = Button(label="Approve", token=TOKEN, confirm=Confirm(title="Sure?", text="It is final.", verb="Approve"))
FORM = Form(
    title="Ask an agent",
    submit="Start",
    token="q1:ask:new:0",
    fields=(
        FormField(name="words", label="What?", kind=FieldKind.MULTILINE),
        FormField(name="files", label="Files", kind=FieldKind.FILE, required=False, max_files=2),
    ),
)
SOON = 0.1


def knows(token: str, _channel: str, _message: str) -> Button | None:
    return FINAL if token == TOKEN else None


@dataclass
class Stage:
    """A Discord and a person in it; `open` puts a surface there, in place of the one before."""

    fake: FakeDiscord
    ana: str
    inbound: RecordingInbound = field(default_factory=RecordingInbound)
    surface: DiscordSurface | None = None

    async def open(self, timing: Timing = QUICK) -> DiscordSurface:
        if self.surface is not None:
            await self.surface.stop()
        self.surface = DiscordSurface(settings(self.fake), WallClock(), questions=knows, timing=timing)
        await self.surface.start(self.inbound)
        return self.surface

    async def show(self, **changes: object) -> dict[str, Any]:
        """A card on a message, as the person sees it."""
        assert self.surface is not None
        spec = ChannelSpec(agent_id="watch", name="watch", purpose="Watches.")
        channel_id = await self.surface.ensure_channel(spec)
        shown = await self.surface.post(channel_id, a_card(**changes))  # type: ignore[arg-type] # whatever a card takes
        return self.fake.world.messages[channel_id][shown.message_id]

    def press(self, message: dict[str, Any], label: str) -> Interaction:
        return self.fake.people.press(message, _custom_id(message["components"], label), self.ana)


def _custom_id(components: list[dict[str, Any]], label: str) -> str:
    inner = [one for part in components for one in part.get("components", [])]
    here = [one["custom_id"] for one in components if one.get("label") == label]
    return str(here[0]) if here else _custom_id(inner, label)


async def answered(acted: Interaction) -> AnswerKind:
    await until(lambda: acted.first is not None)
    assert acted.answered is not None
    return acted.answered


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(running())
        await stack.enter_async_context(pointed_at(fake))
        stage = Stage(fake, fake.world.add_member("ana"))
        await stage.open()
        yield stage
        assert stage.surface is not None
        await stage.surface.stop()


async def test_a_press_is_answered_to_one_person_and_once(stage: Stage) -> None:
    stage.inbound.answer = lambda _event: Answer(text="Approved.")
    acted = stage.press(await stage.show(), "Approve")
    stage.fake.people.again(acted)
    assert await answered(acted) is AnswerKind.MESSAGE
    await until(lambda: stage.inbound.attempts == 2)
    assert acted.said == "Approved."
    [event] = stage.inbound.acted
    assert (event.token, event.account, event.account_class) == (TOKEN, stage.ana, "member")


async def test_what_takes_long_is_put_off_before_discord_forgets_it(stage: Stage) -> None:
    await stage.open(QUICK.model_copy(update={"answer_by_seconds": SOON}))
    stage.inbound.hold = asyncio.Event()
    stage.inbound.answer = lambda _event: Answer(text="At last.")
    acted = stage.press(await stage.show(), "Approve")
    assert await answered(acted) is AnswerKind.DEFERRED_UPDATE
    stage.inbound.hold.set()
    await until(lambda: acted.followups)
    assert acted.said.endswith("At last.")


async def test_the_whole_way_of_a_question(stage: Stage) -> None:
    stage.inbound.answer = lambda _event: Answer(text="Approved.")
    message = await stage.show(actions=(FINAL,))
    acted = stage.press(message, "Approve")
    assert await answered(acted) is AnswerKind.MESSAGE
    assert acted.original is not None
    assert "It is final." in acted.said
    left = stage.press(acted.original, "Go back")
    assert await answered(left) is AnswerKind.UPDATE
    assert left.said == "Nothing was done."
    assert stage.inbound.stored == []
    await stage.open()
    asked = stage.press(message, "Approve")
    await answered(asked)
    assert asked.original is not None
    confirmed = stage.press(asked.original, "Approve")
    assert await answered(confirmed) is AnswerKind.UPDATE
    assert confirmed.said == "Approved."
    assert [event.token for event in stage.inbound.acted] == [TOKEN]


async def test_picking_in_a_menu_leaves_the_card_as_it_is(stage: Stage) -> None:
    stage.inbound.answer = lambda _event: Answer(text="Starts now.")
    message = await stage.show(actions=(Menu(label="Run…", options=(Option(label="Watch", token=TOKEN),)),))
    before = {**message}
    for _ in range(2):
        acted = stage.fake.people.choose(message, "q1menu:0", [TOKEN], stage.ana)
        assert await answered(acted) is AnswerKind.UPDATE
        assert stage.surface is not None
        assert stage.surface._parts is not None
        await stage.surface._parts.reception.drain()
        assert acted.said.endswith("Starts now.")
    assert message["components"] == before["components"]
    assert len(stage.inbound.acted) == 2


async def test_a_form_over_a_restart_with_its_files(stage: Stage) -> None:
    stage.inbound.answer = lambda event: Answer(form=FORM) if event.kind is InboundKind.PRESS else Answer(text="Sent.")
    opened = stage.press(await stage.show(), "Approve")
    assert await answered(opened) is AnswerKind.MODAL
    surface = await stage.open()
    given = Upload("files", "a.csv", b"day,hits\n1,2\n")
    sent = stage.fake.people.submit(opened, {"words": "Read this.", "files": given})
    await answered(sent)
    assert sent.said == "Sent."
    event = stage.inbound.acted[-1]
    assert (event.kind, event.token, event.fields["words"]) == (InboundKind.SUBMIT, FORM.token, "Read this.")
    [file] = event.files
    assert await surface.read_file(file) == given.content


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.SERVER_ERROR_AFTER, Fault.SERVER_ERROR, Fault.LOST])
async def test_a_first_answer_gets_through_once_whatever_becomes_of_the_call(stage: Stage, fault: Fault) -> None:
    stage.inbound.answer = lambda _event: Answer(text="Approved.")
    message = await stage.show()
    stage.fake.weather.plan("interactions.answer", fault)
    acted = stage.press(message, "Approve")
    await answered(acted)
    assert stage.surface is not None
    await stage.surface.stop()
    assert acted.said == "Approved."
    assert acted.followups == []


async def test_an_answer_that_discord_has_forgotten_undoes_nothing(stage: Stage) -> None:
    stage.inbound.answer = lambda _event: Answer(text="Approved.")
    message = await stage.show()
    stage.fake.refuse("interactions.answer", unknown_interaction())
    acted = stage.press(message, "Approve")
    await until(lambda: stage.inbound.acted and not stage.fake.rest.refusals["interactions.answer"])
    assert acted.first is None
    assert await answered(stage.press(message, "Approve")) is AnswerKind.MESSAGE


async def test_twenty_presses_at_once_are_all_answered_in_time(stage: Stage) -> None:
    stage.inbound.answer = lambda _event: Answer(text="Approved.")
    message = await stage.show()
    acted = [stage.press(message, "Approve") for _ in range(20)]
    await until(lambda: all(one.first is not None for one in acted))
    assert len({event.key for event in stage.inbound.acted}) == 20
    assert {one.said for one in acted} == {"Approved."}
