"""GA Engagement: who comes, from where, and whether they stay. Says nothing about days its export did not bring."""

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

DOMAIN = "ga-engagement"
CHIEF = "chief-of-staff"
REFERRERS = """
    SELECT source, sum(total_users) AS users FROM ga4_traffic
    WHERE _at >= $window_from AND _at < $window_until AND medium = 'referral'
    GROUP BY source ORDER BY users DESC, source LIMIT 3
"""


async def run(ctx: Context) -> dict:
    """The morning's look, or an answer to whoever asked."""
    seen = await look(ctx, DOMAIN)
    referrers = await referrers_of(ctx, seen)
    if request_of(ctx):
        await take_note(ctx, seen)
        return await answer(ctx, seen, [f"{name}: {users} users" for name, users in referrers])
    await announce(ctx, seen)
    subjects = dict.fromkeys(("users", "referral_users"), referrers[0][0]) if referrers else {}
    await hand_over(ctx, seen, findings(seen, subjects), CHIEF)
    await take_note(ctx, seen)
    return {"summary": summary(seen), "closed": await close_tasks(ctx, seen)}


async def referrers_of(ctx: Context, seen: Look) -> list[tuple[str, int]]:
    """The sites most visitors came from, when more came from other sites than usual."""
    if seen.verdict("referral_users") not in ("high", "drift_high"):
        return []
    found = await ctx.call(
        "data.query", sql=REFERRERS, window_from=seen.since.isoformat(), window_until=seen.until.isoformat()
    )
    return [(str(name), int(users)) for name, users in found["rows"]]
