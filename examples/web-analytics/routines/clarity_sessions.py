"""Clarity Sessions: whether visits go well. It counts with a tag of its own, so it sees what another tag misses."""

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

DOMAIN = "clarity-sessions"
CHIEF = "chief-of-staff"
WORST_HOURS = """
    SELECT hour, quick_backs FROM clarity_hourly WHERE _at >= $window_from AND _at < $window_until AND quick_backs > 0
    ORDER BY quick_backs DESC, hour LIMIT 3
"""


async def run(ctx: Context) -> dict:
    """The morning's look, or an answer to whoever asked."""
    seen = await look(ctx, DOMAIN)
    if request_of(ctx):
        await take_note(ctx, seen)
        return await answer(ctx, seen, await worst_hours(ctx, seen))
    await announce(ctx, seen)
    await hand_over(ctx, seen, findings(seen), CHIEF)
    await take_note(ctx, seen)
    return {"summary": summary(seen), "closed": await close_tasks(ctx, seen)}


async def worst_hours(ctx: Context, seen: Look) -> list[str]:
    """The hours in which most visitors went straight back."""
    found = await ctx.call(
        "data.query", sql=WORST_HOURS, window_from=seen.since.isoformat(), window_until=seen.until.isoformat()
    )
    return [f"{hour}: {count} went straight back" for hour, count in found["rows"]]
