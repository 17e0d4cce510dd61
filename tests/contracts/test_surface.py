"""What every surface promises the outbox and the intake, asked of each of them."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from blocks.elements import Card
from bot.surfaces.base import Answer, ChannelSpec
from store.kernel.errors import UserMistake
from tests.contracts.surfaces import CHATS, HARNESSES, NOW, ChatHarness, Harness, first_token
from tests.emulator.fixtures import emulator_url
from tests.emulator.surfaces import a_card, until

__all__ = ["emulator_url"]

SINCE = NOW - timedelta(days=5)
_numbers = itertools.count(1)


@pytest.fixture(params=sorted(HARNESSES))
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with HARNESSES[request.param](request) as opened:
        yield opened


@pytest.fixture
async def started(harness: Harness) -> AsyncIterator[Harness]:
    await harness.surface.start(harness.inbound)
    yield harness
    await harness.surface.stop()


@pytest.fixture(params=sorted(CHATS))
async def chat(request: pytest.FixtureRequest) -> AsyncIterator[ChatHarness]:
    async with CHATS[request.param](request) as opened:
        await opened.surface.start(opened.inbound)
        yield opened
        await opened.surface.stop()


async def post(harness: Harness, channel: str, card: Card) -> str:
    await harness.keep(channel, card)
    return (await harness.surface.post(channel, card)).message_id


def a_channel(agent: str = "machine-watch") -> ChannelSpec:
    return ChannelSpec(agent_id=agent, name=f"{agent}-contract-{next(_numbers)}", purpose="Watches this machine.")


async def test_a_posted_card_is_visible_once_and_recognised_by_its_key(started: Harness) -> None:
    channel = await started.surface.ensure_channel(a_channel())
    first = await post(started, channel, a_card("approval:a1"))
    second = await post(started, channel, a_card("approval:a2"))
    assert first != second
    assert await started.visible(channel) == [("approval:a1", 1), ("approval:a2", 1)]
    assert await started.surface.find(channel, "approval:a1", SINCE) == first
    assert await started.surface.find(channel, "approval:a2", SINCE) == second
    assert await started.surface.find(channel, "approval:a3", SINCE) is None


async def test_two_agents_have_two_channels(started: Harness) -> None:
    here, there = a_channel(), a_channel("note-taker")
    assert await started.surface.ensure_channel(here) != await started.surface.ensure_channel(there)


async def test_a_card_is_found_only_in_its_own_channel(chat: ChatHarness) -> None:
    here = await chat.surface.ensure_channel(a_channel())
    there = await chat.surface.ensure_channel(a_channel("note-taker"))
    await post(chat, here, a_card("approval:a1"))
    assert await chat.surface.find(there, "approval:a1", SINCE) is None


async def test_an_edit_shows_the_new_card_and_repeating_it_changes_nothing(started: Harness) -> None:
    channel = await started.surface.ensure_channel(a_channel())
    message = await post(started, channel, a_card("approval:a1"))
    newer = a_card("approval:a1", revision=2, state="Approved", actions=())
    for _ in range(2):
        await started.keep(channel, newer)
        await started.surface.edit(channel, message, newer)
        assert await started.visible(channel) == [("approval:a1", 2)]
    assert await started.surface.find(channel, "approval:a1", SINCE) == message


async def test_a_message_that_is_gone_is_a_mistake_that_says_so(chat: ChatHarness) -> None:
    channel = await chat.surface.ensure_channel(a_channel())
    with pytest.raises(UserMistake):
        await chat.surface.edit(channel, "1795000000.000001", a_card())


async def test_making_a_channel_again_gives_the_same_one(started: Harness) -> None:
    spec = a_channel()
    first = await started.surface.ensure_channel(spec)
    assert await started.surface.ensure_channel(spec) == first
    assert await started.surface.ensure_channel(spec.model_copy(update={"known_id": first})) == first


async def test_making_a_channel_again_makes_no_second_one(chat: ChatHarness) -> None:
    spec = a_channel()
    for _ in range(2):
        await chat.surface.ensure_channel(spec)
    assert (await chat.channel_names()).count(spec.name) == 1


async def test_a_press_is_stored_once_and_acted_on_once_however_often_delivered(started: Harness) -> None:
    channel, card = await started.surface.ensure_channel(a_channel()), a_card("approval:a1")
    await post(started, channel, card)
    await started.press(channel, card, times=3)
    await until(lambda: started.inbound.acted)
    [event] = started.inbound.acted
    assert (event.token, event.account_class) == (first_token(card), "member")
    assert started.inbound.attempts == 3
    assert len(started.inbound.stored) == 1


async def test_a_lost_private_answer_disturbs_nobody(started: Harness) -> None:
    await started.surface.answer_privately(started.reply_to(), Answer(text="Done."))
    started.break_answers()
    await started.surface.answer_privately(started.reply_to(), Answer(text="Done."))
    await started.surface.answer_privately(started.reply_to(), Answer())


async def test_health_is_what_is_so(harness: Harness) -> None:
    assert not harness.surface.health().connected
    await harness.surface.start(harness.inbound)
    health = harness.surface.health()
    assert health.connected
    assert health.surface == harness.surface.name
    assert health.detail.endswith(".")
    await harness.surface.stop()
    assert not harness.surface.health().connected
