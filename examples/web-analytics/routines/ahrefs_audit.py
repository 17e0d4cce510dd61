"""Ahrefs Audit: pages that break, and where their visitors should go instead. It writes redirects once people agree."""

from agents.minds.routine import Context, ToolRefused
from agents.routines.lookout import (
    Look,
    announce,
    answer,
    close_tasks,
    day_asked_for,
    finding,
    findings,
    hand_over,
    look,
    request_of,
    summary,
    take_note,
)

DOMAIN = "ahrefs-audit"
CHIEF = "chief-of-staff"
BROKEN = """
    SELECT regexp_replace(url, '^https?://[^/]+', '') AS path, sum(hits - coalesce(bot_hits, 0)) AS visits
    FROM broken_pages WHERE _at >= $window_from AND _at < $window_until AND status = 404
    GROUP BY path HAVING visits >= $least ORDER BY visits DESC, path LIMIT 20
"""
MOVED = """
    SELECT regexp_replace(url, '^https?://[^/]+', '') AS path, slug, max(published_on) AS published
    FROM content_inventory GROUP BY path, slug ORDER BY published DESC, path LIMIT 200
"""
EVER = "1990-01-01T00:00:00+00:00"
PERMANENT = 301


async def run(ctx: Context) -> dict:
    """The morning's look, the proposal of redirects, the look after a deploy, or an answer to whoever asked."""
    since, until = day_asked_for(ctx)
    window = {"window_from": since.isoformat(), "window_until": until.isoformat()}
    broken = await broken_pages(ctx, window)
    mended = await redirected(ctx) if broken else set()
    if ctx.input.get("task") == "mend":
        return {"summary": await mend(ctx, window, broken, mended)}
    seen = await look(ctx, DOMAIN)
    if request_of(ctx):
        await take_note(ctx, seen)
        return await answer(ctx, seen, [f"{path}: {visits} visits met an error" for path, visits in broken])
    await announce(ctx, seen)
    await hand_over(ctx, seen, [*findings(seen), *found_broken(seen, broken, mended)], CHIEF)
    await take_note(ctx, seen)
    closed = await close_tasks(ctx, seen)
    more = [await mend(ctx, window, broken, mended)] if "webhook" in ctx.input else []
    return {"summary": summary(seen, *more), "closed": closed}


async def broken_pages(ctx: Context, window: dict[str, str]) -> list[tuple[str, int]]:
    """The addresses at which people, not only robots, met an error, with how many of their visits."""
    least = {"least": ctx.settings["least_visits"]}
    found = await ctx.call("data.query", sql=BROKEN, parameters=least, **window)
    return [(path, int(visits)) for path, visits in found["rows"]]


async def redirected(ctx: Context) -> set[str]:
    """The addresses that have a redirect by now."""
    return {one["from"] for one in (await ctx.call("redirects.read"))["entries"]}


def found_broken(seen: Look, broken: list[tuple[str, int]], mended: set[str]) -> list[dict]:
    """One finding for all pages that broke: they broke together. Mended: each has a redirect, but visits still fail."""
    if not broken:
        return []
    visits = sum(count for _, count in broken)
    known = {
        "kind": "broken_page",
        "metric": "broken_pages",
        "verdict": "mended" if all(path in mended for path, _ in broken) else "broken",
        "title": "Pages answer with an error, and people meet it.",
        "value": str(visits),
        "unit": "visits",
        "expected": "0",
        "upper": "0",
        "severity": "high",
        "pages": [path for path, _ in broken],
        "evidence": {"source": "broken-pages", "rows": len(broken), "as_of": seen.as_of},
        "suspected_cause": "deploy",
        "next_step": "See that the proposed redirects are decided, and that the host takes them up.",
    }
    return [finding(seen, **known)]


async def mend(ctx: Context, window: dict[str, str], broken: list[tuple[str, int]], mended: set[str]) -> str:
    """Proposes redirects to where the pages are now, unless that was asked already; the answer may take a day."""
    if not broken:
        return "No page is known to be broken."
    if ctx.asks_already("redirects.write"):
        return "An earlier request for redirects waits for a decision."
    wanted = [path for path, _ in broken if path not in mended]
    entries = redirects(wanted, await places(ctx, window))
    if not entries:
        return "The redirects are written." if not wanted else "Where the pages went is not known."
    try:
        done = await ctx.call("redirects.write", entries=entries, claim="The inventory has these pages elsewhere.")
    except ToolRefused as no:
        return f"No redirect was written: {no.message}"
    return f"Redirects are written to {done['file']}."


async def places(ctx: Context, window: dict[str, str]) -> list[tuple[str, str]]:
    """Every page of the inventory with the last part of its address, the newest first."""
    found = await ctx.call("data.query", sql=MOVED, **(window | {"window_from": EVER}))
    return [(path, slug) for path, slug, _ in found["rows"]]


def redirects(broken: list[str], known: list[tuple[str, str]]) -> list[dict]:
    """From each broken address to the newest page of the same name that is not broken itself."""
    entries = []
    for path in broken:
        slug = path.rstrip("/").rsplit("/", 1)[-1]
        target = next((place for place, name in known if name == slug and place not in broken), None)
        if target is not None:
            entries.append({"from": path, "to": target, "status": PERMANENT})
    return entries
