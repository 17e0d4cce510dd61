"""A channel is made once under the team's category, found again by our mark, and never taken from somebody else."""

import asyncio

import discord
import pytest
import simcord

from blocks.text import utf16_length
from bot.surfaces.base import ChannelLost, ChannelSpec
from bot.surfaces.discord.channels import TOPIC_CHARS, Channels
from bot.surfaces.discord.making import (
    CHANNELS_OF_CATEGORY,
    CHANNELS_OF_SERVER,
    channel_name,
    mark_of,
    require_room,
)
from bot.surfaces.discord.permissions import BETTER, NEEDED, May
from bot.surfaces.discord.server import Channel
from bot.surfaces.discord.web import open_web
from store.kernel.errors import Retryable
from store.records import Loss
from tests.bot.discord.bare import Simulated, hearers, simulated
from tests.fake_discord.clients import pointed_at
from tests.fake_discord.server import running
from tests.fake_discord.surfaces import settings

__all__ = ["hearers", "simulated"]

WANTED = ChannelSpec(agent_id="machine-watch", name="machine-watch", purpose="Watches this machine.")


@pytest.fixture
def channels(simulated: Simulated) -> Channels:
    return anew(simulated)


def anew(simulated: Simulated, category: str = "Quarterdeck") -> Channels:
    """What a process knows that has just started."""
    return Channels(simulated.web, simulated.server_id, simulated.bot_user_id, category)


def made(simulated: Simulated, channel_id: str) -> discord.TextChannel:
    channel = simulated.env.bot.get_channel(int(channel_id))
    assert isinstance(channel, discord.TextChannel)
    return channel


def names_there(simulated: Simulated) -> list[str]:
    backend = simulated.env.backend
    there = [backend.channels[each] for each in backend.get_guild(simulated.guild.id).channel_ids]
    return sorted(str(channel.name) for channel in there)


async def test_a_new_channel_stands_under_the_category_with_purpose_and_mark(
    channels: Channels, simulated: Simulated
) -> None:
    channel = made(simulated, await channels.ensure(WANTED))
    assert channel.name == "machine-watch"
    assert channel.category is not None
    assert channel.category.name == "Quarterdeck"
    assert channel.topic == f"Watches this machine.\n{mark_of(simulated.bot_user_id, 'machine-watch')}"


async def test_agents_share_the_category(channels: Channels, simulated: Simulated) -> None:
    for name in ("bridge", "machine-watch"):
        await channels.ensure(WANTED.model_copy(update={"name": name}))
    assert names_there(simulated) == ["Quarterdeck", "bridge", "machine-watch"]


async def test_repeating_makes_no_second_one_and_changes_nothing(channels: Channels, simulated: Simulated) -> None:
    channel_id = await channels.ensure(WANTED)
    known = WANTED.model_copy(update={"known_id": channel_id})
    before = len(simulated.asked())
    assert await channels.ensure(known) == channel_id
    assert simulated.asked()[before:] == [f"GET /channels/{channel_id}"]


async def test_a_channel_we_made_but_never_recorded_is_found_by_its_mark(simulated: Simulated) -> None:
    first = await anew(simulated).ensure(WANTED)
    await made(simulated, first).edit(name="renamed-by-somebody")
    before = len(simulated.asked())
    assert await anew(simulated).ensure(WANTED) == first
    assert {asked.split()[0] for asked in simulated.asked()[before:]} == {"GET"}
    assert names_there(simulated) == ["Quarterdeck", "renamed-by-somebody"]


async def test_of_two_that_bear_the_mark_the_older_counts(simulated: Simulated) -> None:
    topic = f"Twice.\n{mark_of(simulated.bot_user_id, 'machine-watch')}"
    older = simulated.guild.create_text_channel("machine-watch", topic=topic)
    simulated.guild.create_text_channel("machine-watch", topic=topic)
    assert await anew(simulated).ensure(WANTED) == str(older.id)


async def test_several_at_once_leave_one_category_and_one_channel() -> None:
    async with running() as fake, pointed_at(fake):
        webs = [await open_web(settings(fake)) for _ in range(4)]
        try:
            each = (Channels(web, fake.server_id, fake.world.bot_id, "Quarterdeck").ensure(WANTED) for web in webs)
            ids = set(await asyncio.gather(*each))
        finally:
            await asyncio.gather(*(web.close() for web in webs))
        assert len(fake.rest.called("channels.create")) > 2, "nobody was at it at the same time"
        assert [channel["name"] for channel in fake.world.channels.values()] == ["Quarterdeck", "machine-watch"]
        assert ids <= set(fake.world.channels)


async def test_a_channel_of_that_name_that_is_not_ours_is_left_alone(channels: Channels, simulated: Simulated) -> None:
    theirs = simulated.guild.create_text_channel("machine-watch", topic="Ours since 2019")
    channel_id = await channels.ensure(WANTED)
    assert channel_id != str(theirs.id)
    assert names_there(simulated).count("machine-watch") == 2


