"""A channel that is lost: said once, what is meant for it waits, and it goes on by itself when it is back."""

from datetime import timedelta

import pytest

from agents.roster import Team
from bot.delivery.outbox import HELD_SECONDS, REFUSALS, Outbox
from bot.delivery.present import Presenter
from bot.delivery.surface_care import OFFER_GAP, RECHECK, SurfaceCare
from bot.surfaces.base import ChannelLost
from bot.surfaces.memory import Fault, MemorySurface
from store.actions import Store
from store.actions.channels import regain_channel
from store.actions.outbox import refresh_fleet, remember_channel
from store.actions.runs import finish_run
from store.kernel.clock import ManualClock
from store.kernel.errors import OutcomeUnknown, Retryable, UserMistake
from store.queries import cards, incidents
from store.queries.channels import lost_channels
from store.records import DeliveryState, Incident, Loss, LostChannel, RunState
from tests.emulator.inbound import RecordingInbound
from tests.store.samples import requested, running

PLACE = "memory:watch"
ARCHIVED = Fault(ChannelLost(PLACE, Loss.ARCHIVED, "The channel #watch is archived."))
GONE = Fault(ChannelLost(PLACE, Loss.GONE, "The channel is not shown."))


@pytest.fixture
async def surface(clock: ManualClock) -> MemorySurface:
    memory = MemorySurface(clock)
    await memory.start(RecordingInbound())
    return memory


@pytest.fixture
def outbox(store: Store, team: Team, presenter: Presenter, surface: MemorySurface) -> Outbox:
    return Outbox(store, team, presenter, (surface,))


@pytest.fixture
def care(store: Store, team: Team, outbox: Outbox, surface: MemorySurface) -> SurfaceCare:
    return SurfaceCare(store, team, outbox.channels, surface)


def only_incident(store: Store) -> Incident:
    [incident] = incidents.open_incidents(store)
    return incident


def kinds(surface: MemorySurface) -> list[tuple[str, str]]:
    return [(message.channel_id, message.card.kind) for message in surface.messages]


def later(clock: ManualClock, by: timedelta) -> None:
    clock.move_to(clock.now() + by)


