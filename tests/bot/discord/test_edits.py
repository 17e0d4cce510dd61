"""Edits of one message go one after another, and an older revision never comes after a newer one."""

import asyncio

import pytest

from bot.surfaces.discord import edits
from bot.surfaces.discord.edits import EditQueues


class Line:
    """Sends as slowly as a test wants, and keeps what was sent."""

    def __init__(self) -> None:
        self.queues = EditQueues()
        self.sent: list[int] = []
        self.under_way = 0
        self.most_under_way = 0
        self.gate = asyncio.Event()

    async def edit(self, revision: int, message: str = "m1") -> int | None:
        return await self.queues.edit(message, revision, lambda: self.send(revision))

    async def send(self, revision: int) -> int:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await self.gate.wait()
        self.under_way -= 1
        self.sent.append(revision)
        return revision


async def begun(line: Line, *revisions: int) -> list[asyncio.Task[int | None]]:
    tasks = []
    for revision in revisions:
        tasks.append(asyncio.create_task(line.edit(revision)))
        await asyncio.sleep(0)
    return tasks


async def test_of_many_waiting_edits_only_the_newest_is_sent() -> None:
    line = Line()
    tasks = await begun(line, 1, 2, 5, 4, 3)
    line.gate.set()
    assert await asyncio.gather(*tasks) == [1, None, 5, None, None]
    assert line.sent == [1, 5]
    assert line.most_under_way == 1


async def test_what_is_older_than_what_is_shown_is_dropped_and_what_is_equal_is_sent_again() -> None:
    line = Line()
    line.gate.set()
    assert [await line.edit(revision) for revision in (3, 2, 3, 4)] == [3, None, 3, 4]


async def test_messages_do_not_wait_for_one_another() -> None:
    line = Line()
    tasks = [asyncio.create_task(line.edit(1, f"m{number}")) for number in range(5)]
    await asyncio.sleep(0)
    assert line.under_way == 5
    line.gate.set()
    await asyncio.gather(*tasks)


async def test_a_newer_edit_that_failed_does_not_stand_in_the_way() -> None:
    line = Line()
    line.gate.set()

    async def fail() -> int:
        raise ValueError("lost")

    with pytest.raises(ValueError, match="lost"):
        await line.queues.edit("m1", 5, fail)
    assert await line.edit(4) == 4


async def test_a_cancelled_edit_lets_the_others_go_on() -> None:
    line = Line()
    first, second = await begun(line, 1, 2)
    first.cancel()
    line.gate.set()
    assert await second == 2


async def test_only_so_many_messages_are_kept_in_mind_and_none_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "REMEMBERED", 3)
    line = Line()
    [waiting] = await begun(line, 7)
    line.gate.set()
    for number in range(2, 9):
        await line.edit(1, f"m{number}")
    assert len(line.queues._queues) <= 4
    assert await waiting == 7
