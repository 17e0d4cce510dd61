"""The program in a terminal of its own."""

import asyncio
import os
import pty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.scenarios.commands import PROGRAM, ROOT, environment


@dataclass
class Terminal:
    """What a person sees there, and what they type."""

    process: "asyncio.subprocess.Process"
    screen: int
    seen: str = ""
    read: int = 0

    async def shows(self, words: str, within_seconds: float = 20.0) -> None:
        """Waits until it shows these words after the last ones that were waited for."""
        async with asyncio.timeout(within_seconds):
            while (found := self.seen.find(words, self.read)) < 0:
                self.seen += await asyncio.to_thread(self._read)
        self.read = found + len(words)

    def types(self, line: str) -> None:
        os.write(self.screen, f"{line}\n".encode())

    async def ends(self) -> int:
        async with asyncio.timeout(20):
            return await self.process.wait()

    def _read(self) -> str:
        try:
            return os.read(self.screen, 65536).decode(errors="replace")
        except OSError:  # the other end is closed
            return ""


@asynccontextmanager
async def terminal(arguments: tuple[str, ...], **variables: str) -> AsyncIterator[Terminal]:
    """The program with these arguments and variables; it is ended with the block."""
    screen, inside = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *arguments,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env={**environment(), **variables},
        cwd=ROOT,
        start_new_session=True,
    )
    os.close(inside)
    try:
        yield Terminal(process, screen)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(screen)
