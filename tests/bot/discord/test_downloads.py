"""A file given in a form is fetched from where Discord keeps files, whole or not at all, without the bot's token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.surfaces.base import MAX_FILE_BYTES, InboundFile
from bot.surfaces.discord.downloads import Downloads, may_fetch
from bot.surfaces.discord.settings import API_URL
from store.kernel.errors import Retryable, UserMistake


@dataclass
class Shelf:
    """A server that keeps one file. `status` 0 drops the connection."""

    content: bytes = b"hello"
    status: int = 200
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def downloads(self) -> Downloads:
        return Downloads(f"{self.url}/api/v10")

    def file(self, size: int = 5) -> InboundFile:
        return InboundFile(
            field="files", id="1", name="a.csv", type="text/csv", bytes=size, url=f"{self.url}/attachments/1/a.csv?ex=1"
        )

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.headers))
        if self.status == 0 and request.transport is not None:
            request.transport.abort()
        headers = {"Location": f"{self.url}/elsewhere"} if self.status == 302 else {}
        return web.Response(status=self.status or 500, body=self.content, headers=headers)


@pytest.fixture
async def shelf() -> AsyncIterator[Shelf]:
    shelf = Shelf()
    app = web.Application()
    app.router.add_get("/{path:.*}", shelf.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    shelf.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield shelf
    await runner.cleanup()


async def test_a_file_is_fetched_whole_and_nobody_is_shown_the_token(shelf: Shelf) -> None:
    shelf.content = b"x" * MAX_FILE_BYTES
    assert await shelf.downloads.content(shelf.file()) == shelf.content
    [headers] = shelf.asked
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/attachments/1/a.csv",
        "https://cdn.discordapp.com.evil.test/x",
        "https://cdn.discordapp.com@evil.test/x",
        "https://user@cdn.discordapp.com/x",
        "http://cdn.discordapp.com/x",
        "https://cdn.discordapp.com:8443/x",
        "//cdn.discordapp.com/x",
        "https://discord.com/api/v10/users/@me",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "",
    ],
)
async def test_nobody_but_discord_is_asked(shelf: Shelf, url: str) -> None:
    assert not may_fetch(url, API_URL)
    with pytest.raises(UserMistake, match="not kept by Discord"):
        await shelf.downloads.content(shelf.file().model_copy(update={"url": url}))
    assert shelf.asked == []


@pytest.mark.parametrize("host", ["cdn.discordapp.com", "media.discordapp.net"])
def test_where_discord_keeps_files_may_be_asked(host: str) -> None:
    assert may_fetch(f"https://{host}/ephemeral-attachments/1/2/a.csv?ex=6&is=5&hm=4", API_URL)


async def test_a_large_file_is_not_fetched_whatever_is_said_of_its_size(shelf: Shelf) -> None:
    with pytest.raises(UserMistake, match="larger than 5 MB"):
        await shelf.downloads.content(shelf.file(MAX_FILE_BYTES + 1))
    assert shelf.asked == []
    shelf.content = b"x" * (MAX_FILE_BYTES + 1)
    with pytest.raises(UserMistake, match="larger than 5 MB"):
        await shelf.downloads.content(shelf.file())


@pytest.mark.parametrize(
    ("status", "failure"),
    [(0, Retryable), (500, Retryable), (429, Retryable), (302, UserMistake), (404, UserMistake), (403, UserMistake)],
)
async def test_what_may_come_later_is_told_from_what_never_will(
    shelf: Shelf, status: int, failure: type[Exception]
) -> None:
    shelf.status = status
    with pytest.raises(failure):
        await shelf.downloads.content(shelf.file())
    if status:  # a dropped connection is tried once more by aiohttp
        assert len(shelf.asked) == 1
