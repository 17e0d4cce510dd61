"""A process that is killed while it sends, and another one that finishes what it left."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from store.actions import Store
from store.database import Database
from store.kernel.clock import WallClock
from store.migrate import migrate
from store.queries import cards

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60.0


@dataclass
class Sending:
    """A record, the platform it is shown on, and the process between them, which is told how to find the platform."""

    folder: Path
    store: Store
    surface: str
    told: Sequence[str]

    async def start(self, point: str | None = None) -> asyncio.subprocess.Process:
        arguments = ("-m", "tests.crash.sender", str(self.folder), point or "-", self.surface, *self.told)
        with (self.folder / "sender.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, *arguments, cwd=ROOT, env=dict(os.environ), stderr=log
            )

    async def until(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not await asyncio.to_thread(holds):
            assert time.monotonic() < deadline, (self.folder / "sender.log").read_text()[-3000:]
            await asyncio.sleep(0.05)

    async def killed_at(self, point: str) -> None:
        process = await self.start(point)
        await self.until_dead(process)

    async def until_dead(self, process: asyncio.subprocess.Process) -> None:
        """Waits until it has killed itself; one that does not come to it is ended, and fails the test."""
        try:
            assert await asyncio.wait_for(process.wait(), WAIT_SECONDS) == -signal.SIGKILL
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def finishes(self, holds: Callable[[], object]) -> None:
        """A process after the restart brings it about."""
        process = await self.start()
        try:
            await self.until(holds)
        finally:
            process.kill()
            await process.wait()

    def delivered(self) -> bool:
        return not cards.due_deliveries(self.store, self.surface, self.store.clock.now().replace(year=9999), limit=1)


@asynccontextmanager
async def kept_record(folder: Path) -> AsyncIterator[Store]:
    """A new record in the folder of a team."""
    database = Database(f"sqlite:///{folder / 'record.db'}")
    migrate(database)
    try:
        yield Store(database, WallClock(), lambda tx, segment: None)
    finally:
        database.close()
