"""What becomes of our channels reaches us once, as what it means, from the events of the real client."""

import discord
import pytest
import simcord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.surfaces.base import ChannelChange, InboundEvent, InboundKind
from bot.surfaces.discord.client import Hearers
from bot.surfaces.discord.notices import Change, ChannelWatch, Seen, State, changes
from bot.surfaces.discord.permissions import May
from bot.surfaces.discord.vitals import Vitals
from store.kernel.clock import ManualClock
from tests.bot.discord.bare import Simulated, simulated

__all__ = ["simulated"]

OURS = Seen(state=State.USABLE, name="watch")
BARRED = Seen(state=State.BARRED, name="watch")
GONE = Seen(state=State.GONE)


class Told:
    """A watch on some channels, and what it told. `fails` makes so many tellings raise."""

    def __init__(self, clock: ManualClock) -> None:
        self.events: list[InboundEvent] = []
        self.known: dict[str, str] = {}
        self.vitals = Vitals(clock)
        self.watch: ChannelWatch | None = None
        self.fails = 0

    async def look(self, client: discord.Client) -> None:
        if self.watch is not None:
            await self.watch.look(client)

    def begin(self, simulated: Simulated, *channels: simcord.ChannelHandle) -> None:
        self.known = {str(each.id): str(each.name) for each in channels}
        self.watch = ChannelWatch(simulated.server_id, lambda: self.known, self.vitals, self._tell)

    async def _tell(self, event: InboundEvent) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        self.events.append(event)

    def said(self) -> list[tuple[str, str]]:
        return [(str(event.payload["channel"]), str(event.payload["change"])) for event in self.events]


@pytest.fixture
def told(clock: ManualClock) -> Told:
    return Told(clock)


@pytest.fixture
def hearers(told: Told) -> Hearers:
    return Hearers(servers=told.look)


@pytest.fixture
async def ours(simulated: Simulated, told: Told) -> simcord.ChannelHandle:
    """A channel of ours, of which no event has come yet."""
    channel = simulated.guild.create_text_channel("watch")
    await simulated.env.settle()
    told.begin(simulated, channel)
    return channel


async def test_a_new_name_is_told_with_the_name(simulated: Simulated, told: Told, ours: simcord.ChannelHandle) -> None:
    simulated.env.backend.edit_channel(ours.id, {"name": "lookout"})
    await simulated.env.settle()
    [event] = told.events
    assert (event.kind, event.surface, event.account) == (InboundKind.NOTICE, "discord", "discord")
    assert event.payload == {"channel": str(ours.id), "change": "renamed", "name": "lookout"}


async def test_a_deletion_is_told_once(simulated: Simulated, told: Told, ours: simcord.ChannelHandle) -> None:
    simulated.env.backend.delete_channel(ours.id)
    await simulated.env.settle()
    await told.look(simulated.env.bot)
    assert told.said() == [(str(ours.id), "deleted")]


@pytest.mark.parametrize("denied", [May.VIEW_CHANNEL, May.SEND_MESSAGES, May.READ_MESSAGE_HISTORY])
async def test_what_bars_us_from_a_channel_is_a_loss_and_giving_it_back_a_return(
    simulated: Simulated, told: Told, ours: simcord.ChannelHandle, denied: May
) -> None:
    backend, me = simulated.env.backend, int(simulated.bot_user_id)
    backend.set_overwrite(ours.id, Overwrite(target_id=me, type=OverwriteType.MEMBER, allow=0, deny=int(denied)))
    await simulated.env.settle()
    backend.delete_overwrite(ours.id, me)
    await simulated.env.settle()
    assert told.said() == [(str(ours.id), "left"), (str(ours.id), "joined")]


async def test_a_permission_taken_from_the_bots_role_is_a_loss(
    simulated: Simulated, told: Told, ours: simcord.ChannelHandle
) -> None:
    simulated.take_from_everyone(May.READ_MESSAGE_HISTORY)
    await simulated.env.settle()
    assert told.said() == []  # its own role still has it
    simulated.take_from_bot(May.READ_MESSAGE_HISTORY)
    await simulated.env.settle()
    assert told.said() == [(str(ours.id), "left")]


