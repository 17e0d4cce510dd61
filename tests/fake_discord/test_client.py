"""The unmodified client of discord.py against the fake: what it takes for granted is there."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from tests.emulator.surfaces import until
from tests.fake_discord.clients import BareClient, connected, pointed_at
from tests.fake_discord.faults import Fault
from tests.fake_discord.interaction import AnswerKind
from tests.fake_discord.permissions import Permission
from tests.fake_discord.refusals import DiscordError
from tests.fake_discord.server import FakeDiscord, running


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with running() as server:
        yield server


@pytest.fixture
async def client(fake: FakeDiscord) -> AsyncIterator[BareClient]:
    async with connected(fake) as ready:
        yield ready


class Buttons(discord.ui.LayoutView):
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.row.add_item(discord.ui.Button(label="Approve", custom_id="approve"))


async def a_channel(client: BareClient, fake: FakeDiscord, name: str = "general") -> discord.TextChannel:
    channel_id = int(fake.world.add_channel(name))
    await until(lambda: client.get_channel(channel_id))
    channel = client.get_channel(channel_id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def test_a_wrong_token_is_refused(fake: FakeDiscord) -> None:
    async with pointed_at(fake), BareClient() as bare:
        with pytest.raises(discord.LoginFailure):
            await bare.login("wrong")


async def test_the_client_knows_its_guild(fake: FakeDiscord, client: BareClient) -> None:
    assert [str(guild.id) for guild in client.guilds] == [fake.server_id]
    assert client.user is not None
    assert client.user.name == "quarterdeck"


async def test_a_nonce_posts_once_until_it_is_forgotten(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    first, second = [await channel.send("Hello", nonce="n1") for _ in range(2)]
    assert first.id == second.id
    fake.world.nonce_window_seconds = 0.0
    await asyncio.sleep(0.002)
    assert (await channel.send("Hello", nonce="n1")).id != first.id
    assert len(fake.visible(str(channel.id))) == 2


async def test_a_message_is_edited_listed_pinned_and_deleted(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    message = await channel.send(view=Buttons(), file=discord.File(io.BytesIO(b"png"), "chart.png"))
    assert await message.attachments[0].read() == b"png"
    await message.edit(view=Buttons(), attachments=[])
    await message.pin()
    listed = [each async for each in channel.history(limit=10)]
    assert [each.type for each in listed] == [discord.MessageType.pins_add, discord.MessageType.default]
    assert (await channel.fetch_message(message.id)).attachments == []
    assert [each.id async for each in channel.pins()] == [message.id]
    await message.delete()
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(message.id)


async def test_history_is_read_in_both_directions(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    sent = [(await channel.send(str(number))).id for number in range(120)]
    assert [each.id async for each in channel.history(limit=None, oldest_first=True)] == sent
    assert [each.id async for each in channel.history(limit=None)] == sent[::-1]
    after = discord.Object(sent[9])
    assert [each.id async for each in channel.history(limit=5, after=after)] == sent[10:15]


async def test_a_press_arrives_and_is_answered_once_and_in_time(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    await channel.send(view=Buttons())
    [shown] = fake.visible(str(channel.id))
    dana = fake.world.add_member("dana", [fake.world.add_role("approver")])
    acted = fake.people.press(shown, "approve", dana)
    await until(lambda: client.heard)
    [interaction] = client.heard
    assert isinstance(interaction.user, discord.Member)
    assert [role.name for role in interaction.user.roles] == ["@everyone", "approver"]
    await interaction.response.send_message("Done.", ephemeral=True)
    assert (acted.answered, acted.said) == (AnswerKind.MESSAGE, "Done.")
    await interaction.edit_original_response(content="Done and dusted.")
    await interaction.followup.send("More.", ephemeral=True)
    assert acted.said == "Done and dusted.\nMore."
    assert len(fake.visible(str(channel.id))) == 1
    with pytest.raises(discord.HTTPException) as twice:
        await _answer_again(interaction)
    assert twice.value.code == 40060


async def _answer_again(interaction: discord.Interaction) -> None:
    interaction.response._response_type = None
    await interaction.response.defer()


async def test_an_answer_after_three_seconds_is_too_late(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    await channel.send(view=Buttons())
    [shown] = fake.visible(str(channel.id))
    acted = fake.people.press(shown, "approve", fake.world.add_member("dana"))
    await until(lambda: client.heard)
    acted.made_at -= 3.1
    with pytest.raises(discord.NotFound) as late:
        await client.heard[0].response.defer()
    assert late.value.code == 10062


async def test_a_dropped_socket_resumes_and_what_was_missed_arrives_once(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    await channel.send(view=Buttons())
    [shown] = fake.visible(str(channel.id))
    dana = fake.world.add_member("dana")
    fake.gateway.refusing = True
    await fake.gateway.drop()
    await until(lambda: not fake.gateway.sockets)
    pressed = [fake.people.press(shown, "approve", dana) for _ in range(3)]
    fake.gateway.refusing = False
    await until(lambda: len(client.heard) == 3, seconds=20)
    assert [str(each.id) for each in client.heard] == [each.id for each in pressed]
    assert (fake.gateway.identified, fake.gateway.resumed) == (1, 1)


async def test_an_invalid_session_identifies_anew(fake: FakeDiscord, client: BareClient) -> None:
    await fake.gateway.invalidate()
    await until(lambda: fake.gateway.identified == 2, seconds=20)


async def test_a_rate_limit_and_a_bad_gateway_are_waited_out_by_the_client(
    fake: FakeDiscord, client: BareClient
) -> None:
    channel = await a_channel(client, fake)
    faults = (Fault.RATE_LIMITED, Fault.RATE_LIMITED_GLOBALLY, Fault.BAD_GATEWAY_AFTER)
    fake.weather.plan("messages.create", *faults)
    await channel.send("Hello", nonce="n1")
    assert len(fake.visible(str(channel.id))) == 1
    assert len(fake.rest.called("messages.create")) == 4


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR_AFTER, Fault.LOST_AFTER])
async def test_a_lost_answer_leaves_the_message(fake: FakeDiscord, client: BareClient, fault: Fault) -> None:
    channel = await a_channel(client, fake)
    fake.weather.plan("messages.create", fault)
    with pytest.raises((discord.DiscordServerError, aiohttp.ClientError)):
        await channel.send("Hello")
    assert len(fake.visible(str(channel.id))) == 1


async def test_buckets_are_told_and_kept(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    fake.rest.buckets.limit, fake.rest.buckets.per_seconds = 2, 0.2
    await asyncio.gather(*(channel.send(str(number)) for number in range(5)))
    assert len(fake.visible(str(channel.id))) == 5


async def test_what_is_not_allowed_is_refused(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    fake.world.take_away(str(channel.id), Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden) as denied:
        await channel.send("Hello")
    assert denied.value.code == 50013
    fake.world.take_away(str(channel.id), Permission.VIEW_CHANNEL)
    with pytest.raises(discord.Forbidden) as unseen:
        await channel.send("Hello")
    assert unseen.value.code == 50001


async def test_a_thread_starts_once_and_an_archived_one_refuses_edits(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    message = await channel.send("Run 1")
    thread = await message.create_thread(name="log")
    assert thread.id == message.id
    with pytest.raises(discord.HTTPException) as twice:
        await message.create_thread(name="log")
    assert twice.value.code == 160004
    step = await thread.send("Step 1")
    await thread.edit(archived=True)
    with pytest.raises(discord.HTTPException) as archived:
        await step.edit(content="Step 1, done")
    assert archived.value.code == 50083


async def test_channels_are_made_under_a_category_changed_and_deleted(fake: FakeDiscord, client: BareClient) -> None:
    guild = client.guilds[0]
    category = await guild.create_category("Quarterdeck")
    channel = await guild.create_text_channel("Machine Watch", category=category, topic="Watches.")
    assert (channel.name, channel.category_id) == ("machine-watch", category.id)
    await channel.edit(topic="Watches this machine.")
    await channel.set_permissions(guild.default_role, send_messages=False)
    kept = fake.world.channels[str(channel.id)]
    assert kept["topic"] == "Watches this machine."
    assert kept["permission_overwrites"][0]["deny"] == str(int(Permission.SEND_MESSAGES))
    await channel.delete()
    assert str(channel.id) not in fake.world.channels


async def test_commands_are_registered_typed_completed_and_refused_when_unknown(
    fake: FakeDiscord, client: BareClient
) -> None:
    tree, home = discord.app_commands.CommandTree(client), discord.Object(int(fake.server_id))
    typed: list[str] = []

    @tree.command(name="run", description="Starts an agent.", guild=home)
    async def run(interaction: discord.Interaction, agent: str) -> None:
        typed.append(agent)
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content="Started.")

    @run.autocomplete("agent")
    async def agents(interaction: discord.Interaction, word: str) -> list[discord.app_commands.Choice[str]]:
        return [discord.app_commands.Choice(name=f"{word}-watch", value=f"{word}-watch")]

    await tree.sync(guild=home)
    channel, dana = await a_channel(client, fake), fake.world.add_member("dana")
    offered = fake.people.complete(str(channel.id), dana, "run", "agent", "machine")
    await until(lambda: offered.answered)
    assert offered.choices == [{"name": "machine-watch", "value": "machine-watch"}]
    started = fake.people.slash(str(channel.id), dana, "run", agent="machine-watch")
    await until(lambda: started.said)
    assert (typed, started.said) == (["machine-watch"], "Started.")
    with pytest.raises(AssertionError):
        fake.people.slash(str(channel.id), dana, "run", nobody="x")


async def test_a_planned_refusal_comes_once(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    message = await channel.send("Hello")
    fake.refuse("messages.edit", DiscordError(429, 30046, "Maximum number of edits to messages older than 1 hour"))
    with pytest.raises(discord.HTTPException) as refused:
        await message.edit(content="Hello again")
    assert refused.value.code == 30046
    await message.edit(content="Hello again")


async def test_a_card_beyond_the_limits_is_refused(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.TextDisplay("x" * 2500)).add_item(discord.ui.TextDisplay("y" * 2500))
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send(view=view)
    assert refused.value.code == 50035
    with pytest.raises(discord.HTTPException):
        await channel.send("words beside", view=Buttons())  # type: ignore[call-overload]  # what its types forbid


async def test_a_form_is_filled_in_and_sent_off(fake: FakeDiscord, client: BareClient) -> None:
    channel = await a_channel(client, fake)
    await channel.send(view=Buttons())
    [shown] = fake.visible(str(channel.id))
    dana = fake.world.add_member("dana")
    acted = fake.people.press(shown, "approve", dana)
    await until(lambda: client.heard)
    modal = discord.ui.Modal(title="Why?", custom_id="why", timeout=60)
    modal.add_item(discord.ui.Label(text="Reason", component=discord.ui.TextInput(custom_id="reason")))
    await client.heard[0].response.send_modal(modal)
    with pytest.raises(AssertionError, match="must be given"):
        fake.people.submit(acted, {})
    fake.people.submit(acted, {"reason": "Because."})
    await until(lambda: len(client.heard) == 2)
    data: Any = client.heard[1].data
    assert data["components"][0]["component"]["value"] == "Because."
    modal.stop()
