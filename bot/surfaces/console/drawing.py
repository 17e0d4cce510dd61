"""One way to draw every page: records are read and laid out in a thread, inside the shell or as a part alone."""

import asyncio
import re
from collections.abc import Callable, Mapping

from aiohttp import web
from markupsafe import Markup

from blocks.elements import Card
from blocks.render.html import render
from bot.surfaces.console.sessions import write_ticket
from bot.surfaces.console.site import Site, session_of, site_of
from bot.surfaces.console.views.rail import rail
from store.records import Fleet

_OWN_LINK = re.compile(
    r'href="http://(?:127\.0\.0\.1|localhost|\[::1\]):\d+/(?=(?:runs|approvals|cards|channels|tasks|topics)/)'
)

Read = Callable[[], Mapping[str, object]]


async def draw_page(request: web.Request, template: str, read: Read) -> web.Response:
    """The page of `template` with what `read` finds; `?part=1` leaves out the shell. `read` runs in a thread.

    The shell shows the fleet; a page that has read it already hands it on under "fleet".
    """
    html = await asyncio.to_thread(_drawn, request, template, read)
    return web.Response(text=html, content_type="text/html")


def see_other(path: str) -> web.Response:
    """Sends the browser to a path of this console with a fresh GET."""
    return web.Response(status=303, headers={"Location": path})


def is_part(request: web.Request) -> bool:
    """True when only the inner part of the page is wanted."""
    return request.query.get("part") == "1"


def local_links(site: Site, html: str) -> str:
    """Links to this console become paths: a browser that came by another of its names stays logged in.

    Cards drawn while the console had another port are meant too.
    """
    url = site.settings.url
    named = html.replace(f'href="{url}"', 'href="/"').replace(f'href="{url}/', 'href="/')
    return _OWN_LINK.sub('href="/', named)


def _drawn(request: web.Request, template: str, read: Read) -> str:
    site, part = site_of(request), is_part(request)
    position = site.hub.position  # before reading: what changes meanwhile is told again rather than missed
    facts = dict(read())
    shell = _part_facts(site, request) if part else _shell_facts(site, request, _fleet(site, facts))
    return site.pages.draw(template, {**shell, **facts, "position": position})


def _fleet(site: Site, facts: Mapping[str, object]) -> Fleet:
    known = facts.get("fleet")
    return known if isinstance(known, Fleet) else site.data.fleet()


def _part_facts(site: Site, request: web.Request) -> dict[str, object]:
    session = session_of(request)
    ticket = write_ticket(session, request.path_qs)

    def card(shown: Card) -> Markup:
        html = render(shown, ticket, "ticket")
        return Markup(local_links(site, html))  # noqa: S704 - drawn by blocks, which escapes

    person = site.settings.people.get(session.person, session.person)
    return {"layout": "part.html.j2", "ticket": ticket, "draw_card": card, "path": request.path, "person": person}


def _shell_facts(site: Site, request: web.Request, fleet: Fleet) -> dict[str, object]:
    return {
        **_part_facts(site, request),
        "layout": "shell.html.j2",
        "rail": rail(fleet),
        "note": site.notes.take(request.query.get("note"), session_of(request).person),
    }
