"""The fleet card stands all day as one message: an hour old, it makes room for a new one, wherever that is cut off."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from bot.surfaces.base import Shown
from bot.surfaces.discord.failures import MISSING_PERMISSIONS, DiscordRefusal
from store.kernel.errors import Retryable
from tests.bot.discord.stage import Stage, opened_stage, the_fleet
from tests.emulator.surfaces import a_card
from tests.fake_discord.faults import Fault


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with opened_stage() as opened:
        yield opened


async def posted(stage: Stage) -> Shown:
    return await stage.poster.post(stage.channel, the_fleet())


async def only_one_is_left(stage: Stage, revision: int) -> str:
    [message_id] = stage.shown(the_fleet())
    assert f"Edition {revision}." in stage.words(message_id)
    assert stage.world.pins[stage.channel] == [message_id]
    assert list(stage.world.messages[stage.channel]) == [message_id]
    return message_id


async def test_it_is_pinned_and_edited_in_place_for_an_hour(stage: Stage) -> None:
    shown = await posted(stage)
    stage.time.pass_(minutes=59)
    assert (await stage.poster.edit(stage.channel, shown.message_id, the_fleet(2))) == shown
    assert await only_one_is_left(stage, 2) == shown.message_id


async def test_after_an_hour_a_new_message_takes_its_place(stage: Stage) -> None:
    first = await posted(stage)
    stage.time.pass_(hours=1, seconds=1)
    second = await stage.poster.edit(stage.channel, first.message_id, the_fleet(2))
    assert second.message_id != first.message_id
    assert await only_one_is_left(stage, 2) == second.message_id
    again = await stage.poster.edit(stage.channel, second.message_id, the_fleet(3))
    assert again.message_id == await only_one_is_left(stage, 3) == second.message_id


async def test_other_cards_are_edited_in_place_however_old(stage: Stage) -> None:
    shown = await stage.poster.post(stage.channel, a_card("approval:a1"))
    stage.time.pass_(days=3)
    assert await stage.poster.edit(stage.channel, shown.message_id, a_card("approval:a1", revision=2)) == shown


@pytest.mark.parametrize("operation", ["messages.list", "messages.create", "messages.delete"])
@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.SERVER_ERROR_AFTER, Fault.LOST_AFTER])
async def test_cut_off_anywhere_it_ends_with_one_message(stage: Stage, operation: str, fault: Fault) -> None:
    first = await posted(stage)
    stage.time.pass_(hours=2)
    # aiohttp itself asks again once where a GET or a DELETE was cut off.
    stage.faults(operation, fault, fault if fault is Fault.LOST_AFTER else None)
    try:
        await stage.poster.edit(stage.channel, first.message_id, the_fleet(2))
    except Retryable:
        stage.time.pass_(minutes=10)  # the nonce is forgotten
    shown = await stage.another().edit(stage.channel, first.message_id, the_fleet(3))
    assert await only_one_is_left(stage, 3) == shown.message_id


async def test_a_successor_that_was_never_recorded_is_taken_over(stage: Stage) -> None:
    first = await posted(stage)
    stage.time.pass_(hours=2)
    second = await stage.poster.edit(stage.channel, first.message_id, the_fleet(2))
    stage.time.pass_(minutes=30)
    third = await stage.another().edit(stage.channel, first.message_id, the_fleet(3))
    assert third.message_id == second.message_id == await only_one_is_left(stage, 3)


async def test_two_processes_at_once_make_one_successor(stage: Stage) -> None:
    first = await posted(stage)
    stage.time.pass_(hours=2)
    both = (stage.poster, stage.another())
    shown = await asyncio.gather(*(each.edit(stage.channel, first.message_id, the_fleet(2)) for each in both))
    assert {each.message_id for each in shown} == {await only_one_is_left(stage, 2)}
    assert len(stage.rest.called("messages.create")) == 3  # both looked before either posted


async def test_deleted_by_a_person_it_comes_back_once(stage: Stage) -> None:
    first = await posted(stage)
    del stage.world.messages[stage.channel][first.message_id]
    stage.world.pins[stage.channel].clear()
    shown = await stage.poster.edit(stage.channel, first.message_id, the_fleet(2))
    assert await only_one_is_left(stage, 2) == shown.message_id


async def test_an_old_message_that_cannot_be_deleted_is_not_forgotten(stage: Stage) -> None:
    first = await posted(stage)
    stage.time.pass_(hours=2)
    stage.refuse("messages.delete", MISSING_PERMISSIONS, 403)
    with pytest.raises(DiscordRefusal):
        await stage.poster.edit(stage.channel, first.message_id, the_fleet(2))
    shown = await stage.poster.edit(stage.channel, first.message_id, the_fleet(2))
    assert await only_one_is_left(stage, 2) == shown.message_id


async def edited_by_a_process(stage: Stage, message_id: str, revision: int, crash_at: str) -> tuple[int, str]:
    """How the process ended that edited the card, and what it said."""
    ahead = str(stage.time.ahead.total_seconds())
    api_url = f"{stage.world.url}/api/v10"
    given = [api_url, stage.world.token, stage.world.bot_id, stage.channel, message_id, str(revision), ahead, crash_at]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot.discord.standing_process", *given, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, said.decode().strip().rpartition("\n")[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "remembered"),
    [
        ("surface.renew.before", True),
        ("surface.renew.after", True),
        ("surface.renew.after", False),
        ("surface.clear.before", False),
        ("surface.clear.after", False),
    ],
)
async def test_killed_on_the_way_it_ends_with_one_message(stage: Stage, point: str, remembered: bool) -> None:
    first = await posted(stage)
    stage.time.pass_(hours=2)
    assert (await edited_by_a_process(stage, first.message_id, 2, point))[0] == -signal.SIGKILL
    if not remembered:
        stage.time.pass_(minutes=10)  # the nonce is forgotten
    ended, said = await edited_by_a_process(stage, first.message_id, 3, "-")
    assert ended == 0
    assert await only_one_is_left(stage, 3) == said
