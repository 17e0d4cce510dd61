"""Machine Watch: looks at this machine, keeps its readings, says what is wrong, and tidies one folder with permission.

`ctx` is all it has, and every call is on record: where people must decide it stops, and goes on after their decision.
"""

import asyncio
from datetime import timedelta
from decimal import Decimal

from agents.minds.routine import Context, ToolRefused, ToolResult

NAMES = {
    "disk_used_pct": "Disk used",
    "disk_free_gb": "Disk free",
    "memory_used_pct": "Memory used",
    "load_per_core_pct": "Load per core",
}
NO_HISTORY = "The day before: no readings were kept, so nothing can be compared."
WELL, BLIND = "Every reading is within its limit.", "Nothing could be read of this machine."
WAITS = "A request to move old files waits for a decision."
NEXT_STEP = "Look for what uses it up. If this is expected, raise the limit under `thresholds` in team.yaml."


async def run(ctx: Context) -> dict:
    """One session: the daily digest, the report on the team's week, or a look at the machine."""
    if ctx.input.get("task") == "digest":
        return await digest(ctx)
    if ctx.input.get("task") == "week":
        return await week(ctx)
    alarms, tidied = await judge(ctx, await observe(ctx)), await tidy(ctx)
    readings = "no reading is above its limit" if not alarms else f"above its limit: {', '.join(alarms)}"
    return {"summary": f"Looked at the machine: {readings}; inbox: {tidied}.", "alarms": alarms, "tidied": tidied}


async def observe(ctx: Context) -> ToolResult:
    """Reads the machine and keeps the readings."""
    reading = await ctx.call("machine.read")
    if reading["values"]:
        await ctx.call("metrics.record", readings=[{**value, "at": reading["at"]} for value in reading["values"]])
    return reading


async def judge(ctx: Context, reading: ToolResult) -> list[str]:
    """Raises the alert of each reading above its limit, and clears those that are well again."""
    for value in reading["values"]:
        metric = value["metric"]
        if is_high(ctx, value):
            title = f"{NAMES[metric]} is above its limit"
            upper = str(ctx.settings["thresholds"][metric])
            await ctx.call("alert.raise", **value, title=title, upper=upper, next_step=NEXT_STEP)
        elif metric in ctx.open_alerts:
            await ctx.call("alert.clear", metric=metric)
    return [value["metric"] for value in reading["values"] if is_high(ctx, value)]


async def tidy(ctx: Context) -> str:
    """Asks to move old files out of the folder, unless it has asked already; the answer may take a day."""
    old = await list_old(ctx)
    if not old["files"] or ctx.asks_already("files.move_old"):
        return "an earlier request waits for a decision" if old["files"] else "nothing is old"
    try:
        done = await ctx.call(
            "files.move_old",
            folder=old["folder"],
            to_folder=ctx.settings["archive_folder"],
            paths=[file["path"] for file in old["files"]],
            older_than_days=old["older_than_days"],
            claim=f"They are older than {old['older_than_days']} days, and can be moved back.",
        )
    except ToolRefused as no:
        return f"nothing was moved: {no.message}"
    return f"moved {len(done['moved'])}, left {len(done['skipped'])}"


async def digest(ctx: Context) -> dict:
    """Publishes how things stand, against the middle of the day before."""
    until, since = ctx.due_at.isoformat(), (ctx.due_at - timedelta(days=1)).isoformat()
    reading = await observe(ctx)
    before, git, old = await asyncio.gather(
        ctx.call("metrics.read", metrics=list(NAMES), since=(ctx.due_at - timedelta(days=2)).isoformat(), until=since),
        ctx.call("git.read", since=since),
        list_old(ctx),
    )
    usual = {series["metric"]: series["median"] for series in before["series"]}
    high = [f"{NAMES[value['metric']]} is above its limit." for value in reading["values"] if is_high(ctx, value)]
    needs_you = [*high, WAITS] if ctx.asks_already("files.move_old") else high
    commits = [f"{one['id'][:8]} {one['subject']} ({one['author']})"[:300] for one in git["commits"][:5]]
    return await ctx.call(
        "digest.publish",
        name="daily",
        title=f"{ctx.due_at:%A}, {ctx.due_at:%Y-%m-%d}",
        headline=" ".join(high) or (WELL if reading["values"] else BLIND),
        figures=[figure(ctx, value, usual.get(value["metric"])) for value in reading["values"]] + counts(git, old),
        sections=[{"heading": "Needs you", "lines": needs_you}, {"heading": "Committed", "lines": commits}],
        cannot_see=[*reading["cannot_see"], *git["cannot_see"], *([] if usual else [NO_HISTORY])],
        window_from=since,
        window_until=until,
    )


async def week(ctx: Context) -> dict:
    """Publishes the report on the team's last whole week; its words and figures are ready-made."""
    report = await ctx.call("team.week", until=ctx.due_at.isoformat())
    return await ctx.call("digest.publish", **report["digest"])


def figure(ctx: Context, value: dict, usual: str | None) -> dict:
    """A reading beside what is usual for it."""
    status = "above its limit" if is_high(ctx, value) else "ok"
    shown = {"label": NAMES[value["metric"]], "value": value["value"], "unit": value["unit"], "status": status}
    return shown | ({"baseline": usual, "change": f"{Decimal(value['value']) - Decimal(usual):+}"} if usual else {})


def counts(git: ToolResult, old: ToolResult) -> list[dict]:
    """What can be counted rather than measured; what could not be counted is left to `cannot_see`."""
    found = {f"Files in {old['folder']} older than {old['older_than_days']} days": old["count"]}
    if git["is_repository"]:
        found |= {"Commits": git["commit_count"], "Files not committed": git["dirty_count"]}
    return [{"label": label, "value": str(count)} for label, count in found.items() if count is not None]


async def list_old(ctx: Context) -> ToolResult:
    """Lists the old files in the folder to be tidied."""
    days = ctx.settings["older_than_days"]
    return await ctx.call("files.list_old", folder=ctx.settings["tidy_folder"], older_than_days=days)


def is_high(ctx: Context, value: dict) -> bool:
    """True for a reading above its limit; a metric without a limit never is."""
    limit = ctx.settings["thresholds"].get(value["metric"])
    return limit is not None and Decimal(value["value"]) > Decimal(limit)
