"""Watches a page: whether it answers, how fast, and whether it is still the same.

Settings: `url`; `own_network: true` for a page in one's own network; `slow_ms`, the longest that is well (2000).
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from agents.minds.routine import Context

SLOW_MS = 2_000
BROKEN_FROM = 400
MARK_DIGITS = 12
UP, LATENCY, SIZE, MARK = "page_up", "page_latency_ms", "page_size_bytes", "page_mark"
NO_HISTORY = "The day before: no readings were kept, so nothing can be compared."


async def run(ctx: Context) -> dict[str, Any]:
    """One look at the page, or the digest of the day before."""
    page = await look(ctx)
    if not page["recorded"]:
        return {"summary": " ".join(page["cannot_see"]), "alarms": [], "cannot_see": page["cannot_see"]}
    alarms = await judge(ctx, page)
    if page["reachable"]:
        await ctx.call("metrics.record", readings=readings(page))
    summary = headline(page, alarms)
    if ctx.input.get("task") != "digest":
        return {"summary": summary, "alarms": alarms}
    return {"summary": summary, **await digest(ctx, page, alarms)}


async def look(ctx: Context) -> dict[str, Any]:
    """The page; one that does not answer well is looked at once more before anybody is told."""
    page = await ctx.call("url.read")
    return page if is_up(page) or not page["recorded"] else await ctx.call("url.read")


async def judge(ctx: Context, page: dict[str, Any]) -> list[str]:
    """Raises the alert of what is wrong, and clears what is well again."""
    slow = int(ctx.settings.get("slow_ms", SLOW_MS))
    wrong: dict[str, dict[str, str]] = {}
    if not is_up(page):
        wrong[UP] = {"value": "0", "unit": "", "lower": "1", "title": trouble(page), "next_step": "Open it yourself."}
    elif page["latency_ms"] > slow:
        wrong[LATENCY] = {
            "value": str(page["latency_ms"]),
            "unit": "ms",
            "upper": str(slow),
            "title": "The page is slow",
            "next_step": "Look at the server's load. If this is expected, raise `slow_ms` in team.yaml.",
        }
    for metric, alert in wrong.items():
        await ctx.call("alert.raise", metric=metric, **alert)
    for metric in sorted({UP, LATENCY} & ctx.open_alerts - set(wrong)):
        if metric == UP or is_up(page):
            await ctx.call("alert.clear", metric=metric)
    return list(wrong)


async def digest(ctx: Context, page: dict[str, Any], alarms: list[str]) -> dict[str, Any]:
    """Publishes how the page stands, against the day before."""
    until, since = ctx.due_at.isoformat(), (ctx.due_at - timedelta(days=1)).isoformat()
    kept = await ctx.call("metrics.read", metrics=[LATENCY, MARK], since=since, until=until)
    series = {one["metric"]: one for one in kept["series"]}
    changed = MARK in series and page["sha256"] is not None and Decimal(series[MARK]["latest"]) != mark(page)
    return await ctx.call(
        "digest.publish",
        name="daily",
        title=f"{ctx.due_at:%A}, {ctx.due_at:%Y-%m-%d}",
        headline=headline(page, alarms),
        figures=figures(page, series.get(LATENCY)),
        sections=[{"heading": "Changed", "lines": ["The page is not what it was the last time."]}] if changed else [],
        cannot_see=[*page["cannot_see"], *([] if series else [NO_HISTORY])],
        window_from=since,
        window_until=until,
    )


def headline(page: dict[str, Any], alarms: list[str]) -> str:
    """How the page stands, in one line."""
    return f"{trouble(page)}." if UP in alarms else "The page is slow." if alarms else "The page answers."


def is_up(page: dict[str, Any]) -> bool:
    """True for a page that answers, and not with an error."""
    return bool(page["reachable"]) and page["status"] < BROKEN_FROM


def trouble(page: dict[str, Any]) -> str:
    """What is wrong with a page that is not up."""
    return f"The page answers {page['status']}" if page["reachable"] else "The page does not answer"


def mark(page: dict[str, Any]) -> int:
    """The beginning of the page's digest as a number, which a series can keep."""
    return int(page["sha256"][:MARK_DIGITS], 16)


def readings(page: dict[str, Any]) -> list[dict[str, str]]:
    """What the page's series keep of one look."""
    found = [(LATENCY, page["latency_ms"], "ms")]
    if page["sha256"] is not None:
        found += [(SIZE, page["size_bytes"], "bytes"), (MARK, mark(page), "")]
    return [{"metric": name, "at": page["at"], "value": str(value), "unit": unit} for name, value, unit in found]


def figures(page: dict[str, Any], usual: dict[str, Any] | None) -> list[dict[str, str]]:
    """What was measured; a page that does not answer has no figures."""
    if not page["reachable"]:
        return []
    took = {"label": "Took", "value": str(page["latency_ms"]), "unit": "ms"}
    found = [{"label": "Status", "value": str(page["status"])}, took | ({"baseline": usual["median"]} if usual else {})]
    return [*found, {"label": "Size", "value": str(page["size_bytes"]), "unit": "bytes"}] if page["sha256"] else found
