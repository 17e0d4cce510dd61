"""Who sees a channel and what the bot may in it, with discord.py's own reckoning as the judge."""

import random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
import simcord
from simcord.backend.models import Overwrite as There
from simcord.enums import OverwriteType

from bot.surfaces.base import ChannelSpec
from bot.surfaces.discord.access import access, is_ours, stays_private
from bot.surfaces.discord.channels import Channels
from bot.surfaces.discord.checkup import Wanted
from bot.surfaces.discord.permissions import (
    EVERYTHING,
    NEEDED,
    TO_RUN,
    TO_SEE,
    TO_SET_UP,
    May,
    Overwrite,
    Standing,
    invite_url,
    is_private,
    names,
    uses,
    visibility,
)
from bot.surfaces.discord.server import Channel, channels_of, standing
from tests.bot.discord.bare import Simulated, hearers, simulated

__all__ = ["hearers", "simulated"]

WANTED = ChannelSpec(agent_id="watch", name="watch", purpose="Watches.")
GONE_WITHOUT_SENDING = May.EMBED_LINKS | May.ATTACH_FILES | May.MENTION_EVERYONE
"""discord.py counts these out where nothing may be sent at all."""


async def here_of(simulated: Simulated) -> Standing:
    return await standing(simulated.web, simulated.server_id, simulated.bot_user_id)


async def channel_of(simulated: Simulated, channel_id: int) -> Channel:
    [found] = [each for each in await channels_of(simulated.web, simulated.server_id) if each.id == str(channel_id)]
    return found


def may(simulated: Simulated, channel_id: int, who: simcord.MemberActor | None = None) -> May:
    """What discord.py says somebody, or the bot, may do there."""
    guild = simulated.env.bot.get_guild(simulated.guild.id)
    assert guild is not None
    channel = guild.get_channel(channel_id)
    assert channel is not None
    user_id = int(simulated.bot_user_id) if who is None else who.id
    member: Any = {  # as it is now, whatever the client has heard of it
        "user": {"id": str(user_id), "username": "x", "discriminator": "0", "avatar": None},
        "roles": [str(each) for each in simulated.env.backend.get_member(guild.id, user_id).role_ids],
        "joined_at": None,
        "flags": 0,
    }
    there = discord.Member(data=member, guild=guild, state=guild._state)
    return May(channel.permissions_for(there).value & EVERYTHING)


@pytest.mark.parametrize("seed", range(25))
async def test_what_the_bot_may_is_reckoned_as_discord_py_reckons_it(simulated: Simulated, seed: int) -> None:
    chance, backend = random.Random(seed), simulated.env.backend  # noqa: S311 - cases, not secrets
    extra = simulated.guild.create_role("extra")
    other = simulated.guild.create_role("other")
    simulated.take_from_bot(some_of(chance))
    backend.add_member_role(simulated.guild.id, int(simulated.bot_user_id), extra.id)
    simulated.take_from_everyone(some_of(chance))
    channel = simulated.guild.create_text_channel("watch")
    targets = [(each.id, OverwriteType.ROLE) for each in (extra, other)]
    targets += [(simulated.guild.id, OverwriteType.ROLE), (int(simulated.bot_user_id), OverwriteType.MEMBER)]
    for target, kind in chance.sample(targets, chance.randint(0, 4)):
        allow = some_of(chance)
        deny = some_of(chance) & ~allow
        backend.set_overwrite(channel.id, There(target_id=target, type=kind, allow=int(allow), deny=int(deny)))
    await simulated.env.settle()
    ours = (await here_of(simulated)).among((await channel_of(simulated, channel.id)).overwrites)
    theirs = may(simulated, channel.id)
    if not theirs & May.SEND_MESSAGES:
        ours &= ~GONE_WITHOUT_SENDING
    assert ours == theirs


def some_of(chance: random.Random) -> May:
    return May(sum(each for each in May if each is not May.ADMINISTRATOR and chance.random() < 0.3))


async def test_a_private_channel_is_seen_by_its_roles_and_people_and_nobody_else(simulated: Simulated) -> None:
    role = simulated.guild.create_role("Approvers")
    people = {name: simulated.guild.add_member(simulated.env.create_user(name)) for name in ("ana", "eve")}
    ben = simulated.guild.add_member(simulated.env.create_user("ben"), roles=[role])
    channel_id = await Channels(simulated.web, simulated.server_id, simulated.bot_user_id, "Deck").ensure(WANTED)
    wanted = Wanted(roles={"approver": str(role.id)}, people={"ana": str(people["ana"].id), "zoe": "1" * 18})
    closed = await access(simulated.web, await here_of(simulated), wanted, private=True)
    await closed.write(await channel_of(simulated, int(channel_id)))
    await simulated.env.settle()
    assert closed.said == "members of role approver, ana, and the server's administrators"
    assert may(simulated, int(channel_id)) & NEEDED == NEEDED
    assert may(simulated, int(channel_id), people["ana"]) & TO_SEE == TO_SEE
    assert may(simulated, int(channel_id), ben) & TO_SEE == TO_SEE
    assert not may(simulated, int(channel_id), people["eve"])
    everything = await channels_of(simulated.web, simulated.server_id)
    assert stays_private(everything, await here_of(simulated), wanted)
    before = len(simulated.asked())
    await closed.write(await channel_of(simulated, int(channel_id)))
    assert [asked for asked in simulated.asked()[before:] if not asked.startswith("GET")] == []


