"""The server is told of the commands when they differ, and left alone when they do not."""

import asyncio
import json
from typing import Any

import pytest

from bot.inbound.commands import OFFERED
from bot.surfaces.discord.command_sync import CommandSync, commands_hash
from bot.surfaces.discord.commands import application_commands
from bot.surfaces.discord.failures import DiscordRefusal
from bot.surfaces.discord.identity import Identity
from bot.surfaces.discord.timing import Timing
from bot.surfaces.discord.vitals import Vitals
from store.kernel.clock import WallClock
from store.kernel.errors import Retryable
from tests.bot.discord.rest import Given, Scripted, scripted_web

OURS: list[Any] = application_commands(OFFERED)
PATH = "/api/v10/applications/40/guilds/50/commands"
US = Identity(application_id="40", user_id="41", user_name="deck", server_id="50", server_name="Team")


def kept(commands: list[Any]) -> list[Any]:
    """Commands as Discord gives them back: with ids, versions and defaults, and without what is as it is by default."""
    return [
        {**_as_kept(one), "id": str(number), "application_id": "40", "guild_id": "50", "version": "7", "nsfw": False}
        for number, one in enumerate(reversed(commands))
    ]


def _as_kept(one: Any) -> dict[str, Any]:
    said = {name: value for name, value in one.items() if value is not False and value != []}
    inner = {"options": [_as_kept(option) for option in one["options"]]} if one.get("options") else {}
    return {"name_localizations": None, "default_member_permissions": None, **said, **inner}


def sync_of(web: Any, vitals: Vitals | None = None, **timing: float) -> CommandSync:
    return CommandSync(web, US, OURS, vitals or Vitals(WallClock()), Timing(**timing))


async def test_what_is_as_it_should_be_is_left_alone() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(body=kept(OURS))]
        assert not await sync_of(web).sync()
    assert [(method, path) for method, path, _ in script.asked] == [("GET", PATH)]


@pytest.mark.parametrize("theirs", [[], kept(OURS)[1:], kept([*OURS, {"type": 3, "name": "Old menu"}])])
async def test_what_differs_is_replaced_with_one_request(theirs: list[Any]) -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(body=theirs), Given(body=kept(OURS))]
        assert await sync_of(web).sync()
    assert [(method, path) for method, path, _ in script.asked] == [("GET", PATH), ("PUT", PATH)]
    assert json.loads(script.asked[1][2]) == OURS


def test_the_hash_sees_every_difference_a_person_would_see() -> None:
    group: Any = OURS[0]
    [first, *rest] = group["options"]
    changed = [
        {**group, "description": "Something else"},
        {**group, "options": rest},
        {**group, "options": [*rest, first]},
        {**group, "options": [{**first, "description": "Something else"}, *rest]},
        {**group, "default_member_permissions": "0"},
    ]
    assert len({commands_hash([one, *OURS[1:]]) for one in (group, *changed)}) == len(changed) + 1
    option: Any = {"type": 3, "name": "what", "description": "x"}
    hashes = [commands_hash([{**option, **change}]) for change in ({}, {"required": True}, {"autocomplete": True})]
    assert len(set(hashes)) == 3


def test_the_hash_does_not_see_what_discord_adds() -> None:
    assert commands_hash(kept(OURS)) == commands_hash(OURS)


async def test_a_start_keeps_trying_and_health_says_why_meanwhile() -> None:
    vitals = Vitals(WallClock())
    async with scripted_web() as (web, script):
        forbidden = Given(status=403, body={"code": 50001, "message": "Missing Access"})
        script.answers = [forbidden, forbidden, Given(body=[]), Given(body=kept(OURS))]
        sync = sync_of(web, vitals, sync_again_seconds=0.2)
        sync.start()
        await until(lambda: "invited without applications.commands" in vitals.health().detail)
        await until(lambda: vitals.commands is None)
        await sync.stop()
    assert "commands" not in vitals.health().detail
    assert [method for method, _, _ in script.asked] == ["GET", "GET", "GET", "PUT"]


async def test_a_refused_write_is_told() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(body=[]), Given(status=400, body={"code": 50035, "message": "Invalid Form Body"})]
        with pytest.raises(DiscordRefusal, match="Invalid Form Body"):
            await sync_of(web).sync()


async def test_without_discord_it_is_tried_again() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(status=0)]
        with pytest.raises(Retryable):
            await sync_of(web).sync()


async def test_a_discord_that_is_away_is_asked_again_after_a_pause() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(status=503)]
        vitals = Vitals(WallClock())
        slow = sync_of(web, vitals)
        slow.start()
        await until(lambda: vitals.commands is not None)
        with pytest.raises(TimeoutError):
            await until(lambda: _asked(script) > 1, seconds=0.3)
        await slow.stop()
        script.answers = [Given(status=503), Given(body=kept(OURS))]
        quick = sync_of(web, start_again_seconds=0.05)
        quick.start()
        await until(lambda: quick.idle)
        assert _asked(script) == 3


async def test_started_twice_it_asks_once_and_once_more_when_it_is_back_in_the_server() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(body=kept(OURS))]
        sync = sync_of(web)
        sync.start()
        sync.start()
        await until(lambda: _asked(script) == 1)
        await until(lambda: sync.idle)
        sync.start()
        await until(lambda: _asked(script) == 2)
        await sync.stop()


async def test_back_in_the_server_the_commands_are_looked_at_again() -> None:
    async with scripted_web() as (web, script):
        script.answers = [Given(body=kept(OURS))]
        sync = sync_of(web)
        for is_here in (True, True):
            await sync.look(client(is_here))
        assert sync.idle
        for is_here in (False, True):
            await sync.look(client(is_here))
        await until(lambda: _asked(script) == 1)
        await sync.stop()


def client(is_here: bool) -> Any:
    return _Client(is_here)


class _Client:
    """A client that is in the server, or is not."""

    def __init__(self, is_here: bool) -> None:
        self._is_here = is_here

    def get_guild(self, _server: int) -> object:
        return object() if self._is_here else None


def _asked(script: Scripted) -> int:
    return len(script.asked)


async def until(condition: Any, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
