"""A file that somebody gave in a form, fetched with the bot's token: only from Slack, and no more than is allowed."""

from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from bot.surfaces.base import MAX_FILE_BYTES, InboundFile
from bot.surfaces.slack.web import SlackWeb
from store.kernel.crash import outside
from store.kernel.errors import Retryable, UserMistake

FILES_HOST = "files.slack.com"
"""Where files live: https://docs.slack.dev/reference/objects/file-object, url_private, checked 2026-11-21."""

_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})


class Downloads:
    """Fetches files. `api_url` is where Slack is; its host may serve files too when it is not Slack's own."""

    def __init__(self, web: SlackWeb, api_url: str) -> None:
        self._web = web
        self._api_url = api_url

    async def content(self, file: InboundFile) -> bytes:
        """The whole file. Raises Retryable, and UserMistake for one that is too large, elsewhere or not readable."""
        if not may_fetch(file.url, self._api_url):
            raise UserMistake(f"The file {file.name} is not kept by Slack, so it was not fetched.")
        if file.bytes > MAX_FILE_BYTES:
            raise _too_large(file)
        try:
            with outside("surface.file"):
                return await self._fetch(file)
        except (aiohttp.ClientError, OSError) as error:
            raise Retryable(f"Slack did not hand over the file ({type(error).__name__}).") from None

    async def _fetch(self, file: InboundFile) -> bytes:
        headers = {"Authorization": f"Bearer {self._web.client.token}"}
        # A redirect would lead to a page for logging in, or take the token elsewhere.
        async with self._web.session.get(file.url, headers=headers, allow_redirects=False) as answer:
            _check(answer, file)
            content = await answer.content.read(MAX_FILE_BYTES + 1)
            while len(content) <= MAX_FILE_BYTES and (more := await answer.content.read(MAX_FILE_BYTES)):
                content += more
        if len(content) > MAX_FILE_BYTES:
            raise _too_large(file)
        return content


def may_fetch(url: str, api_url: str) -> bool:
    """True for an address at which the bot's token may be shown."""
    asked, home = urlsplit(url), urlsplit(api_url)
    # The whole of what stands between the slashes: no name before the host, and no port behind it.
    if (asked.scheme, asked.netloc) == ("https", FILES_HOST):
        return True
    return bool(home.netloc) and (asked.scheme, asked.netloc) == (home.scheme, home.netloc)


def _check(answer: aiohttp.ClientResponse, file: InboundFile) -> None:
    if answer.status in _LATER or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Retryable(f"Slack did not hand over the file (HTTP {answer.status}).")
    if answer.status != HTTPStatus.OK:
        raise UserMistake(f"Slack does not let the app read the file {file.name} (HTTP {answer.status}).")
    if (answer.content_length or 0) > MAX_FILE_BYTES:
        raise _too_large(file)


def _too_large(file: InboundFile) -> UserMistake:
    return UserMistake(f"The file {file.name} is larger than {MAX_FILE_BYTES // 1_000_000} MB, so it was not fetched.")
