"""Logging in: the printed link's token becomes a cookie, and the address bar forgets the token."""

from collections import deque
from datetime import datetime, timedelta

from aiohttp import web

from bot.surfaces.console.acting import ticket_of
from bot.surfaces.console.drawing import see_other
from bot.surfaces.console.sessions import LIFETIME
from bot.surfaces.console.shield import cookie_name
from bot.surfaces.console.site import Site, site_of
from store.kernel.clock import Clock

MAX_WRONG = 10
WRONG_WINDOW = timedelta(minutes=1)
"""Wrong tokens allowed within the window before every login attempt is refused; a token cannot be guessed anyway."""


class WrongTokens:
    """Counts wrong tokens of the last minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at: deque[datetime] = deque(maxlen=MAX_WRONG)

    @property
    def too_many(self) -> bool:
        """True while no further attempt is looked at."""
        return len(self._at) == MAX_WRONG and self._clock.now() - self._at[0] < WRONG_WINDOW

    def count(self) -> None:
        """Records one wrong token."""
        self._at.append(self._clock.now())


WRONG: web.AppKey[WrongTokens] = web.AppKey("wrong_tokens", WrongTokens)


async def login(request: web.Request) -> web.StreamResponse:
    """GET /login?token=… → the Bridge with a session, or a page that says what to do."""
    site, wrong = site_of(request), request.app[WRONG]
    if wrong.too_many:
        return _refused(site, 429, "Too many wrong login links were opened. Wait a minute, then open yours again.")
    token = request.query.get("token", "")
    person = site.sessions.person_with(token)
    if person is None:
        if token:
            wrong.count()
        return _refused(site, 401, "That login link is not valid." if token else None)
    response = see_other("/")
    _set_cookie(request, response, site.sessions.issue(person))
    return response


async def logout(request: web.Request) -> web.StreamResponse:
    """POST /logout → the login page, with the cookie gone."""
    await ticket_of(request)
    response = see_other("/login")
    response.del_cookie(cookie_name(site_of(request)), path="/")
    return response


def _set_cookie(request: web.Request, response: web.Response, value: str) -> None:
    site = site_of(request)
    response.set_cookie(
        cookie_name(site),
        value,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=site.settings.reached_by_tls(request.headers.get("Host", "")),
    )


def _refused(site: Site, status: int, problem: str | None) -> web.Response:
    page = site.pages.draw("login.html.j2", {"problem": problem})
    return web.Response(status=status, text=page, content_type="text/html")
