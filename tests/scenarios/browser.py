"""A person at the console, over real HTTP: logs in by link, reads a page's forms, sends one back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import ClientSession, ClientTimeout, CookieJar
from yarl import URL

from blocks.tokens import Verb, decode

SECONDS = 30


class _Forms(HTMLParser):
    """Collects the named values of every form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append({})
        elif tag in ("input", "button") and given.get("name") and self.forms:
            self.forms[-1][str(given["name"])] = given.get("value") or ""


@dataclass
class Page:
    """One page as it was drawn: the form behind each verb that a person may press on it."""

    status: int
    text: str
    forms: dict[Verb, dict[str, str]] = field(default_factory=dict)


class Browser:
    """One person's login."""

    def __init__(self, session: ClientSession, origin: URL) -> None:
        self._session = session
        self._origin = origin

    async def page(self, path: str) -> Page:
        """Opens a page."""
        async with self._session.get(self._origin.join(URL(path))) as answer:
            text = await answer.text()
        reader = _Forms()
        reader.feed(text)
        forms = {decode(form["token"]).verb: form for form in reader.forms if form.get("token")}
        return Page(answer.status, text, forms)

    async def press(self, form: dict[str, str], **fields: str) -> dict[str, Any]:
        """Sends a form as the page's own script does, and gives what the person is told."""
        body = {**form, **{f"field.{name}": value for name, value in fields.items()}}
        headers = {"Accept": "application/json"}
        async with self._session.post(self._origin.join(URL("/act")), data=body, headers=headers) as answer:
            said: dict[str, Any] = await answer.json()
            return said


@asynccontextmanager
async def logged_in(login_url: str) -> AsyncIterator[Browser]:
    """A browser in which somebody opened their login link."""
    url = URL(login_url)
    jar = CookieJar(unsafe=True)  # cookies of an address without a name
    async with ClientSession(cookie_jar=jar, timeout=ClientTimeout(total=SECONDS)) as session:
        async with session.get(url) as answer:
            assert answer.status == 200, await answer.text()
        yield Browser(session, url.origin())
