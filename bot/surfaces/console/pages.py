"""The pages: each reads what it shows and hands it to its template."""

from aiohttp import web

from bot.surfaces.console.drawing import draw_page
from bot.surfaces.console.site import Site, site_of
from bot.surfaces.console.views import approvals, channel, runs, schedules, search
from bot.surfaces.console.views.bridge import bridge
from bot.surfaces.console.views.rail import channel_href, rail
from bot.surfaces.console.views.run import RunRecords, run_page
from store.kernel.errors import NotFound

_MOST_DIGITS = 18


async def show_bridge(request: web.Request) -> web.Response:
    """GET /, the Bridge."""
    site = site_of(request)

    def read() -> dict[str, object]:
        fleet = site.data.fleet()
        return {"bridge": bridge(fleet, site.data.open_alerts(), site.data.outstanding(), site.view), "fleet": fleet}

    return await draw_page(request, "bridge.html.j2", read)


async def show_rail(request: web.Request) -> web.Response:
    """GET /parts/rail: the rail alone, for the page that is open at `path`."""
    site = site_of(request)

    def read() -> dict[str, object]:
        return {"rail": rail(site.data.fleet()), "path": request.query.get("path", "/")}

    return await draw_page(request, "rail.html.j2", read)


async def show_channel(request: web.Request) -> web.Response:
    """GET /channels/AGENT and /team, with `before` for what is older."""
    site, agent_id = site_of(request), request.match_info.get("agent")
    before = _whole_number(request.query.get("before", ""))

    def read() -> dict[str, object]:
        fleet = site.data.fleet()
        agent = next((item for item in fleet.agents if item.agent_id == agent_id), None)
        if agent_id is not None and agent is None:
            raise NotFound(f"There is no agent {agent_id}.", "The rail lists the team's agents.")
        rows = site.data.channel_cards(agent_id, before, channel.PAGE_CARDS + 1)
        return {"channel": channel.channel_page(fleet, agent, rows, before), "fleet": fleet}

    return await draw_page(request, "channel.html.j2", read)


async def show_card(request: web.Request) -> web.Response:
    """GET /cards/KEY: one card on its own page, or as a part to put in its place."""
    site, key = site_of(request), request.match_info["key"]

    def read() -> dict[str, object]:
        row = site.data.card(key)
        shown = channel.shown_card(row) if row else None
        if row is None or shown is None:
            raise NotFound("There is no such card.", "It may not have been drawn yet; try again in a moment.")
        return {"shown": shown, "channel_id": row.channel, "channel_href": channel_href(row.channel)}

    return await draw_page(request, "card.html.j2", read)


async def show_run(request: web.Request) -> web.Response:
    """GET /runs/ID."""
    site, run_id = site_of(request), request.match_info["id"]

    def read() -> dict[str, object]:
        return {"page": run_page(_run_records(site, run_id), site.view, site.clock.now())}

    return await draw_page(request, "run.html.j2", read)


async def show_runs(request: web.Request) -> web.Response:
    """GET /runs, narrowed by `agent`, `state`, `day` and `before`."""
    site, asked = site_of(request), runs.read_filter(request.query)

    def read() -> dict[str, object]:
        limit = runs.READ_RUNS if asked.today or asked.state == runs.ENDED else runs.PAGE_RUNS + 1
        found = site.data.recent_runs(asked.agent, asked.exact_state, asked.before, limit)
        return {"page": runs.runs_page(found, asked, site.view, site.clock.now())}

    return await draw_page(request, "runs.html.j2", read)


async def show_approvals(request: web.Request) -> web.Response:
    """GET /approvals."""
    site = site_of(request)

    def read() -> dict[str, object]:
        waiting = [(item, site.data.votes(item.id)) for item in site.data.open_approvals()]
        decided = site.data.decided_approvals(approvals.DECIDED_SHOWN)
        return {"page": approvals.approvals_page(waiting, decided, site.data.undos(decided), site.view)}

    return await draw_page(request, "approvals.html.j2", read)


async def show_approval(request: web.Request) -> web.Response:
    """GET /approvals/ID."""
    site, approval_id = site_of(request), request.match_info["id"]

    def read() -> dict[str, object]:
        item = site.data.approval(approval_id)
        events = site.data.events_for("approval", approval_id)
        votes, undo = site.data.votes(approval_id), site.data.undos((item,)).get(approval_id)
        return {"page": approvals.approval_page(item, votes, events, undo, site.view)}

    return await draw_page(request, "approval.html.j2", read)


async def show_schedules(request: web.Request) -> web.Response:
    """GET /schedules."""
    site = site_of(request)

    def read() -> dict[str, object]:
        found = site.data.schedules()
        strip = schedules.STRIP_OCCURRENCES
        return {
            "rows": [schedules.schedule_row(item, site.data.occurrences(item.id, strip), site.view) for item in found]
        }

    return await draw_page(request, "schedules.html.j2", read)


async def show_search(request: web.Request) -> web.Response:
    """GET /search?q=…, narrowed by `kind`."""
    site, text = site_of(request), request.query.get("q", "")[: search.MAX_CHARS]
    kind = search.kind_named(request.query.get("kind", ""))

    def read() -> dict[str, object]:
        found = site.data.search(text, kind, search.SHOWN_RESULTS + 1)
        return {"page": search.search_page(text, kind, found, site.view)}

    return await draw_page(request, "search.html.j2", read)


def _run_records(site: Site, run_id: str) -> RunRecords:
    return RunRecords(
        run=site.data.run(run_id),
        steps=site.data.steps(run_id),
        approvals=site.data.approvals_of_run(run_id),
        receipt=site.data.receipt(run_id),
        events=site.data.events_for("run", run_id),
    )


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
