"""Watches exports: judges each figure against what its own past makes usual, and publishes a digest.

It looks at the day before. Exports that end earlier are judged at their last day, and the digest says so. The workspace
names the exports under `sources` and the figures under `metrics`; docs/first-hour.md shows one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agents.minds.routine import Context
from agents.routines.lookout import (
    BEHIND,
    WITHIN,
    Look,
    announce,
    announce_sources,
    figure,
    look,
    midnight,
    request_of,
    title_of,
    trouble_of,
    unseen,
)

FIGURES_SHOWN = 20
NAMED = 3
"""Figures and exports that the run's sentence names; the rest are counted."""


async def run(ctx: Context) -> dict[str, Any]:
    """One look at every figure, with a digest where the schedule asks for one."""
    seen = await look(ctx, "exports")
    seen = replace(seen, metrics=tuple(await at_their_last_day(ctx, seen)))
    await announce(ctx, seen)
    if not request_of(ctx):  # who asks may name an old day, of which no export needs to tell
        await announce_sources(ctx, seen)
    if ctx.input.get("task") != "digest":
        return {"summary": said(seen, "Looked at"), "outside": [one["metric"] for one in seen.outside]}
    return {"summary": said(seen, "Published"), **await digest(ctx, seen)}


async def at_their_last_day(ctx: Context, seen: Look) -> list[Mapping[str, Any]]:
    """The figures; one that has no row of the day before is judged at the last day its export has."""
    ends = {one["source"]: day_after(one["newest"], ctx.timezone) for one in seen.sources if is_behind(one)}
    earlier: dict[datetime, list[str]] = defaultdict(list)
    for one in seen.metrics:
        end = ends.get(one["source"])
        if end is not None and one["verdict"] == "missing" and end < seen.until:
            earlier[end].append(one["metric"])
    found = {one["metric"]: one for one in seen.metrics}
    for end, names in sorted(earlier.items()):
        judged = await ctx.call("metrics.judge", metrics=names, at=end.isoformat())
        found |= {one["metric"]: one for one in judged["metrics"]}
    return list(found.values())


def is_behind(source: Mapping[str, Any]) -> bool:
    """True for an export whose rows end before the day that was asked about."""
    return source["state"] in BEHIND and source["newest"] is not None


def day_after(newest: str, timezone: str) -> datetime:
    """The end of the day in which an export's newest row lies."""
    zone = ZoneInfo(timezone)
    return midnight(datetime.fromisoformat(newest).astimezone(zone) + timedelta(days=1), zone)


async def digest(ctx: Context, seen: Look) -> dict[str, Any]:
    """Publishes the figures beside what was expected of them, and what cannot be seen."""
    odd = [title_of(one) for one in seen.outside]
    shown = [one for one in seen.metrics if one["value"]]
    return await ctx.call(
        "digest.publish",
        name="daily",
        title=f"{seen.since:%A}, {seen.since:%Y-%m-%d}",
        headline=headline(odd, shown),
        figures=[dated(seen, one) for one in shown[:FIGURES_SHOWN]],
        cannot_see=[*unseen(seen), *missing(seen)][:10],
        window_from=min([seen.since, *(day_of(seen, one) for one in shown)]).isoformat(),
        window_until=seen.until.isoformat(),
    )


def said(seen: Look, did: str) -> str:
    """What came of the run, in one sentence: "Published 2 figures; orders: below what was expected."."""
    shown = [one for one in seen.metrics if one["value"]]
    counted = f"{did} {len(shown)} figure{'' if len(shown) == 1 else 's'}" if shown else "No figure could be read"
    odd = [title_of(one) for one in seen.outside] + [trouble_of(one) for one in seen.troubled] + missing(seen)
    more = [f"{len(odd) - NAMED} more"] if len(odd) > NAMED else []
    well = ["every one is as expected"] if shown and not odd and all(one["verdict"] in WITHIN for one in shown) else []
    return "; ".join(one.rstrip(".") for one in [counted, *odd[:NAMED], *more, *well]) + "."


def headline(odd: list[str], shown: list[Mapping[str, Any]]) -> str:
    """The day in one line."""
    if not shown:
        return "No figure could be read."
    if odd:
        return f"{'; '.join(odd)[:199]}."
    learning = sum(one["verdict"] == "learning" for one in shown)
    return (
        "Every figure is as usual." if not learning else "The figures are there; what is usual is still being learnt."
    )


def dated(seen: Look, one: Mapping[str, Any]) -> dict[str, str]:
    """A figure; of an earlier day it says which."""
    shown, day = figure(one), day_of(seen, one)
    label = shown["label"][:45]
    return shown | {"label": label if day >= seen.since else f"{label}, {day:%Y-%m-%d}"}


def day_of(seen: Look, one: Mapping[str, Any]) -> datetime:
    """When the day or hour of a figure began, in the team's zone."""
    return datetime.fromisoformat(one["series"][-1]["at"]).astimezone(seen.since.tzinfo)


def missing(seen: Look) -> list[str]:
    """Figures without a value although their export is there."""
    well = {one["source"] for one in seen.sources if one["state"] == "ok"}
    lost = [one for one in seen.metrics if one["verdict"] == "missing" and one["source"] in well]
    return [f"{one['label']}: {one['note']}"[:200] for one in lost]
