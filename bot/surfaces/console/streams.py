"""The event stream of an open page, and pictures of charts: what a page fetches besides itself."""

import asyncio
import json
from contextlib import suppress

from aiohttp import web

from blocks.charts import Theme
from bot.surfaces.console.charts import CONTENT_TYPES
from bot.surfaces.console.live import Page
from bot.surfaces.console.site import Site, session_of, site_of
from bot.surfaces.console.views.channel import shown_card
from store.kernel.errors import NotFound

HEARTBEAT_SECONDS = 10.0
"""A page that hears nothing for three of these says that the connection is lost.

Simulated time is told at every look: it passes faster than the browser's."""
LOOK_SECONDS = 1.0
"""How often a stream looks whether its page is still there."""
RETRY_MS = 2000

PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For pictures we draw: they may carry their own style, and nothing in them may run or load."""
_FOREVER = "private, max-age=31536000, immutable"


async def events(request: web.Request) -> web.StreamResponse:
    """GET /events: server-sent events since `Last-Event-ID`, or since the position the page was drawn at (`since`)."""
    site, session = site_of(request), session_of(request)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    last = request.headers.get("Last-Event-ID") or request.query.get("since")
    with site.hub.joined(session.person, last) as page, suppress(ConnectionResetError):  # a closed page is no fault
        await response.prepare(request)
        await response.write(f"retry: {RETRY_MS}\n\n".encode())
        await _pump(request, response, page)
    return response


async def chart(request: web.Request) -> web.Response:
    """GET /charts/KEY/REVISION.svg or .png, `?theme=dark` for a dark ground; only the revision now shown is kept."""
    site, key, form = site_of(request), request.match_info["key"], request.match_info["form"]
    theme = Theme.DARK if request.query.get("theme") == Theme.DARK.value else Theme.LIGHT
    row = await asyncio.to_thread(site.data.card, key)
    shown = shown_card(row) if row else None
    if shown is None:
        raise NotFound("There is no such chart.")
    body = await site.charts.picture(shown.card, form, theme)
    keep = _FOREVER if str(shown.card.revision) == request.match_info["revision"] else "no-store"
    headers = {"Cache-Control": keep, "Content-Security-Policy": PICTURE_POLICY}
    return web.Response(body=body, content_type=CONTENT_TYPES[form], headers=headers)


async def _pump(request: web.Request, response: web.StreamResponse, page: Page) -> None:
    """Writes messages as they come and a heartbeat when none does, until either side ends the stream."""
    site, quiet_seconds = site_of(request), 0.0
    while not _is_gone(request):
        try:
            message = await asyncio.wait_for(page.get(), LOOK_SECONDS)
        except TimeoutError:
            quiet_seconds += LOOK_SECONDS
            if quiet_seconds >= HEARTBEAT_SECONDS or site.clock.simulated:
                await response.write(_heartbeat(site))
                quiet_seconds = 0.0
            continue
        if message is None:
            return
        await response.write(site.hub.written(message))
        if site.clock.simulated:
            await response.write(_heartbeat(site))


def _is_gone(request: web.Request) -> bool:
    """True once the browser closed its end; a stream that is not written to would not notice."""
    return request.transport is None or request.transport.is_closing()


def _heartbeat(site: Site) -> bytes:
    told = json.dumps({"now": site.clock.now().isoformat(), "held": site.clock.held})
    return f"event: heartbeat\ndata: {told}\n\n".encode()