async def test_another_bots_mark_is_not_ours(channels: Channels, simulated: Simulated) -> None:
    theirs = simulated.guild.create_text_channel("machine-watch", topic=mark_of("1" * 18, "machine-watch"))
    assert await channels.ensure(WANTED) != str(theirs.id)


async def test_a_channel_named_by_its_id_is_used_as_told(channels: Channels, simulated: Simulated) -> None:
    theirs = simulated.guild.create_text_channel("ops", topic="Who is on call: Noor")
    told = WANTED.model_copy(update={"name": str(theirs.id)})
    assert await channels.ensure(told) == str(theirs.id)
    assert made(simulated, str(theirs.id)).topic == "Who is on call: Noor"
    with pytest.raises(ChannelLost, match="Check the id") as raised:
        await channels.ensure(WANTED.model_copy(update={"name": "1" * 18}))
    assert (raised.value.place, raised.value.loss) == ("1" * 18, Loss.GONE)


async def test_an_empty_topic_of_theirs_gets_the_purpose_and_no_mark(channels: Channels, simulated: Simulated) -> None:
    theirs = simulated.guild.create_text_channel("ops")
    await channels.ensure(WANTED.model_copy(update={"name": str(theirs.id)}))
    assert made(simulated, str(theirs.id)).topic == "Watches this machine."


async def test_an_id_of_something_else_is_no_channel_for_cards(channels: Channels, simulated: Simulated) -> None:
    voice = simulated.guild.create_voice_channel("talk")
    with pytest.raises(ChannelLost, match="no text channel"):
        await channels.ensure(WANTED.model_copy(update={"name": str(voice.id)}))


async def test_an_id_of_another_server_is_refused(channels: Channels, simulated: Simulated) -> None:
    elsewhere = simulated.env.create_guild("Elsewhere").create_text_channel("ops")
    with pytest.raises(ChannelLost, match="is not in the server"):
        await channels.ensure(WANTED.model_copy(update={"name": str(elsewhere.id)}))


async def test_a_deleted_channel_is_made_anew(channels: Channels, simulated: Simulated) -> None:
    first = await channels.ensure(WANTED)
    await made(simulated, first).delete()
    second = await channels.ensure(WANTED.model_copy(update={"known_id": first}))
    assert second != first
    assert names_there(simulated) == ["Quarterdeck", "machine-watch"]


async def test_a_topic_changes_only_when_it_differs_and_gets_its_mark_back(
    channels: Channels, simulated: Simulated
) -> None:
    channel_id = await channels.ensure(WANTED)
    await made(simulated, channel_id).edit(topic="Something else")
    known = WANTED.model_copy(update={"known_id": channel_id, "purpose": "Watches that machine."})
    before = len(simulated.asked())
    for _ in range(2):
        await channels.ensure(known)
    assert [one for one in simulated.asked()[before:] if one.startswith("PATCH")] == [f"PATCH /channels/{channel_id}"]
    mark = mark_of(simulated.bot_user_id, "machine-watch")
    assert made(simulated, channel_id).topic == f"Watches that machine.\n{mark}"


async def test_a_topic_is_as_long_as_discord_allows_and_keeps_its_mark(
    channels: Channels, simulated: Simulated
) -> None:
    long = WANTED.model_copy(update={"purpose": "🔭" * 600})
    topic = made(simulated, await channels.ensure(long)).topic or ""
    assert TOPIC_CHARS - 1 <= utf16_length(topic) <= TOPIC_CHARS
    assert topic.endswith(mark_of(simulated.bot_user_id, "machine-watch"))


async def test_a_topic_that_may_not_be_written_does_not_take_the_channel_away(
    channels: Channels, simulated: Simulated
) -> None:
    channel_id = await channels.ensure(WANTED)
    simulated.take_from_bot(May.MANAGE_CHANNELS)
    changed = WANTED.model_copy(update={"known_id": channel_id, "purpose": "Another."})
    assert await channels.ensure(changed) == channel_id


async def test_without_the_permission_to_make_one_the_hint_says_how(channels: Channels, simulated: Simulated) -> None:
    simulated.take_from_bot(May.MANAGE_CHANNELS)
    with pytest.raises(ChannelLost, match="quarterdeck discord setup") as raised:
        await channels.ensure(WANTED)
    assert raised.value.loss is Loss.UNMADE
    assert names_there(simulated) == []


