"""What stands before every handler: headers on the way out, host and login on the way in, errors in plain words."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.surfaces.console.site import SESSION, Site, site_of
from store.kernel.errors import DatabaseUnavailable, NotFound, QuarterdeckError, Refused, Retryable

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from anywhere else, nothing inline. Pictures drawn by us are sent with a stricter one (`routes.chart`)."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Server": "Quarterdeck",
}

OPEN_PATHS = ("/login", "/healthz", "/static/", "/hooks/", "/api/")
"""Paths without a login: they check a token or a signature of their own, or say nothing about the team."""
FOREIGN_PATHS = ("/hooks/", "/healthz")
"""Paths that other machines may call under whatever name they know this one by."""

log = structlog.get_logger()


@web.middleware
async def harden(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Puts the protective headers on every response that has not begun to stream."""
    response = await handler(request)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns failures into pages (or JSON for programs) that say what happened, what was kept and what to do."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        return _said(request, error.status, error.reason, "")
    except QuarterdeckError as error:
        return _said(request, _status(error), error.message, getattr(error, "hint", None) or _kept(error))
    except ConnectionResetError:
        raise
    except Exception:  # the outermost loop of a request: logged whole, and said on the page
        log.exception("console.request_failed", method=request.method, path=request.path)
        hint = "Nothing is carried out twice. The log has the details; look at the record, then try again."
        return _said(request, 500, "Something went wrong inside the console.", hint)


@web.middleware
async def know_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses names that are not ours (DNS rebinding) and writes that another site sent."""
    if request.path.startswith(FOREIGN_PATHS):
        return await handler(request)
    allowed = site_of(request).settings.allowed_hosts
    host = request.headers.get("Host", "").lower()
    if host not in allowed:
        raise web.HTTPMisdirectedRequest(reason="This console does not answer under that name.")
    if request.method != "GET" and not _same_origin(request, host):
        raise web.HTTPForbidden(reason="This request came from another site.")
    return await handler(request)


@web.middleware
async def know_person(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets only logged-in people through, except to the open paths."""
    if request.path.startswith(OPEN_PATHS):
        return await handler(request)
    site = site_of(request)
    session = site.sessions.read(request.cookies.get(cookie_name(site), ""))
    if session is None:
        return _not_logged_in(request)
    request[SESSION] = session
    return await handler(request)


def cookie_name(site: Site) -> str:
    """One cookie per port: browsers do not keep cookies of different ports apart."""
    return f"quarterdeck_{site.settings.port}"


def wants_json(request: web.Request) -> bool:
    """True for programs and for the page's own script."""
    return request.path.startswith(("/api/", "/hooks/")) or "application/json" in request.headers.get("Accept", "")


def _not_logged_in(request: web.Request) -> web.Response:
    if wants_json(request) or request.method != "GET":
        return _said(
            request, 401, "You are logged out.", "Open the login link that the program printed when it started."
        )
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return _hop(request)
    return web.Response(
        status=401, text=site_of(request).pages.draw("login.html.j2", {"problem": None}), content_type="text/html"
    )


def _hop(request: web.Request) -> web.Response:
    """A link from elsewhere arrives without our strict cookie; a page of ours opening the same address brings it."""
    page = site_of(request).pages.draw("hop.html.j2", {"target": request.path_qs})
    return web.Response(text=page, content_type="text/html")


def _same_origin(request: web.Request, host: str) -> bool:
    """False when the browser says another site sent this. Where it says nothing, the ticket of the form decides alone.

    With `Referrer-Policy: no-referrer` browsers write `Origin: null` on our own forms, so that word alone says nothing.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return True
    said = urlsplit(origin)
    over_tls = site_of(request).settings.reached_by_tls(host)
    return said.netloc.lower() == host and (said.scheme == "https" or not over_tls)


def _status(error: QuarterdeckError) -> int:
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, Refused):
        return 403
    return 503 if isinstance(error, Retryable) else 400


def _kept(error: QuarterdeckError) -> str:
    if isinstance(error, DatabaseUnavailable):
        return "Nothing was changed and nothing is lost. Try again in a moment."
    return "Nothing was changed."


def _said(request: web.Request, status: int, what: str, hint: str) -> web.Response:
    if wants_json(request):
        return web.json_response({"ok": False, "text": what, "hint": hint}, status=status)
    page = site_of(request).pages.draw("problem.html.j2", {"status": status, "what": what, "hint": hint})
    return web.Response(status=status, text=page, content_type="text/html")
