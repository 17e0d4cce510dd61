"""The connection comes back whatever happens to it, and what came in meanwhile is acted on once."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.surfaces.base import Accepted, InboundEvent
from bot.surfaces.discord.gateway import Gateway
from bot.surfaces.discord.identity import ELSEWHERE
from bot.surfaces.discord.settings import BadToken, DiscordSettings
from bot.surfaces.discord.supervisor import CLOSED_FOR_GOOD, REFUSED_TOKEN, pause_after
from bot.surfaces.discord.timing import Timing
from bot.surfaces.discord.vitals import OTHERS
from store.kernel.canonical import Json
from store.kernel.errors import Retryable, UserMistake
from tests.bot.discord.connecting import NOON, Borrowed, Bot, Key, bot_on
from tests.bot.discord.rest import Given, scripted_web
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import until
from tests.fake_discord.faults import Fault
from tests.fake_discord.refusals import DiscordError
from tests.fake_discord.server import FakeDiscord, running


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with running() as server:
        yield server


@pytest.fixture
async def bot(fake: FakeDiscord) -> AsyncIterator[Bot]:
    async with bot_on(fake) as made:
        yield made


def acted_on(bot: Bot) -> list[str]:
    """The interactions that were acted on, by their ids, in order."""
    return [event.key.rpartition("-")[2] for event in bot.inbound.acted]


async def test_it_is_connected_when_start_returns_and_off_when_stop_does(fake: FakeDiscord, bot: Bot) -> None:
    assert bot.said.startswith("Not connected")
    await bot.start()
    assert bot.connected
    assert "Connected to Discord" in bot.said
    assert "1 session, resumed 0 times" in bot.said
    await bot.surface.stop()
    assert fake.gateway.connected == 0
    assert bot.said.startswith("Discord is switched off")


async def test_a_first_handshake_that_fails_is_tried_again(fake: FakeDiscord) -> None:
    fake.gateway.refusing = True
    async with bot_on(fake, first_ready_seconds=0.3) as bot:
        await bot.start()
        assert not bot.connected
        await bot.until_said("The connection to Discord ended (AttributeError)")
        fake.gateway.refusing = False
        await bot.until_connected()


async def test_a_socket_that_closes_before_a_word_is_tried_again(fake: FakeDiscord) -> None:
    fake.gateway.close_at_hello = True
    async with bot_on(fake, first_ready_seconds=0.3) as bot:
        await bot.start()
        assert not bot.connected
        fake.gateway.close_at_hello = False
        await bot.until_connected()


async def test_an_event_that_cannot_be_read_costs_a_session_and_nothing_else(fake: FakeDiscord, bot: Bot) -> None:
    await bot.start()
    press = await bot.button(fake)
    await fake.gateway.send_raw(json.dumps({"op": 0, "t": "GUILD_UPDATE", "s": 9, "d": {"nothing": 1}}))
    await until(lambda: fake.gateway.identified == 2)
    await bot.until_connected()
    acted = press()
    await until(lambda: bot.inbound.acted)
    assert acted_on(bot) == [acted.id]


@pytest.mark.parametrize("code", sorted(CLOSED_FOR_GOOD))
async def test_what_discord_refuses_for_good_is_said_and_not_asked_again(
    fake: FakeDiscord, bot: Bot, code: int
) -> None:
    fake.gateway.close_with = code
    await bot.start()
    assert not bot.connected
    assert bot.said.startswith(CLOSED_FOR_GOOD[code])
    fake.gateway.close_with = None
    await asyncio.sleep(0.3)  # many times the longest pause: nothing may come
    assert (fake.gateway.identified, fake.gateway.connected) == (1, 0)


async def test_a_token_that_is_refused_at_the_start_ends_the_start(fake: FakeDiscord, bot: Bot) -> None:
    fake.world.token = "another"
    with pytest.raises(BadToken) as caught:
        await bot.start()
    assert "Reset Token" in str(caught.value)


async def test_a_token_that_is_taken_away_is_said(fake: FakeDiscord, bot: Bot) -> None:
    await bot.start()
    fake.world.token = "another"
    await bot.until_said("refused GET /applications/@me")
    assert not bot.connected
    await fake.gateway.drop(4000)
    await until(lambda: bot.surface._vitals.problem == REFUSED_TOKEN)


async def test_an_application_whose_presses_go_elsewhere_is_not_connected(fake: FakeDiscord, bot: Bot) -> None:
    await bot.start()
    fake.world.application_facts["interactions_endpoint_url"] = "https://elsewhere.example"
    await bot.until_said(ELSEWHERE.rstrip("."))
    assert not bot.connected
    fake.world.application_facts.clear()
    await bot.until_connected()


async def test_a_server_the_bot_is_not_in_ends_the_start(fake: FakeDiscord) -> None:
    async with bot_on(fake) as bot:
        settings = bot.surface._settings
        bot.surface._settings = settings.model_copy(update={"server_id": "1" * 18})
        with pytest.raises(UserMistake) as caught:
            await bot.start()
    assert "quarterdeck discord setup" in str(caught.value)


async def test_without_discord_it_starts_says_so_and_goes_on_trying(fake: FakeDiscord, bot: Bot) -> None:
    fake.weather.plan("users.me", *[Fault.SERVER_ERROR] * 5)
    await bot.start()
    assert not bot.connected
    assert "could not be asked who we are" in bot.said
    with pytest.raises(Retryable):
        await bot.surface.find("1", "card", NOON)
    await bot.until_connected()


async def test_heartbeats_that_nobody_answers_are_no_connection(fake: FakeDiscord, bot: Bot) -> None:
    fake.gateway.heartbeat_ms = 100
    await bot.start()
    fake.gateway.deaf = True
    await until(lambda: not bot.connected)
    await until(lambda: fake.gateway.resumed)
    fake.gateway.deaf = False
    await bot.until_connected()
    assert fake.gateway.identified == 1


async def test_a_client_that_does_not_come_back_is_replaced(fake: FakeDiscord) -> None:
    async with bot_on(fake, rebuild_after_seconds=0.3) as bot:
        await bot.start()
        first = bot.surface._supervisor
        assert first is not None
        fake.gateway.refusing = True
        await fake.gateway.drop()
        await bot.until_said("Discord does not answer")
        fake.gateway.refusing = False
        await bot.until_connected()
        assert fake.gateway.identified == 2


async def test_a_dropped_socket_is_resumed_and_what_was_missed_is_acted_on_once(fake: FakeDiscord, bot: Bot) -> None:
    await bot.start()
    press = await bot.button(fake)
    acted = press()
    await until(lambda: bot.inbound.acted)
    await fake.gateway.drop(4000)
    missed = press()
    await until(lambda: fake.gateway.resumed == 1, seconds=20)
    fake.people.again(acted)
    fake.people.again(missed)
    await until(lambda: bot.inbound.attempts == 4)
    await bot.finish()
    assert acted_on(bot) == [acted.id, missed.id]
    assert "resumed 1 time" in bot.said


async def test_what_was_accepted_is_finished_before_stop_returns(fake: FakeDiscord, bot: Bot) -> None:
    bot.inbound.hold = asyncio.Event()
    await bot.start()
    press = await bot.button(fake)
    press()
    await until(lambda: bot.inbound.stored)
    stopping = asyncio.create_task(bot.surface.stop())
    await until(lambda: fake.gateway.connected == 0)
    assert not stopping.done()
    bot.inbound.hold.set()
    await stopping
    assert len(bot.inbound.acted) == 1


async def test_what_is_being_stored_when_stop_is_called_is_acted_on_and_answered(fake: FakeDiscord, bot: Bot) -> None:
    bot.inbound = inbound = SlowToStore()
    await bot.start()
    press = await bot.button(fake)
    acted = press()
    await until(lambda: inbound.attempts)
    stopping = asyncio.create_task(bot.surface.stop())
    await until(lambda: fake.gateway.connected == 0)
    inbound.stores.set()
    await stopping
    assert acted_on(bot) == [acted.id]
    assert acted.answered is not None


async def test_a_gateway_that_cannot_be_asked_after_is_asked_after_again(fake: FakeDiscord, bot: Bot) -> None:
    fake.refuse("gateway.bot", *[DiscordError(503, 0, "broken")] * 2)
    await bot.start()
    assert bot.connected
    assert "Discord gave no good answer to GET /gateway/bot (HTTP 503)" in bot.said


async def test_no_session_begins_while_discord_lets_none_begin(fake: FakeDiscord) -> None:
    async with scripted_web() as (web, script):
        limit: Json = {"total": 1000, "remaining": 0, "reset_after": 14_400_000, "max_concurrency": 1}
        script.answers = [Given(body={"url": "ws://127.0.0.1:9/", "shards": 1, "session_start_limit": limit})]
        settings = DiscordSettings(token=SecretStr("t"), server_id="1", api_url="http://127.0.0.1:9/api")
        with pytest.raises(Retryable) as caught:
            await Gateway(web, settings).admit()
    assert caught.value.delay_seconds == 14_400


async def test_of_two_processes_one_receives_and_the_other_takes_over(fake: FakeDiscord) -> None:
    key = Key()
    async with bot_on(fake, turn=Borrowed(key)) as first, bot_on(fake, turn=Borrowed(key)) as second:
        await first.start()
        await second.start()
        assert (fake.gateway.connected, first.connected, second.connected) == (1, True, True)
        assert second.said.startswith(OTHERS)
        press = await second.button(fake)
        press()
        await until(lambda: first.inbound.acted)
        await first.surface.stop()
        await second.until_said("Connected to Discord")
        press()
        await until(lambda: second.inbound.acted)
        assert (len(first.inbound.acted), len(second.inbound.acted)) == (1, 1)


async def test_a_turn_that_is_lost_closes_the_connection_at_once(fake: FakeDiscord) -> None:
    key, other = Key(), Borrowed(Key())
    async with bot_on(fake, turn=Borrowed(key)) as bot:
        await bot.start()
        key.holder = other
        await until(lambda: fake.gateway.connected == 0)
        await bot.until_said(OTHERS)
        key.holder = None
        await bot.until_said("Connected to Discord")


async def test_a_turn_that_cannot_be_asked_after_is_asked_after_again_soon(fake: FakeDiscord) -> None:
    turn = Borrowed(Key())
    async with bot_on(fake, turn=turn, first_ready_seconds=0.2, again_first_seconds=60, again_most_seconds=60) as bot:
        turn.broken = True
        await bot.start()
        assert bot.said.startswith("The database cannot be reached")
        turn.broken = False
        await bot.until_said("Connected to Discord")


async def test_a_bug_behind_one_press_is_logged_and_ends_nothing(
    fake: FakeDiscord, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.inbound = BrokenOnce()
    await bot.start()
    press = await bot.button(fake)
    press()
    await until(lambda: "a bug in the intake" in caplog.text)
    second = press()
    await until(lambda: bot.inbound.acted)
    assert acted_on(bot) == [second.id]
    assert fake.gateway.identified == 1


class SlowToStore(RecordingInbound):
    """Stores nothing before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.stores = asyncio.Event()

    async def accept(self, event: InboundEvent) -> Accepted:
        self.attempts += 1
        await self.stores.wait()
        return await super().accept(event)


class BrokenOnce(RecordingInbound):
    """Fails the first time as only a bug does."""

    async def accept(self, event: InboundEvent) -> Accepted:
        if not self.attempts:
            self.attempts += 1
            raise RuntimeError("a bug in the intake")
        return await super().accept(event)


def test_pauses_grow_and_stop_growing() -> None:
    timing = Timing(again_first_seconds=1.0, again_most_seconds=300.0)
    assert [pause_after(failures, timing) for failures in (0, 1, 2, 8, 9, 1000)] == [1, 2, 4, 256, 300, 300]
