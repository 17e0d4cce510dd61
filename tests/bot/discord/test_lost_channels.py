"""A Discord channel that is lost, with the real record behind it: one incident, and cards that wait."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from agents.authority.facts import ToolFacts
from agents.roster import Team
from bot.delivery.outbox import Outbox
from bot.delivery.present import Presenter
from bot.delivery.surface_care import RECHECK, SurfaceCare
from bot.inbound.intake import Intake
from bot.surfaces.discord.surface import DiscordSurface
from bot.workspace import load_workspace
from store.actions import Store
from store.kernel.clock import ManualClock
from store.queries import incidents
from store.queries.channels import lost_channels
from store.records import Access, Incident, Loss
from tests.bot.conftest import TEAM
from tests.emulator.surfaces import until
from tests.fake_discord import surfaces
from tests.fake_discord.clients import pointed_at
from tests.fake_discord.permissions import ALL, Permission
from tests.fake_discord.server import FakeDiscord, running
from tests.store.samples import requested


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """The small team, whose accounts make no difference here."""
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "team.yaml").write_text(TEAM)
    (folder / "watch.py").write_text("async def run(ctx):\n    return {}\n")
    facts = ToolFacts(name="files.move", access=Access.WRITE, irreversible=False, arguments=None)
    return load_workspace(folder, known_tools={"files.move": facts})


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with running() as discord, pointed_at(discord):
        yield discord


@pytest.fixture
async def deck(fake: FakeDiscord, clock: ManualClock, intake: Intake) -> AsyncIterator[DiscordSurface]:
    surface = DiscordSurface(surfaces.settings(fake), clock, timing=surfaces.QUICK)
    await surface.start(intake)
    yield surface
    await surface.stop()


@pytest.fixture
def outbox(store: Store, team: Team, presenter: Presenter, deck: DiscordSurface) -> Outbox:
    return Outbox(store, team, presenter, (deck,))


@pytest.fixture
def care(store: Store, team: Team, outbox: Outbox, deck: DiscordSurface) -> SurfaceCare:
    return SurfaceCare(store, team, outbox.channels, deck)


@pytest.fixture
async def watch_id(care: SurfaceCare, fake: FakeDiscord) -> str:
    """The channel of the agent, both channels being looked after."""
    await care.look()
    return place(fake, "watch")


def place(fake: FakeDiscord, name: str) -> str:
    [channel] = [each for each in fake.world.channels.values() if each["name"] == name]
    return str(channel["id"])


def the_incident(store: Store) -> Incident:
    [incident] = incidents.open_incidents(store)
    return incident


async def deliver(outbox: Outbox, deck: DiscordSurface) -> None:
    for _ in range(3):
        await outbox.deliver(deck)


async def test_a_permission_taken_away_is_one_incident_and_what_waits_comes_when_it_is_back(
    store: Store, outbox: Outbox, deck: DiscordSurface, fake: FakeDiscord, watch_id: str
) -> None:
    fake.world.take_away(watch_id, Permission.SEND_MESSAGES)
    await until(lambda: lost_channels(store, "discord"))
    for key in ("one", "two"):
        requested(store, key)
    await deliver(outbox, deck)
    incident = the_incident(store)
    assert incident.title == "The channel of Watch on Discord no longer has Quarterdeck in it"
    assert fake.visible(watch_id) == []
    assert len(fake.visible(place(fake, "bridge"))) >= 1  # where it can be read
    fake.world.channels[watch_id]["permission_overwrites"].clear()
    fake.world.emit("CHANNEL_UPDATE", fake.world.channels[watch_id])
    await until(lambda: not lost_channels(store, "discord"))
    await deliver(outbox, deck)
    assert len(fake.visible(watch_id)) == 2
    assert incidents.open_incidents(store) == []


async def test_a_post_that_finds_it_out_first_says_the_same_once(
    store: Store, outbox: Outbox, deck: DiscordSurface, fake: FakeDiscord, watch_id: str
) -> None:
    fake.world.emit = lambda event, payload: None  # the gateway is silent
    fake.world.take_away(watch_id, Permission.SEND_MESSAGES)
    requested(store)
    await deliver(outbox, deck)
    assert [lost.loss for lost in lost_channels(store, "discord")] == [Loss.LEFT]
    assert the_incident(store).count == 1


async def test_what_no_event_told_is_found_by_looking_again(
    *, store: Store, care: SurfaceCare, fake: FakeDiscord, watch_id: str, clock: ManualClock
) -> None:
    fake.world.take_away(watch_id, Permission.SEND_MESSAGES)
    await until(lambda: lost_channels(store, "discord"))
    clock.move_to(clock.now() + RECHECK)
    await care.look()
    assert lost_channels(store, "discord")  # still lost: looking alone gives nothing back
    fake.world.emit = lambda event, payload: None
    fake.world.channels[watch_id]["permission_overwrites"].clear()
    clock.move_to(clock.now() + RECHECK)
    await care.look()
    assert lost_channels(store, "discord") == []


async def test_a_deleted_channel_is_one_incident_and_is_made_anew_at_the_next_start(
    *, store: Store, team: Team, presenter: Presenter, deck: DiscordSurface, fake: FakeDiscord, watch_id: str
) -> None:
    fake.world.delete_channel(watch_id)
    await until(lambda: lost_channels(store, "discord"))
    assert the_incident(store).title == "The channel of Watch on Discord is gone"
    again = Outbox(store, team, presenter, (deck,))
    await SurfaceCare(store, team, again.channels, deck).look()
    assert place(fake, "watch") != watch_id
    assert lost_channels(store, "discord") == []
    assert incidents.open_incidents(store) == []


async def test_a_new_name_changes_nothing(
    store: Store, outbox: Outbox, deck: DiscordSurface, fake: FakeDiscord, watch_id: str
) -> None:
    fake.world.rename(watch_id, "lookout")
    requested(store)
    await deliver(outbox, deck)
    await until(lambda: fake.visible(watch_id))
    assert incidents.open_incidents(store) == []


async def test_out_of_the_server_is_one_incident_for_all_and_everything_comes_when_it_is_back(
    *,
    store: Store,
    outbox: Outbox,
    deck: DiscordSurface,
    fake: FakeDiscord,
    watch_id: str,
    clock: ManualClock,
) -> None:
    fake.world.leave()
    await until(lambda: not deck.health().connected)
    assert "invite it again with the link of `quarterdeck discord setup`" in deck.health().detail
    requested(store)
    await deliver(outbox, deck)
    assert len(incidents.open_incidents(store)) == 1
    fake.world.come_back()
    await until(lambda: deck.health().connected)
    await until(lambda: not lost_channels(store, "discord"))
    clock.move_to(clock.now() + timedelta(minutes=2))
    await deliver(outbox, deck)
    assert len(fake.visible(watch_id)) == 2  # the run, and the incident, which could be read nowhere else
    assert incidents.open_incidents(store) == []


async def test_a_process_that_hears_no_events_finds_out_by_asking(
    store: Store, outbox: Outbox, deck: DiscordSurface, fake: FakeDiscord, watch_id: str
) -> None:
    fake.world.emit = lambda event, payload: None
    fake.world.leave()
    requested(store)
    await deliver(outbox, deck)
    assert not deck.health().connected
    assert lost_channels(store, "discord") == []
    fake.world.come_back()
    assert await deck.find(watch_id, "run:none", store.clock.now()) is None
    assert deck.health().connected


async def test_without_the_permission_to_make_it_a_channel_waits_for_the_set_up(
    *, store: Store, outbox: Outbox, care: SurfaceCare, deck: DiscordSurface, fake: FakeDiscord, clock: ManualClock
) -> None:
    fake.world.give_bot(ALL & ~Permission.MANAGE_CHANNELS)
    await care.look()
    requested(store)
    await deliver(outbox, deck)
    assert {lost.loss for lost in lost_channels(store, "discord")} == {Loss.UNMADE}
    assert all("quarterdeck discord setup" in incident.next_step for incident in incidents.open_incidents(store))
    fake.world.give_bot(ALL)
    clock.move_to(clock.now() + RECHECK)
    await care.look()
    await deliver(outbox, deck)
    assert len(fake.visible(place(fake, "watch"))) == 1
    assert incidents.open_incidents(store) == []