@pytest.mark.parametrize("lost", [one for one in May if one & NEEDED])
async def test_a_channel_the_bot_may_not_use_says_what_it_lacks(
    channels: Channels, simulated: Simulated, lost: May
) -> None:
    channel_id = await channels.ensure(WANTED)
    simulated.take_from_bot(lost)
    simulated.take_from_everyone(lost)
    known = WANTED.model_copy(update={"known_id": channel_id})
    for look_only in (True, False):
        with pytest.raises(ChannelLost, match=r"lacks|does not see") as raised:
            await anew(simulated).ensure(known.model_copy(update={"look_only": look_only}))
        assert (raised.value.place, raised.value.loss) == (channel_id, Loss.LEFT)


@pytest.mark.parametrize("lost", [one for one in May if one & BETTER])
async def test_without_what_is_only_better_a_channel_is_used(
    channels: Channels, simulated: Simulated, lost: May
) -> None:
    channel_id = await channels.ensure(WANTED)
    simulated.take_from_bot(lost)
    simulated.take_from_everyone(lost)
    look = WANTED.model_copy(update={"known_id": channel_id, "look_only": True})
    assert await channels.ensure(look) == channel_id


async def test_what_was_given_back_is_noticed_though_we_knew_otherwise(
    channels: Channels, simulated: Simulated
) -> None:
    channel_id = await channels.ensure(WANTED)
    known = WANTED.model_copy(update={"known_id": channel_id})
    simulated.take_from_bot(May.SEND_MESSAGES)
    simulated.take_from_everyone(May.SEND_MESSAGES)
    with pytest.raises(ChannelLost, match="Send Messages"):
        await channels.ensure(known.model_copy(update={"look_only": True}))
    role = simulated.env.backend.get_guild(simulated.guild.id).everyone_role
    simulated.env.backend.edit_role(
        simulated.guild.id, role.id, {"permissions": role.permissions | int(May.SEND_MESSAGES)}
    )
    assert await channels.ensure(known) == channel_id


async def test_looking_changes_nothing(channels: Channels, simulated: Simulated) -> None:
    channel_id = await channels.ensure(WANTED)
    look = WANTED.model_copy(update={"known_id": channel_id, "look_only": True})
    assert await channels.ensure(look) == channel_id
    await made(simulated, channel_id).delete()
    before = len(simulated.asked())
    for gone in (look, look.model_copy(update={"known_id": None})):
        with pytest.raises(ChannelLost) as raised:
            await channels.ensure(gone)
        assert raised.value.loss is Loss.GONE
    assert simulated.asked()[before:] == [f"GET /channels/{channel_id}"]


async def test_a_category_that_is_there_is_used_whatever_its_case(simulated: Simulated) -> None:
    category = simulated.guild.create_category("THE DECK")
    channel_id = await anew(simulated, "The Deck").ensure(WANTED)
    assert made(simulated, channel_id).category_id == category.id


async def test_a_category_by_its_id_is_used_and_a_wrong_one_is_said(simulated: Simulated) -> None:
    category = simulated.guild.create_category("Anything")
    channel_id = await anew(simulated, str(category.id)).ensure(WANTED)
    assert made(simulated, channel_id).category_id == category.id
    with pytest.raises(ChannelLost, match="has no category"):
        await anew(simulated, "1" * 18).ensure(WANTED.model_copy(update={"name": "other"}))


async def test_a_renamed_category_keeps_new_channels_too(simulated: Simulated) -> None:
    first = made(simulated, await anew(simulated).ensure(WANTED))
    assert first.category is not None
    await first.category.edit(name="Bots")
    second = await anew(simulated).ensure(WANTED.model_copy(update={"name": "bridge"}))
    assert made(simulated, second).category_id == first.category_id


async def test_a_full_category_is_said_plainly(simulated: Simulated) -> None:
    category = simulated.guild.create_category("Quarterdeck")
    for number in range(CHANNELS_OF_CATEGORY):
        simulated.guild.create_text_channel(f"c{number}", category=category)
    with pytest.raises(ChannelLost, match=r"50 channels.*Name another `category`"):
        await anew(simulated).ensure(WANTED)


def test_a_full_server_is_said_plainly() -> None:
    full = [Channel(id=str(number), server_id="1", kind=0, name="x") for number in range(CHANNELS_OF_SERVER)]
    require_room(full[1:], None, "new")
    with pytest.raises(ChannelLost, match=r"500 channels.*let agents share one"):
        require_room(full, None, "new")


async def test_discord_being_away_is_to_be_tried_again(channels: Channels, simulated: Simulated) -> None:
    simulated.env.inject_error("GET", "/guilds/*/channels", status=500, times=None)
    with pytest.raises(Retryable):
        await channels.ensure(WANTED)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("machine-watch", "machine-watch"), ("Machine Watch!", "machine-watch"), ("größe_1", "größe_1")],
)
def test_names_are_spelt_as_discord_spells_them(name: str, expected: str) -> None:
    assert channel_name(name) == expected


def test_simcord_is_the_version_these_tests_were_written_for() -> None:
    assert simcord.__version__.startswith("3.2.")