async def test_out_of_the_server_is_one_loss_and_known_as_what_is_the_matter(
    simulated: Simulated, told: Told, ours: simcord.ChannelHandle
) -> None:
    other = simulated.guild.create_text_channel("bridge")
    await simulated.env.settle()
    told.known[str(other.id)] = "bridge"
    simulated.env.backend.remove_guild(simulated.guild.id)
    await simulated.env.settle()
    assert told.said() == [(str(ours.id), "left")]
    assert f"is not in the Discord server {simulated.guild.id}" in str(told.vitals.away)
    await told.look(simulated.env.bot)
    assert len(told.events) == 1


async def test_back_in_the_server_is_a_return(simulated: Simulated, told: Told, ours: simcord.ChannelHandle) -> None:
    guild = simulated.env.bot.get_guild(simulated.guild.id)
    assert guild is not None
    simulated.env.bot._connection._guilds.pop(guild.id)
    await told.look(simulated.env.bot)
    simulated.env.bot._connection._guilds[guild.id] = guild
    await told.look(simulated.env.bot)
    assert told.said() == [(str(ours.id), "left"), (str(ours.id), "joined")]
    assert told.vitals.away is None


async def test_other_peoples_channels_and_servers_tell_nothing(
    simulated: Simulated, told: Told, ours: simcord.ChannelHandle
) -> None:
    theirs = simulated.guild.create_text_channel("theirs")
    elsewhere = simulated.env.create_guild("Elsewhere").create_text_channel("watch")
    for channel in (theirs, elsewhere):
        simulated.env.backend.edit_channel(channel.id, {"name": "other"})
        simulated.env.backend.delete_channel(channel.id)
    await simulated.env.settle()
    assert told.events == []


async def test_a_server_that_discord_cannot_reach_tells_nothing(
    simulated: Simulated, told: Told, ours: simcord.ChannelHandle
) -> None:
    guild = simulated.env.bot.get_guild(simulated.guild.id)
    assert guild is not None
    guild.unavailable = True
    guild._channels.clear()
    await told.look(simulated.env.bot)
    assert told.events == []


async def test_what_could_not_be_told_is_told_at_the_next_look(
    simulated: Simulated, told: Told, ours: simcord.ChannelHandle
) -> None:
    told.fails = 1
    simulated.env.backend.delete_channel(ours.id)
    await simulated.env.settle()
    assert (told.events, [str(each) for each in simulated.env.errors]) == ([], ["the disk is full"])
    simulated.expected_errors = 1
    await told.look(simulated.env.bot)
    assert told.said() == [(str(ours.id), "deleted")]


async def test_two_changes_are_two_events_and_a_channel_of_today_is_news_to_nobody(
    simulated: Simulated, told: Told, ours: simcord.ChannelHandle, clock: ManualClock
) -> None:
    simulated.env.backend.edit_channel(ours.id, {"name": "one"})
    await simulated.env.settle()
    new = simulated.guild.create_text_channel("new")
    told.known[str(new.id)] = "new"
    await simulated.env.settle()
    assert told.said() == [(str(ours.id), "renamed")]


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (OURS, OURS, None),
        (OURS, GONE, ChannelChange.DELETED),
        (BARRED, GONE, ChannelChange.DELETED),
        (GONE, GONE, None),
        (OURS, BARRED, ChannelChange.LEFT),
        (BARRED, BARRED, None),
        (GONE, BARRED, None),
        (BARRED, OURS, ChannelChange.JOINED),
        (GONE, OURS, ChannelChange.JOINED),
        (OURS, Seen(state=State.USABLE, name="new"), ChannelChange.RENAMED),
        (OURS, Seen(state=State.BARRED), ChannelChange.LEFT),
    ],
)
def test_each_step_from_one_state_to_another_means_one_thing(
    before: Seen, now: Seen, change: ChannelChange | None
) -> None:
    assert [one.change for one in changes({"1": before}, {"1": now})] == ([change] if change else [])
    assert changes({}, {"1": now}) == []
    assert changes({"1": before}, {}) == []


def test_a_new_name_goes_along() -> None:
    renamed = Seen(state=State.USABLE, name="new")
    assert changes({"1": OURS}, {"1": renamed}) == [Change(channel_id="1", change=ChannelChange.RENAMED, name="new")]
