"""Content Pipeline: how the site is found, and what to write next: what people search for and no page answers."""

from agents.minds.routine import Context
from agents.routines.lookout import (
    Look,
    announce,
    answer,
    close_tasks,
    finding,
    findings,
    hand_over,
    look,
    request_of,
    summary,
    take_note,
)

DOMAIN = "content-pipeline"
CHIEF = "chief-of-staff"
FALLEN = """
    SELECT regexp_replace(page, '^https?://[^/]+', '') AS path, sum(clicks) AS clicks, max(position) AS position
    FROM search_pages WHERE _at >= $window_from AND _at < $window_until
    GROUP BY path HAVING max(position) >= $below ORDER BY position DESC, path LIMIT 5
"""
QUERIES = """
    SELECT query, sum(impressions) AS shown, max(position) AS position FROM search_queries
    WHERE date IS NOT DISTINCT FROM (SELECT max(date) FROM search_queries) GROUP BY query
    HAVING max(position) >= $below AND sum(impressions) >= $least ORDER BY shown DESC, query LIMIT 20
"""
NAMES = "SELECT name FROM content_inventory ORDER BY name LIMIT 200"
EVER = "1990-01-01T00:00:00+00:00"
SMALL_WORDS = frozenset({"a", "an", "and", "for", "how", "of", "per", "the", "to"})
TOPICS = 5


async def run(ctx: Context) -> dict:
    """The morning's look, Monday's topics, or an answer to whoever asked."""
    seen = await look(ctx, DOMAIN)
    if ctx.input.get("task") == "topics":
        await take_note(ctx, seen)
        return await topics(ctx, seen)
    if request_of(ctx):
        await take_note(ctx, seen)
        return await answer(ctx, seen, [f"{query}: searched {shown} times" for query, shown in await gaps(ctx, seen)])
    await announce(ctx, seen)
    fallen = await fallen_pages(ctx, seen)
    found = [one | {"pages": fallen} if one["metric"] == "search_position" else one for one in findings(seen)]
    await hand_over(ctx, seen, found, CHIEF)
    await take_note(ctx, seen)
    return {"summary": summary(seen), "closed": await close_tasks(ctx, seen)}


async def fallen_pages(ctx: Context, seen: Look) -> list[str]:
    """The pages that search shows far down, when search shows the site further down than usual."""
    if seen.verdict("search_position") not in ("high", "drift_high"):
        return []
    window = {"window_from": seen.since.isoformat(), "window_until": seen.until.isoformat()}
    found = await ctx.call("data.query", sql=FALLEN, parameters={"below": ctx.settings["far_down"]}, **window)
    return [path for path, _, _ in found["rows"]]


async def topics(ctx: Context, seen: Look) -> dict:
    """Publishes what to write about, by how often it is searched for, and hands the first of it over."""
    found = (await gaps(ctx, seen))[:TOPICS]
    if not found:
        return {"summary": "Everything people search for has a page."}
    for query, shown in found[:1]:
        gap = as_finding(seen, query, shown)
        await ctx.call("handoff.send", to=CHIEF, contract="finding@1", confidence="0.8", payload=gap)
    await ctx.call(
        "digest.publish",
        name="topics",
        title="Topics for the blog",
        headline="People search for these, and no page of ours answers them.",
        figures=[{"label": query[:60], "value": str(shown), "unit": "searches"} for query, shown in found],
        sections=[{"heading": "Proposed", "lines": [proposal(query) for query, _ in found]}],
    )
    return {"summary": f"Proposed: {'; '.join(query for query, _ in found)}"}


async def gaps(ctx: Context, seen: Look) -> list[tuple[str, int]]:
    """What is searched for often while the site stands far down, and what no page of the inventory is named after."""
    limits = {"below": ctx.settings["far_down"], "least": ctx.settings["least_searches"]}
    until = {"window_from": EVER, "window_until": seen.until.isoformat()}
    asked = await ctx.call("data.query", sql=QUERIES, parameters=limits, **until)
    named = await ctx.call("data.query", sql=NAMES, **until)
    names = [words(row[0]) for row in named["rows"]]
    return [(query, int(shown)) for query, shown, _ in asked["rows"] if not any(words(query) <= one for one in names)]


def words(text: str) -> set[str]:
    """The words that carry the meaning."""
    return {word for word in text.lower().replace(",", " ").split() if word not in SMALL_WORDS}


def proposal(query: str) -> str:
    """A working title."""
    last = query.rsplit(maxsplit=1)[-1]
    if last in ("calculator", "chart", "sheet", "template"):
        return f"Give away a {query}, and explain how to fill it in."
    return f"A guide: {query}."


def as_finding(seen: Look, query: str, shown: int) -> dict:
    """A gap as the Chief of Staff takes it."""
    known = {
        "kind": "content_gap",
        "metric": "content_gap",
        "verdict": "gap",
        "title": f"Searched for and not answered: {query}"[:200],
        "value": str(shown),
        "unit": "searches",
        "severity": "low",
        "evidence": {"source": "search-queries", "rows": 1, "as_of": seen.as_of},
        "next_step": "Write about it, or decide not to.",
    }
    return finding(seen, **known)
