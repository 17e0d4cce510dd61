"""The commands of the unmodified surface on a fake Discord over loopback: told once, typed, completed, told again."""

from collections.abc import AsyncIterator

import pytest

from bot.inbound.commands import COMMANDS, OFFERED
from bot.surfaces.base import InboundKind
from bot.surfaces.commands import Question, Suggestion
from tests.bot.discord.connecting import Bot, bot_on
from tests.emulator.inbound import RecordingInbound
from tests.emulator.surfaces import until
from tests.fake_discord.refusals import DiscordError
from tests.fake_discord.server import FakeDiscord, running


class Suggesting(RecordingInbound):
    """Knows one agent."""

    async def suggest(self, _question: Question) -> tuple[Suggestion, ...]:
        return (Suggestion(label="Watch", value="watch"),)


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with running() as server:
        yield server


def told(fake: FakeDiscord) -> int:
    """How often Discord was told of the commands."""
    return len(fake.rest.called("commands.sync"))


def looked(fake: FakeDiscord) -> int:
    return len(fake.rest.called("commands.list"))


async def start(bot: Bot) -> None:
    bot.inbound = Suggesting()
    await bot.start()
    await bot.until_connected()


async def test_the_first_start_tells_discord_and_the_next_one_only_looks(fake: FakeDiscord) -> None:
    async with bot_on(fake, commands=OFFERED) as first:
        await start(first)
        await until(lambda: told(fake) == 1)
    async with bot_on(fake, commands=OFFERED) as second:
        await start(second)
        await until(lambda: looked(fake) == 2)
    assert told(fake) == 1
    async with bot_on(fake, commands=OFFERED[:-1]) as other:
        await start(other)
        await until(lambda: told(fake) == 2)
    assert len(fake.world.commands[0]["options"]) == len(COMMANDS)


async def test_a_refusal_is_said_in_health_and_tried_again(fake: FakeDiscord) -> None:
    fake.refuse("commands.sync", DiscordError(403, 50001, "Missing Access"))
    async with bot_on(fake, commands=OFFERED, sync_again_seconds=0.5) as bot:
        await start(bot)
        await bot.until_said("invited without applications.commands")
        assert bot.connected
        await until(lambda: len(fake.world.commands) == 3)
        await until(lambda: "applications.commands" not in bot.said)


async def test_what_is_typed_comes_in_as_on_every_surface(fake: FakeDiscord) -> None:
    channel, ana = fake.world.add_channel("watch"), fake.world.add_member("ana")
    async with bot_on(fake, commands=OFFERED) as bot:
        await start(bot)
        await until(lambda: len(fake.world.commands) == 3)
        fake.people.again(fake.people.slash(channel, ana, "deck run", what="watch"))
        fake.people.slash(channel, ana, "deck help")
        fake.people.slash(channel, ana, "deck ask", agent="watch", words="look at /")
        await until(lambda: bot.inbound.attempts == 4)
        await until(lambda: len(bot.inbound.acted) == 3)
    events = sorted(bot.inbound.acted, key=lambda event: event.key)
    assert [(event.kind, event.text, event.account) for event in events] == [
        (InboundKind.COMMAND, "run watch", ana),
        (InboundKind.COMMAND, "help", ana),
        (InboundKind.MESSAGE, "watch: look at /", ana),
    ]
    assert {event.account_class for event in events} == {"member"}


async def test_a_menu_on_a_message_quotes_it(fake: FakeDiscord) -> None:
    channel, ana, kim = fake.world.add_channel("watch"), fake.world.add_member("ana"), fake.world.add_member("kim")
    async with bot_on(fake, commands=OFFERED) as bot:
        await start(bot)
        await until(lambda: len(fake.world.commands) == 3)
        fake.people.use_on_message(fake.people.say(channel, kim, "It is down."), "Make this a task", ana)
        await until(lambda: len(bot.inbound.acted) == 1)
    quoted = bot.inbound.acted[0].payload["quoted"]
    assert isinstance(quoted, dict)
    assert (quoted["author"], quoted["text"]) == (kim, "It is down.")


async def test_a_completion_is_answered_and_not_kept(fake: FakeDiscord) -> None:
    channel, ana = fake.world.add_channel("watch"), fake.world.add_member("ana")
    async with bot_on(fake, commands=OFFERED) as bot:
        await start(bot)
        await until(lambda: len(fake.world.commands) == 3)
        typed = fake.people.complete(channel, ana, "deck run", "what", "wa")
        await until(lambda: typed.answered)
        assert typed.choices == [{"name": "Watch", "value": "watch"}]
        assert bot.inbound.attempts == 0
