"""The memory surface fails exactly as told: before the effect or after it, once for each fault."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.surfaces.base import ChannelSpec, InboundEvent, InboundKind
from bot.surfaces.memory import Fault, MemorySurface
from store.kernel.clock import ManualClock
from store.kernel.errors import OutcomeUnknown, Retryable, UserMistake
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import a_card

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def surface() -> MemorySurface:
    return MemorySurface(ManualClock(NOON))


async def test_a_fault_before_the_effect_leaves_nothing_behind(surface: MemorySurface) -> None:
    surface.fail("post", Fault(Retryable("Not now.")))
    with pytest.raises(Retryable):
        await surface.post("c", a_card())
    assert surface.messages == []
    await surface.post("c", a_card())
    assert len(surface.messages) == 1


async def test_a_fault_after_the_effect_leaves_it_to_be_found(surface: MemorySurface) -> None:
    surface.fail("post", Fault(OutcomeUnknown("Who knows."), happened=True))
    with pytest.raises(OutcomeUnknown):
        await surface.post("c", a_card("approval:a1"))
    assert await surface.find("c", "approval:a1", NOON) == surface.messages[0].id
    assert await surface.find("c", "approval:a1", NOON + timedelta(seconds=1)) is None
    assert surface.calls == ["post", "find", "find"]


async def test_channels_and_edits_can_fail_too(surface: MemorySurface) -> None:
    surface.fail("ensure_channel", Fault(UserMistake("Archived.")))
    spec = ChannelSpec(agent_id="a", name="a", purpose="Watches.")
    with pytest.raises(UserMistake):
        await surface.ensure_channel(spec)
    channel = await surface.ensure_channel(spec)
    message = (await surface.post(channel, a_card())).message_id
    surface.fail("edit", Fault(Retryable("Not now.")))
    with pytest.raises(Retryable):
        await surface.edit(channel, message, a_card(revision=2))
    assert surface.messages[0].card.revision == 1


async def test_nobody_is_heard_before_the_start_or_when_storing_fails(surface: MemorySurface) -> None:
    event = InboundEvent(surface="memory", key="e1", kind=InboundKind.COMMAND, account="U0DANA", text="status")
    with pytest.raises(UserMistake):
        await surface.hear(event)
    inbound = RecordingInbound(refusals=1)
    await surface.start(inbound)
    with pytest.raises(Retryable):
        await surface.hear(event)
    await surface.hear(event)
    await surface.hear(event)
    assert len(inbound.acted) == 1