async def test_cards_of_a_lost_channel_wait_and_its_incident_is_said_once_elsewhere(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    surface.fail("post", ARCHIVED)
    for key in ("one", "two", "three"):
        requested(store, key)
    for _ in range(REFUSALS + 3):
        await outbox.deliver(surface)
        later(clock, timedelta(seconds=HELD_SECONDS))
    incident = only_incident(store)
    assert (incident.title, incident.count) == ("The channel of Watch on memory is archived", 1)
    assert "Unarchive the channel" in incident.next_step
    assert kinds(surface) == [("memory:bridge", "incident")]
    assert surface.calls.count("post") == 2  # one that found it out, and the incident


async def test_what_waited_comes_as_soon_as_the_channel_is_back(
    store: Store, outbox: Outbox, surface: MemorySurface
) -> None:
    surface.fail("post", ARCHIVED)
    requested(store)
    await outbox.deliver(surface)
    assert regain_channel(store, "memory", PLACE)
    assert not regain_channel(store, "memory", PLACE)
    await outbox.deliver(surface)
    assert (PLACE, "run") in kinds(surface)
    assert incidents.open_incidents(store) == []


async def test_an_edit_waits_as_a_post_does_and_makes_no_second_message(
    store: Store, outbox: Outbox, surface: MemorySurface
) -> None:
    run = running(store)
    await outbox.deliver(surface)
    surface.fail("edit", ARCHIVED)
    finish_run(store, run.id, state=RunState.DONE)
    await outbox.deliver(surface)
    assert surface.messages[0].card.state == "Running"
    regain_channel(store, "memory", PLACE)
    await outbox.deliver(surface)
    assert surface.messages[0].card.state == "Done"
    assert [kind for _, kind in kinds(surface)].count("run") == 1


@pytest.mark.parametrize("trouble", [ARCHIVED, Fault(Retryable("slow down", 1))])
async def test_a_post_that_may_have_happened_is_looked_for_again_whatever_hinders_the_look(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock, trouble: Fault
) -> None:
    surface.fail("post", Fault(OutcomeUnknown("timed out"), happened=True))
    surface.fail("find", trouble)
    requested(store)
    for _ in range(4):
        await outbox.deliver(surface)
        regain_channel(store, "memory", PLACE)
        later(clock, timedelta(minutes=10))
    assert [kind for _, kind in kinds(surface)].count("run") == 1


async def test_the_loss_of_the_teams_own_channel_is_said_in_another_one(
    store: Store, outbox: Outbox, surface: MemorySurface
) -> None:
    requested(store)
    await outbox.deliver(surface)
    surface.fail("post", Fault(ChannelLost("memory:bridge", Loss.GONE, "The channel is not shown.")))
    refresh_fleet(store)
    for _ in range(2):
        await outbox.deliver(surface)
    assert kinds(surface) == [(PLACE, "run"), (PLACE, "incident")]
    assert only_incident(store).title == "The channel of the team on memory is gone"


async def test_a_channel_that_cannot_be_had_is_an_incident_with_what_to_do(
    store: Store, outbox: Outbox, surface: MemorySurface
) -> None:
    surface.fail("ensure_channel", Fault(UserMistake("The name is taken.", "Take another.")))
    requested(store)
    await outbox.deliver(surface)
    assert lost_channels(store, "memory") == [LostChannel(surface="memory", place="watch", loss=Loss.UNMADE)]
    assert (only_incident(store).detail[:18], only_incident(store).next_step) == ("The name is taken.", "Take another.")


async def test_a_start_finds_what_was_lost_meanwhile_and_what_came_back(
    store: Store, care: SurfaceCare, surface: MemorySurface, clock: ManualClock
) -> None:
    surface.fail("ensure_channel", None, ARCHIVED)  # the team's, then watch's
    await care.look()
    assert lost_channels(store, "memory") == [LostChannel(surface="memory", place=PLACE, loss=Loss.ARCHIVED)]
    said = only_incident(store)
    surface.fail("ensure_channel", ARCHIVED)
    later(clock, RECHECK)
    remember_channel(store, surface="memory", name="watch", channel_id=PLACE, since=clock.now())
    await care.look()
    assert only_incident(store) == said
    later(clock, RECHECK)
    await care.look()
    assert lost_channels(store, "memory") == []


@pytest.mark.parametrize(("fault", "look_only"), [(ARCHIVED, False), (GONE, True)])
async def test_what_somebody_took_away_is_not_made_again_unasked(  # noqa: PLR0917 - a row of the table above
    store: Store, care: SurfaceCare, surface: MemorySurface, clock: ManualClock, fault: Fault, look_only: bool
) -> None:
    remember_channel(store, surface="memory", name="watch", channel_id=PLACE, since=clock.now())
    surface.fail("ensure_channel", None, fault)
    await care.look()
    later(clock, RECHECK)
    await care.look()
    assert surface.channels[PLACE].look_only is look_only


async def test_a_surface_that_is_not_connected_is_looked_at_later(
    store: Store, care: SurfaceCare, surface: MemorySurface
) -> None:
    await surface.stop()
    await care.look()
    assert surface.calls == []
    await surface.start(RecordingInbound())
    surface.fail("ensure_channel", Fault(Retryable("not now")))
    await care.look()
    await care.look()
    assert set(surface.channels) == {PLACE, "memory:bridge"}
    await care.look()
    assert surface.calls.count("ensure_channel") == 3


async def test_a_look_that_cannot_be_finished_asks_no_further_and_the_next_goes_on_there(
    store: Store, care: SurfaceCare, surface: MemorySurface
) -> None:
    surface.fail("ensure_channel", *[Fault(Retryable("too many"))] * 2)
    for expected in (1, 2, 4, 4):
        await care.look()
        assert surface.calls.count("ensure_channel") == expected


async def test_what_was_refused_is_offered_again_when_the_surface_comes_back(
    store: Store, outbox: Outbox, care: SurfaceCare, surface: MemorySurface, clock: ManualClock
) -> None:
    key = f"run:{requested(store).id}"
    surface.fail("post", *[Fault(UserMistake("no"))] * (REFUSALS + 1))
    for _ in range(REFUSALS + 2):
        await outbox.deliver(surface)
        later(clock, timedelta(minutes=5))
    assert state_of(store, key) is DeliveryState.REFUSED
    await care.look()
    await outbox.deliver(surface)
    assert state_of(store, key) is DeliveryState.POSTED


async def test_a_connection_that_comes_and_goes_is_offered_no_more_than_now_and_then(
    store: Store, outbox: Outbox, care: SurfaceCare, surface: MemorySurface, clock: ManualClock
) -> None:
    key = f"run:{requested(store).id}"
    await care.look()
    surface.fail("post", *[Fault(UserMistake("no"))] * (REFUSALS + 1))
    for _ in range(REFUSALS + 2):
        await outbox.deliver(surface)
        later(clock, timedelta(seconds=31))
    for pause, state in ((timedelta(), DeliveryState.REFUSED), (OFFER_GAP, DeliveryState.PENDING)):
        later(clock, pause)
        await surface.stop()
        await care.look()
        await surface.start(RecordingInbound())
        await care.look()
        assert state_of(store, key) is state


def state_of(store: Store, key: str) -> DeliveryState | None:
    delivery = cards.delivery(store, key, "memory")
    return None if delivery is None else delivery.state


async def test_in_a_new_channel_what_is_recent_is_shown_anew(
    store: Store, outbox: Outbox, surface: MemorySurface, clock: ManualClock
) -> None:
    run = running(store, "new")
    old, new = f"run:{requested(store, 'old').id}", f"run:{run.id}"
    await outbox.deliver(surface)
    later(clock, timedelta(days=2))
    finish_run(store, run.id, state=RunState.DONE)
    await outbox.deliver(surface)
    since = clock.now() - timedelta(days=1)
    remember_channel(store, surface="memory", name="watch", channel_id=PLACE, since=since)
    remember_channel(store, surface="memory", name="watch", channel_id="memory:watch-2", since=since)
    assert (state_of(store, old), state_of(store, new)) == (DeliveryState.REFUSED, DeliveryState.PENDING)
    await outbox.deliver(surface)
    assert [message.card.key for message in surface.messages] == [new, old, new]