@pytest.mark.parametrize("private", [True, False])
async def test_a_channel_with_a_lane_role_is_closed_to_all_but_it_the_bound_roles_and_the_people(
    simulated: Simulated, private: bool
) -> None:
    guild, env = simulated.guild, simulated.env
    approvers, desk, other = (guild.create_role(name) for name in ("Approvers", "Desk", "Other"))
    roles = {"ana": [], "ben": [approvers], "dot": [desk], "eve": [], "oli": [other]}
    people = {name: guild.add_member(env.create_user(name), roles=held) for name, held in roles.items()}
    channels = Channels(simulated.web, simulated.server_id, simulated.bot_user_id, "Deck")
    lane_id = int(await channels.ensure(WANTED))
    open_id = int(await channels.ensure(WANTED.model_copy(update={"agent_id": "notes", "name": "notes"})))
    wanted = Wanted(
        roles={"approver": str(approvers.id)},
        people={"ana": str(people["ana"].id)},
        lanes={"watch": str(desk.id)},
        closed={"watch": (str(desk.id),)},
    )
    told = await access(simulated.web, await here_of(simulated), wanted, private=private)
    for channel_id in (lane_id, open_id):
        await told.write(await channel_of(simulated, channel_id))
    await env.settle()
    seen = {name for name, each in people.items() if may(simulated, lane_id, each) & TO_SEE == TO_SEE}
    assert seen == {"ana", "ben", "dot"}
    assert not may(simulated, lane_id, people["eve"])
    assert may(simulated, lane_id) & NEEDED == NEEDED
    elsewhere = {name for name, each in people.items() if may(simulated, open_id, each) & May.VIEW_CHANNEL}
    assert elsewhere == ({"ana", "ben"} if private else {*people})
    everything = await channels_of(simulated.web, simulated.server_id)
    assert stays_private(everything, await here_of(simulated), wanted) is private
    before = len(simulated.asked())
    for channel_id in (lane_id, open_id):
        await told.write(await channel_of(simulated, channel_id))
    assert [asked for asked in simulated.asked()[before:] if not asked.startswith("GET")] == []


async def test_opened_again_everybody_sees_it(simulated: Simulated) -> None:
    eve = simulated.guild.add_member(simulated.env.create_user("eve"))
    channel_id = await Channels(simulated.web, simulated.server_id, simulated.bot_user_id, "Deck").ensure(WANTED)
    here = await here_of(simulated)
    for private, sees in ((True, False), (False, True)):
        opened = await access(simulated.web, here, Wanted(), private=private)
        await opened.write(await channel_of(simulated, int(channel_id)))
        await simulated.env.settle()
        assert bool(may(simulated, int(channel_id), eve) & May.VIEW_CHANNEL) is sees
    assert not stays_private(await channels_of(simulated.web, simulated.server_id), here, Wanted())
    assert is_ours(await channel_of(simulated, int(channel_id)), here)


BOT = Standing(server_id="1", bot_user_id="2", everyone=0, given=int(TO_SET_UP))


def test_the_bot_is_let_in_before_everybody_is_shut_out() -> None:
    written = visibility((), BOT, [Overwrite(id="3")])
    assert [each.id for each in written] == ["2", "3", "1"]
    assert written[0] == Overwrite(id="2", member=True, allow=int(TO_RUN))
    assert is_private(written, "1")
    assert visibility(written, BOT, [Overwrite(id="3")]) == ()


def test_what_others_wrote_into_the_same_overwrite_stays() -> None:
    there = (Overwrite(id="1", allow=int(May.EMBED_LINKS), deny=int(May.SEND_MESSAGES)),)
    closed = visibility(there, BOT, [])
    wanted = Overwrite(id="1", allow=int(May.EMBED_LINKS), deny=int(May.SEND_MESSAGES | May.VIEW_CHANNEL))
    assert closed[-1] == wanted
    assert visibility(closed, BOT, None) == there


def test_the_bot_gives_nothing_that_it_does_not_have() -> None:
    poor = BOT.model_copy(update={"given": int(NEEDED)})
    assert visibility((), poor, [])[0].allow == int(NEEDED)


def test_an_administrator_may_everything_everywhere() -> None:
    admin = BOT.model_copy(update={"given": int(May.ADMINISTRATOR)})
    assert admin.of_server == EVERYTHING
    assert admin.among([Overwrite(id="1", deny=int(EVERYTHING))]) == EVERYTHING


def test_the_bits_are_discords() -> None:
    assert {one.name: int(one) for one in May} == {
        one.name: discord.Permissions(**{str(one.name).lower(): True}).value for one in May
    }


def test_permissions_are_called_as_discord_calls_them() -> None:
    assert names(May.SEND_MESSAGES_IN_THREADS | May.SEND_MESSAGES) == "Send Messages, Send Messages in Threads"
    assert uses(May.PIN_MESSAGES) == "Pin Messages (to pin the role cards and the fleet card)"


def test_the_invitation_asks_for_exactly_that() -> None:
    address = urlsplit(invite_url("42", TO_SET_UP, "7"))
    assert (address.scheme, address.netloc, address.path) == ("https", "discord.com", "/oauth2/authorize")
    assert parse_qs(address.query) == {
        "client_id": ["42"],
        "scope": ["bot applications.commands"],
        "permissions": [str(int(TO_SET_UP))],
        "guild_id": ["7"],
        "disable_guild_select": ["true"],
    }
    assert not TO_SET_UP & May.ADMINISTRATOR
