"""The pages of shared work: all of it, one task with its history, one topic with its versions."""

from aiohttp import web

from bot.surfaces.console.drawing import draw_page
from bot.surfaces.console.site import site_of
from bot.surfaces.console.views import work


async def show_work(request: web.Request) -> web.Response:
    """GET /work."""
    site = site_of(request)

    def read() -> dict[str, object]:
        return {"page": work.work_page(site.data.shared_work(), site.view)}

    return await draw_page(request, "work.html.j2", read)


async def show_task(request: web.Request) -> web.Response:
    """GET /tasks/ID."""
    site, task_id = site_of(request), request.match_info["id"]

    def read() -> dict[str, object]:
        found, events = site.data.task(task_id), site.data.events_for("task", task_id)
        return {"page": work.task_page(found, events, site.view, site.clock.now())}

    return await draw_page(request, "task.html.j2", read)


async def show_topic(request: web.Request) -> web.Response:
    """GET /topics/NAME."""
    site, name = site_of(request), request.match_info["name"]

    def read() -> dict[str, object]:
        return {"page": work.topic_page(site.data.topic(name), site.view)}

    return await draw_page(request, "topic.html.j2", read)
