"""Webflow Bandwidth: what the host serves, to whom, and how it stands against the plan."""

from agents.minds.routine import Context
from agents.routines.lookout import (
    Look,
    announce,
    answer,
    close_tasks,
    findings,
    hand_over,
    look,
    request_of,
    summary,
    take_note,
)

DOMAIN = "webflow-bandwidth"
CHIEF = "chief-of-staff"
MANY_TIMES = 3
VISITORS = """
    SELECT split_part(user_agent, '/', 1) AS agent, count(*) AS hits FROM access_log
    WHERE _at >= $window_from AND _at < $window_until AND is_bot = 1
    GROUP BY agent ORDER BY hits DESC, agent LIMIT 3
"""
MONTH = """
    SELECT sum(bandwidth_gb) AS used, max(plan_limit_gb) AS plan FROM bandwidth_daily
    WHERE _at >= $window_from AND _at < $window_until
"""


async def run(ctx: Context) -> dict:
    """The morning's look, or an answer to whoever asked."""
    seen = await look(ctx, DOMAIN)
    if request_of(ctx):
        await take_note(ctx, seen)
        return await answer(ctx, seen, [await against_plan(ctx, seen), *await bots(ctx, seen)])
    await announce(ctx, seen)
    await hand_over(ctx, seen, findings(seen, await subjects(ctx, seen)), CHIEF)
    await take_note(ctx, seen)
    return {"summary": summary(seen), "closed": await close_tasks(ctx, seen)}


async def subjects(ctx: Context, seen: Look) -> dict[str, str]:
    """Who asked for so much, when more was asked for than usual and one visitor's name stands out."""
    if seen.verdict("requests") not in ("high", "drift_high") or not seen.holds("access-log"):
        return {}
    found = await ctx.call("data.query", sql=VISITORS, **window(seen))
    (first, most), *others = [*found["rows"], ("", 0)]
    second = others[0][1] if others else 0
    return {"requests": first} if first and int(most) > MANY_TIMES * int(second) else {}


async def bots(ctx: Context, seen: Look) -> list[str]:
    """The robots that asked most, by the name they give themselves; nobody without a log."""
    if not seen.holds("access-log"):
        return []
    found = await ctx.call("data.query", sql=VISITORS, **window(seen))
    return [f"{name}: {hits} requests in the log" for name, hits in found["rows"]]


async def against_plan(ctx: Context, seen: Look) -> str:
    """What the month has used so far, against the plan."""
    month = seen.since.replace(day=1)
    found = await ctx.call("data.query", sql=MONTH, **(window(seen) | {"window_from": month.isoformat()}))
    used, plan = found["rows"][0]
    return f"Since {month:%Y-%m-%d}: {used} GB of {plan} GB a month." if plan else "The plan is not known."


def window(seen: Look) -> dict[str, str]:
    """The look's day, as tools take it."""
    return {"window_from": seen.since.isoformat(), "window_until": seen.until.isoformat()}
