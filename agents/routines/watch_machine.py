"""Watches this machine: keeps its readings, raises an alert above a limit, and publishes a digest.

Settings: `thresholds`, metric → the most that is well; what is left out has the limits below.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from agents.minds.routine import Context

NAMES = {
    "disk_used_pct": "Disk used",
    "disk_free_gb": "Disk free",
    "memory_used_pct": "Memory used",
    "load_per_core_pct": "Load per core",
}
THRESHOLDS = {"disk_used_pct": 90, "memory_used_pct": 95, "load_per_core_pct": 200}
NO_HISTORY = "The day before: no readings were kept, so nothing can be compared."
NEXT_STEP = "Look for what uses it up. If this is expected, raise the limit under `thresholds` in team.yaml."


async def run(ctx: Context) -> dict[str, Any]:
    """One look at the machine, or the digest of the day before."""
    reading = await ctx.call("machine.read")
    if reading["values"]:
        await ctx.call("metrics.record", readings=[{**value, "at": reading["at"]} for value in reading["values"]])
    alarms = await judge(ctx, reading)
    summary = headline(ctx, reading)
    if ctx.input.get("task") != "digest":
        return {"summary": summary, "alarms": alarms}
    return {"summary": summary, **await digest(ctx, reading)}


async def judge(ctx: Context, reading: dict[str, Any]) -> list[str]:
    """Raises the alert of each reading above its limit, and clears those that are well again."""
    high = [value for value in reading["values"] if is_high(ctx, value)]
    for value in high:
        title = f"{NAMES[value['metric']]} is above its limit"
        upper = str(limits(ctx)[value["metric"]])
        await ctx.call("alert.raise", **value, title=title, upper=upper, next_step=NEXT_STEP)
    well = {value["metric"] for value in reading["values"]} - {value["metric"] for value in high}
    for metric in sorted(well & ctx.open_alerts):
        await ctx.call("alert.clear", metric=metric)
    return [value["metric"] for value in high]


async def digest(ctx: Context, reading: dict[str, Any]) -> dict[str, Any]:
    """Publishes how the machine stands, against the middle of the day before."""
    until, since = ctx.due_at.isoformat(), (ctx.due_at - timedelta(days=1)).isoformat()
    before = (ctx.due_at - timedelta(days=2)).isoformat()
    kept = await ctx.call("metrics.read", metrics=list(NAMES), since=before, until=since)
    usual = {series["metric"]: series["median"] for series in kept["series"]}
    return await ctx.call(
        "digest.publish",
        name="daily",
        title=f"{ctx.due_at:%A}, {ctx.due_at:%Y-%m-%d}",
        headline=headline(ctx, reading),
        figures=[figure(ctx, value, usual.get(value["metric"])) for value in reading["values"]],
        cannot_see=[*reading["cannot_see"], *([] if usual else [NO_HISTORY])],
        window_from=since,
        window_until=until,
    )


def headline(ctx: Context, reading: dict[str, Any]) -> str:
    """How the machine stands, in one line."""
    if not reading["values"]:
        return "Nothing of the machine could be read."
    high = [f"{NAMES[value['metric']]} is above its limit" for value in reading["values"] if is_high(ctx, value)]
    return f"{'; '.join(high) or 'Every reading is within its limit'}."


def figure(ctx: Context, value: dict[str, Any], usual: str | None) -> dict[str, str]:
    """A reading beside what is usual for it."""
    status = "above its limit" if is_high(ctx, value) else "ok"
    shown = {"label": NAMES[value["metric"]], "value": value["value"], "unit": value["unit"], "status": status}
    return shown | ({"baseline": usual, "change": f"{Decimal(value['value']) - Decimal(usual):+}"} if usual else {})


def is_high(ctx: Context, value: dict[str, Any]) -> bool:
    """True for a reading above its limit; a metric without a limit never is."""
    limit = limits(ctx).get(value["metric"])
    return limit is not None and Decimal(value["value"]) > Decimal(str(limit))


def limits(ctx: Context) -> dict[str, Any]:
    """The most that is well, by metric."""
    return {**THRESHOLDS, **ctx.settings.get("thresholds", {})}
