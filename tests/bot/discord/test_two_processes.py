"""Two real processes on one real PostgreSQL: one is connected, and when it is killed the other is within seconds."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from tests.bot.discord.receiver import NEITHER, POSTS, RECEIVES
from tests.emulator.surfaces import until
from tests.fake_discord.server import FakeDiscord, running

pytestmark = pytest.mark.postgres
TAKEN_OVER_SECONDS = 10.0
HOLDERS = (
    "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
    "WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()"
)


@asynccontextmanager
async def process_on(fake: FakeDiscord, database_url: str) -> AsyncIterator[Process]:
    """A process on Discord; killed with the block if it still lives."""
    given = (fake.token, fake.server_id, fake.api_url, fake.gateway_url, database_url)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot.discord.receiver", *given, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def says(process: Process, what: str) -> None:
    """Returns once the process says so, whatever it says before."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while (line := (await process.stdout.readline()).decode().strip()) != what:
            assert line, "the process has ended"


async def test_a_killed_process_is_replaced_by_the_one_that_waits(postgres_database_url: str) -> None:
    async with running() as fake, process_on(fake, postgres_database_url) as first:
        await says(first, RECEIVES)
        async with process_on(fake, postgres_database_url) as second:
            await says(second, POSTS)
            assert fake.gateway.connected == 1
            first.kill()
            killed_at = time.monotonic()
            await says(second, RECEIVES)
            assert time.monotonic() - killed_at < TAKEN_OVER_SECONDS
            await until(lambda: fake.gateway.connected == 1)
            assert fake.gateway.identified == 2


async def test_a_process_whose_lock_is_cut_closes_its_session_and_begins_another_with_a_new_lock(
    postgres_database_url: str,
) -> None:
    async with running() as fake, process_on(fake, postgres_database_url) as first:
        await says(first, RECEIVES)
        with psycopg.connect(postgres_database_url, autocommit=True) as connection:
            [holder] = [row[0] for row in connection.execute(HOLDERS)]
            connection.execute("SELECT pg_terminate_backend(%s)", [holder])
            await says(first, NEITHER)
            await says(first, RECEIVES)
            [anew] = [row[0] for row in connection.execute(HOLDERS)]
        assert anew != holder
        assert (fake.gateway.connected, fake.gateway.identified) == (1, 2)
