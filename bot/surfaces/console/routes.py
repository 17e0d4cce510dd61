"""Every address of the console, and the application that serves them."""

from aiohttp import web

from bot.surfaces.console import acting, api, hooks, login, pages, shield, streams, work_pages
from bot.surfaces.console.site import SITE, Site, site_of
from bot.surfaces.console.templating import STATIC_DIR
from store.kernel.errors import NotFound

_PAGES = (
    ("/", pages.show_bridge),
    ("/team", pages.show_channel),
    ("/channels/{agent}", pages.show_channel),
    ("/cards/{key}", pages.show_card),
    ("/runs", pages.show_runs),
    ("/runs/{id}", pages.show_run),
    ("/approvals", pages.show_approvals),
    ("/approvals/{id}", pages.show_approval),
    ("/work", work_pages.show_work),
    ("/tasks/{id}", work_pages.show_task),
    ("/topics/{name}", work_pages.show_topic),
    ("/schedules", pages.show_schedules),
    ("/search", pages.show_search),
    ("/parts/rail", pages.show_rail),
    ("/events", streams.events),
    (r"/charts/{key}/{revision:\d+}.{form:svg|png}", streams.chart),
    ("/login", login.login),
    ("/healthz", api.healthz),
    ("/api/health", api.health),
)
_WRITES = (
    ("/act", acting.act),
    ("/command", acting.command),
    ("/logout", login.logout),
    ("/api/command", api.command),
    ("/api/press", api.press),
    ("/hooks/{id}", hooks.receive),
)
_STATIC_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"


def make_app(site: Site) -> web.Application:
    """The application over `site`; it owns nothing that outlives it."""
    guards = [shield.harden, shield.explain, shield.know_host, shield.know_person]
    app = web.Application(middlewares=guards, client_max_size=hooks.MAX_BODY_BYTES)
    app[SITE] = site
    app[login.WRONG] = login.WrongTokens(site.world)
    app[hooks.RUNNING] = set()
    app.add_routes([web.get(path, handler) for path, handler in _PAGES])
    app.add_routes([web.post(path, handler) for path, handler in _WRITES])
    app.router.add_get("/static/{version}/{name}", _static)
    app.on_shutdown.append(_end_streams)
    app.on_cleanup.append(hooks.finish)
    return app


async def _static(request: web.Request) -> web.FileResponse:
    """A style sheet, script or icon. Its address changes with its content, so it may be kept for good."""
    name = request.match_info["name"]
    file = next((file for file in STATIC_DIR.iterdir() if file.name == name), None)
    if file is None:
        raise NotFound("There is no such file.")
    content_type = _STATIC_TYPES[file.suffix.removeprefix(".")]
    keep = _FOREVER if request.match_info["version"] == site_of(request).pages.static_version else "no-cache"
    return web.FileResponse(file, headers={"Content-Type": f"{content_type}; charset=utf-8", "Cache-Control": keep})


async def _end_streams(app: web.Application) -> None:
    app[SITE].hub.close()
