"""A file that somebody gave in a form, fetched from where Discord keeps files, and no more of it than is allowed."""

from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from bot.surfaces.base import MAX_FILE_BYTES, InboundFile
from bot.surfaces.discord.settings import API_URL
from store.kernel.crash import outside
from store.kernel.errors import Retryable, UserMistake

FILE_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where attachments live: https://docs.discord.com/developers/reference#signed-attachment-cdn-urls, 2026-11-21."""
FETCH_SECONDS = 30.0

_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})


class Downloads:
    """Fetches files, without the bot's token: an attachment's address is signed.

    `api_url` is where Discord is; its host may serve files too when it is not Discord's own.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url

    async def content(self, file: InboundFile) -> bytes:
        """The whole file. Raises Retryable, and UserMistake for one that is too large, elsewhere or gone."""
        if not may_fetch(file.url, self._api_url):
            raise UserMistake(f"The file {file.name} is not kept by Discord, so it was not fetched.")
        if file.bytes > MAX_FILE_BYTES:
            raise _too_large(file)
        try:
            with outside("surface.file"):
                return await self._fetch(file)
        except (aiohttp.ClientError, OSError) as error:
            raise Retryable(f"Discord did not hand over the file ({type(error).__name__}).") from None

    async def _fetch(self, file: InboundFile) -> bytes:
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(file.url, allow_redirects=False) as answer,
        ):
            _check(answer, file)
            content = bytearray()
            while len(content) <= MAX_FILE_BYTES and (more := await answer.content.read(MAX_FILE_BYTES)):
                content += more
        if len(content) > MAX_FILE_BYTES:
            raise _too_large(file)
        return bytes(content)


def may_fetch(url: str, api_url: str) -> bool:
    """True for an address at which Discord keeps files; of another API than Discord's own, its own host's."""
    asked, home = urlsplit(url), urlsplit(api_url)
    # The whole of what stands between the slashes: no name before the host, and no port behind it.
    if asked.scheme == "https" and asked.netloc in FILE_HOSTS:
        return True
    return api_url != API_URL and bool(home.netloc) and (asked.scheme, asked.netloc) == (home.scheme, home.netloc)


def _check(answer: aiohttp.ClientResponse, file: InboundFile) -> None:
    if answer.status in _LATER or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Retryable(f"Discord did not hand over the file (HTTP {answer.status}).")
    if answer.status != HTTPStatus.OK:
        raise UserMistake(f"Discord does not hand over the file {file.name} any more (HTTP {answer.status}).")
    if (answer.content_length or 0) > MAX_FILE_BYTES:
        raise _too_large(file)


def _too_large(file: InboundFile) -> UserMistake:
    return UserMistake(f"The file {file.name} is larger than {MAX_FILE_BYTES // 1_000_000} MB, so it was not fetched.")
