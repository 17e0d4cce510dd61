"""The fleet card on Discord, as the outbox has it: the message that takes the place of an old one is on record."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from agents.roster import Team
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.surfaces.discord import DiscordSurface
from bot.surfaces.discord.marks import is_card
from store.actions import Store
from store.actions.outbox import FLEET_RECORD, refresh_fleet
from store.kernel.clock import ManualClock
from store.queries import cards
from store.records import CardKind, DeliveryState
from store.records.card import card_key
from tests.bot.discord.stage import WorldTime
from tests.emulator.inbound import RecordingInbound
from tests.fake_discord import surfaces
from tests.fake_discord.clients import pointed_at
from tests.fake_discord.faults import Fault
from tests.fake_discord.server import FakeDiscord, running
from tests.fake_discord.world import World

KEY = card_key(CardKind.FLEET, FLEET_RECORD)


@dataclass
class Delivering:
    """An outbox, its store, and a Discord whose time passes when told."""

    store: Store
    clock: ManualClock
    outbox: Outbox
    surface: DiscordSurface
    fake: FakeDiscord
    time: WorldTime

    async def refresh(self) -> None:
        refresh_fleet(self.store)
        for _ in range(3):
            self.clock.move_to(self.clock.now() + timedelta(minutes=5))
            await self.outbox.deliver(self.surface)

    @property
    def shown(self) -> list[str]:
        everywhere = [message for channel in list(self.fake.world.messages) for message in self.fake.visible(channel)]
        return [message["id"] for message in everywhere if is_card(message, KEY)]

    @property
    def known(self) -> tuple[DeliveryState, str | None]:
        delivery = cards.delivery(self.store, KEY, "discord")
        assert delivery is not None
        return delivery.state, delivery.message_id


@pytest.fixture
async def delivering(store: Store, team: Team, presenter: Presenter, clock: ManualClock) -> AsyncIterator[Delivering]:
    time = WorldTime()
    async with running(World(now=time.seconds)) as fake, pointed_at(fake):
        surface = DiscordSurface(surfaces.settings(fake), time, timing=surfaces.QUICK)
        await surface.start(RecordingInbound())
        yield Delivering(store, clock, Outbox(store, team, presenter, (surface,)), surface, fake, time)
        await surface.stop()


async def test_the_message_that_took_the_place_is_edited_from_then_on(delivering: Delivering) -> None:
    await delivering.refresh()
    [first] = delivering.shown
    delivering.time.pass_(hours=2)
    await delivering.refresh()
    [second] = delivering.shown
    assert second != first
    assert delivering.known == (DeliveryState.POSTED, second)
    await delivering.refresh()
    assert delivering.shown == [second]
    assert delivering.known == (DeliveryState.POSTED, second)


@pytest.mark.parametrize("operation", ["messages.create", "messages.delete", "messages.list"])
async def test_one_message_is_left_and_known_when_an_answer_is_lost_on_the_way(
    delivering: Delivering, operation: str
) -> None:
    await delivering.refresh()
    delivering.time.pass_(hours=2)
    delivering.fake.weather.plan(operation, Fault.SERVER_ERROR_AFTER)
    await delivering.refresh()
    delivering.time.pass_(minutes=10)
    await delivering.refresh()
    [message] = delivering.shown
    assert delivering.known == (DeliveryState.POSTED, message)
