"""The console as a surface: what the outbox may rely on."""

from datetime import timedelta

import pytest

from blocks.cards import approval_card
from bot.surfaces.base import ChannelSpec, Surface
from bot.surfaces.console import ConsoleSettings
from store.kernel.errors import UserMistake
from tests.blocks import samples
from tests.blocks.samples import NOW, VIEW
from tests.bot.console.conftest import Console, Start
from tests.bot.console.samples import RememberingInbound, empty_data


async def test_channels_are_there_as_soon_as_they_have_a_name(console: Console) -> None:
    surface: Surface = console.surface
    agent = ChannelSpec(agent_id="machine-watch", name="machine", purpose="Watches")
    team = ChannelSpec(agent_id=None, name="team", purpose="All")
    assert [await surface.ensure_channel(agent) for _ in range(2)] == ["machine-watch"] * 2
    assert await surface.ensure_channel(team) == "team"


async def test_a_message_is_its_card_and_is_found_once_it_is_on_record_as_built(console: Console) -> None:
    card = approval_card(samples.approval(id="approval_new"), (), VIEW)
    since = NOW - timedelta(days=1)
    assert await console.surface.find("machine-watch", card.key, since) is None
    row = console.data.put(card, "machine-watch")
    console.data.cards[card.key] = row.model_copy(update={"snapshot": None})
    assert await console.surface.find("machine-watch", card.key, since) is None
    console.data.put(card, "machine-watch")
    assert await console.surface.find("machine-watch", card.key, since) == card.key
    assert (await console.surface.post("machine-watch", card)).message_id == card.key


async def test_health_says_where_it_listens_and_who_watches(console: Console) -> None:
    health = console.surface.health()
    assert health.connected
    assert console.url in health.detail
    await console.surface.stop()
    assert not console.surface.health().connected


async def test_a_taken_port_is_named_with_what_to_do(start: Start) -> None:
    first = await start(empty_data)
    second = await start(empty_data)
    await second.surface.stop()
    second.surface._settings = ConsoleSettings(port=int(first.url.rpartition(":")[2]))
    with pytest.raises(UserMistake) as caught:
        await second.surface.start(RememberingInbound())
    assert first.url.rpartition(":")[2] in str(caught.value)
    assert "--port" in str(caught.value)


async def test_an_address_of_another_machine_cannot_be_listened_on(console: Console) -> None:
    await console.surface.stop()
    console.surface._settings = ConsoleSettings(port=0, host="192.0.2.1")
    with pytest.raises(UserMistake, match=r"192\.0\.2\.1"):
        await console.surface.start(RememberingInbound())


def test_it_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    assert ConsoleSettings(port=8420).host == "127.0.0.1"
    assert ConsoleSettings(port=8420, host="0.0.0.0").url == "http://127.0.0.1:8420"  # noqa: S104 - how it is named, not bound
    assert ConsoleSettings(port=8420, host="::1").url == "http://[::1]:8420"


def test_people_get_links_to_the_address_they_reach_and_programs_to_its_own(console: Console) -> None:
    settings = ConsoleSettings(port=8420, public_url="https://Deck.example.test")
    console.surface._settings = settings
    assert console.surface.login_url("ana").startswith("https://Deck.example.test/login?token=")
    assert console.surface.url == "http://127.0.0.1:8420"
    assert {"deck.example.test", "127.0.0.1:8420"} <= settings.allowed_hosts
