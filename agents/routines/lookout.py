"""A worker's morning, step by step: look at the sources and the figures, alert, hand over, close what is done.

For routines of a workspace. Each step is one function of `ctx`; a routine puts between them what only it knows:

    seen = await look(ctx, "ga-engagement")
    await announce(ctx, seen)
    await hand_over(ctx, seen, findings(seen), to="chief-of-staff")
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from agents.minds.routine import Context

OUTSIDE = frozenset({"high", "low", "drift_high", "drift_low", "stuck"})
"""Verdicts that are an anomaly; `missing` is one of the source, and `learning` is no verdict yet."""
WITHIN = frozenset({"normal", "holiday"})
MARK = "cause: "
"""The first line of a task's details begins with this when it is about an incident: so it is known again."""
FINDING, MORNING = "finding@1", "morning@1"
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_UNKNOWN = {"value": "", "unit": "", "expected": "", "lower": "", "upper": ""}
BEHIND = frozenset({"late", "outside_window"})
"""States of a source that has rows, only none of the day that was asked about."""
SOURCE_ALERT = "source."
"""How the metric of an alert about a source begins; its name follows, so that no figure's metric is the same."""
_TROUBLE = {
    "missing": "is missing",
    "late": "is late",
    "malformed": "cannot be read",
    "empty": "is empty",
    "outside_window": "has nothing for this time",
}
_REMEDY = {
    "missing": "Put the file back, or correct this source's `file` in team.yaml.",
    "malformed": "Correct the file, or export it again.",
}
_SEND = "Look whether the export still runs, and send what is missing."
_TITLE_CHARS = 120
CHART_POINTS = 60
"""Points on the chart of an alert."""


@dataclass(frozen=True)
class Look:
    """One look at one day. `sources` are as `data.check` tells them, `metrics` as `metrics.judge` does."""

    domain: str
    since: datetime
    until: datetime
    as_of: str
    sources: tuple[Mapping[str, Any], ...]
    metrics: tuple[Mapping[str, Any], ...]

    @property
    def troubled(self) -> tuple[Mapping[str, Any], ...]:
        """The sources that cannot be relied on for this day."""
        return tuple(one for one in self.sources if one["state"] != "ok")

    def holds(self, source: str) -> bool:
        """True when the source has rows to be asked for, whether or not any is of this day."""
        return any(one["source"] == source and one["rows"] for one in self.sources)

    @property
    def outside(self) -> tuple[Mapping[str, Any], ...]:
        """The metrics that are not what was expected."""
        return tuple(one for one in self.metrics if one["verdict"] in OUTSIDE)

    def verdict(self, metric: str) -> str:
        """What became of a metric; `missing` for one that was not judged."""
        return next((str(one["verdict"]) for one in self.metrics if one["metric"] == metric), "missing")

    @property
    def is_well(self) -> bool:
        """True when every source was there and every metric was judged and within its range."""
        return not self.troubled and all(one["verdict"] in WITHIN for one in self.metrics)


async def look(ctx: Context, domain: str) -> Look:
    """The day before, or the day somebody asked for, as it stood when this run was due."""
    since, until = day_asked_for(ctx)
    window = {"window_from": since.isoformat(), "window_until": until.isoformat()}
    checked = await ctx.call("data.check", **window)
    judged = await ctx.call("metrics.judge", at=until.isoformat())
    return Look(domain, since, until, checked["as_of"], tuple(checked["sources"]), tuple(judged["metrics"]))


def day_asked_for(ctx: Context) -> tuple[datetime, datetime]:
    """The day that a request names as 2021-09-14; without one, the day before this run was due. In the team's zone."""
    zone = ZoneInfo(ctx.timezone)
    named = _DAY.search(request_of(ctx))
    until = midnight(date.fromisoformat(named[0]) + timedelta(days=1) if named else ctx.due_at.astimezone(zone), zone)
    return midnight(until - timedelta(days=1), zone), until


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day."""
    return datetime.combine(date(day.year, day.month, day.day), time(), zone)


def request_of(ctx: Context) -> str:
    """What somebody asked for in words; empty for a run that nobody asked for."""
    request = ctx.input.get("request")
    return str(request.get("text", "")) if isinstance(request, Mapping) else ""


async def announce(ctx: Context, seen: Look) -> None:
    """Raises the alert of each metric outside its range, and clears those that are within theirs again."""
    for one in seen.outside:
        bounds = {name: one[name] for name in ("lower", "upper") if one[name]}
        await ctx.call(
            "alert.raise",
            metric=one["metric"],
            title=title_of(one),
            value=one["value"],
            unit=one["unit"],
            next_step=one["next_step"],
            kind=one["verdict"],
            since=one["since"],
            formed="; ".join(said for said in (one["formed"], one["note"]) if said),
            source={"source": one["source"], "rows": one["rows"], "as_of": seen.as_of},
            series=one["series"][-CHART_POINTS:],
            **bounds,
        )
    for one in seen.metrics:
        if one["verdict"] in WITHIN and one["metric"] in ctx.open_alerts:
            await ctx.call("alert.clear", metric=one["metric"])


async def announce_sources(ctx: Context, seen: Look) -> None:
    """Keeps one alert open for each source in trouble, and clears those whose source is well again or gone."""
    for one in seen.troubled:
        await ctx.call(
            "alert.raise",
            metric=source_metric(one),
            title=_cut(trouble_of(one), _TITLE_CHARS),
            value="0",
            unit="rows",
            lower="1",
            next_step=_REMEDY.get(one["state"], _SEND),
            kind="missing",
            since=seen.since.isoformat(),
            formed=_cut(one["detail"], 200),
            source={"source": one["source"], "rows": one["rows"], "as_of": seen.as_of},
        )
    about_sources = {metric for metric in ctx.open_alerts if metric.startswith(SOURCE_ALERT)}
    for metric in sorted(about_sources - {source_metric(one) for one in seen.troubled}):
        await ctx.call("alert.clear", metric=metric)


def source_metric(source: Mapping[str, Any]) -> str:
    """The metric under which a source's trouble is announced: `source.daily_sales`."""
    return SOURCE_ALERT + re.sub(r"[^a-z0-9_]", "_", source["source"].lower())[: 64 - len(SOURCE_ALERT)]


def trouble_of(source: Mapping[str, Any]) -> str:
    """What is wrong with a source, in one line: "sales is missing: No file matches sales.csv"."""
    behind = source["state"] in BEHIND and source["newest"]
    why = f"it ends on {str(source['newest'])[:10]}" if behind else source["detail"].rstrip(".")
    return f"{source['source']} {_TROUBLE[source['state']]}: {why}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def findings(seen: Look, subjects: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """What the look found, as contract finding@1 wants it; `subjects` names what is behind a metric, where known."""
    known = subjects or {}
    found = [_of_metric(seen, one, known.get(one["metric"], "")) for one in seen.outside]
    return found + [_of_source(seen, one) for one in seen.troubled]


def finding(seen: Look, **known: Any) -> dict[str, Any]:
    """A finding of this look's day, with everything that is not given left as not known."""
    general = {
        "domain": seen.domain,
        "since": seen.since.isoformat(),
        "window_from": seen.since.isoformat(),
        "window_until": seen.until.isoformat(),
        "severity": "medium",
        "suspected_cause": "unknown",
        "pages": [],
        **_UNKNOWN,
    }
    return general | known


async def hand_over(ctx: Context, seen: Look, found: Sequence[Mapping[str, Any]], to: str) -> None:
    """Hands every finding over, then the morning itself: a morning that is there says that everything was looked at."""
    for one in found or [_nothing(seen)]:
        await ctx.call("handoff.send", to=to, contract=FINDING, confidence="0.9", payload=dict(one))
    await ctx.call("handoff.send", to=to, contract=MORNING, confidence="1", payload=_morning(seen))


async def answer(ctx: Context, seen: Look, lines: Sequence[str] = ()) -> dict[str, Any]:
    """Answers whoever asked, on a card: the figures of the day, and what cannot be seen."""
    odd = [title_of(one) for one in seen.outside]
    sections = [{"heading": "Looked at more closely", "lines": list(lines)}] if lines else []
    published = await ctx.call(
        "digest.publish",
        name="answer",
        title=f"{seen.since:%A}, {seen.since:%Y-%m-%d}",
        headline="; ".join(odd)[:200]
        or ("Every figure is within its range." if seen.is_well else "Not everything is there."),
        figures=[figure(one) for one in seen.metrics if one["value"]],
        sections=sections,
        cannot_see=unseen(seen),
        window_from=seen.since.isoformat(),
        window_until=seen.until.isoformat(),
    )
    return {"summary": summary(seen), **published}


def figure(one: Mapping[str, Any]) -> dict[str, str]:
    """A judged metric as a figure of a digest, beside what was expected."""
    label = str(one.get("label") or one["metric"].replace("_", " ").capitalize())
    shown = {"label": label, "value": str(one["value"]), "unit": str(one["unit"])}
    known = {name: str(one[name]) for name in ("expected", "lower", "upper", "same_weekday") if one[name]}
    return shown | known | {"status": "ok" if one["verdict"] in WITHIN else str(one["verdict"]).replace("_", " ")}


def unseen(seen: Look) -> list[str]:
    """What the look could not see, one sentence a source and a metric without a verdict."""
    sources = [f"{one['source']}: {one['detail']}"[:200] for one in seen.troubled]
    learning = [f"{one['label']}: too little is known yet." for one in seen.metrics if one["verdict"] == "learning"]
    return (sources + learning)[:10]


async def close_tasks(ctx: Context, seen: Look) -> list[str]:
    """Closes the worker's tasks about incidents once everything it looks at is within its range again; says which.

    What people or others asked of it is not closed by figures.
    """
    if not seen.is_well or not ctx.tasks:
        return []
    about = [one for one in (await ctx.call("task.list"))["tasks"] if one["details"].startswith(MARK)]
    for task in about:
        await ctx.call("task.close", task=task["id"], evidence=_evidence(seen))
    return [str(task["title"]) for task in about]


async def take_note(ctx: Context, seen: Look) -> None:
    """Acknowledges what this agent was told, with how things stand, and the decisions that affect it."""
    for one in ctx.notes:
        await ctx.call("note.acknowledge", note=one["id"], answer=summary(seen)[:1000])
    for one in ctx.decisions:
        await ctx.call("decision.acknowledge", decision=one["id"])


def summary(seen: Look, *more: str) -> str:
    """What came of the morning, in one sentence for the run's card."""
    odd = [title_of(one) for one in seen.outside] + [f"{one['source']} is {one['state']}" for one in seen.troubled]
    return "; ".join([*odd, *(one for one in more if one)]) or "Every figure is as expected."


def title_of(one: Mapping[str, Any]) -> str:
    """A metric outside its range, in one line."""
    said = {
        "high": "above what was expected",
        "low": "below what was expected",
        "drift_high": "rising for days",
        "drift_low": "falling for days",
        "stuck": "has not moved",
    }
    return f"{one['label']}: {said[one['verdict']]}"


def _of_metric(seen: Look, one: Mapping[str, Any], subject: str) -> dict[str, Any]:
    return finding(
        seen,
        kind="anomaly",
        metric=one["metric"],
        verdict=one["verdict"],
        title=title_of(one),
        subject=subject,
        since=one["since"] or seen.since.isoformat(),
        severity="high" if _is_far(one) else "medium",
        evidence={"source": one["source"], "rows": one["rows"], "as_of": seen.as_of},
        suspected_cause="source" if one["verdict"] == "stuck" else "unknown",
        next_step=one["next_step"],
        **{name: one[name] for name in _UNKNOWN},
    )


def _of_source(seen: Look, one: Mapping[str, Any]) -> dict[str, Any]:
    return finding(
        seen,
        kind="source",
        metric=one["source"].replace("-", "_"),
        verdict="late" if one["state"] == "late" else "missing",
        title=f"{one['source']}: {one['detail']}"[:200],
        evidence={"source": one["source"], "rows": one["rows"], "as_of": seen.as_of},
        suspected_cause="source",
        next_step="Look whether the export still runs, and send what is missing.",
    )


def _nothing(seen: Look) -> dict[str, Any]:
    source = str(seen.sources[0]["source"]) if seen.sources else "none"
    return finding(
        seen,
        kind="none",
        metric="all",
        verdict="normal",
        title="Nothing out of the ordinary.",
        severity="low",
        evidence={"source": source, "as_of": seen.as_of},
        next_step="",
    )


def _morning(seen: Look) -> dict[str, Any]:
    figures = ("metric", "value", "unit", "expected", "lower", "upper", "same_weekday", "verdict")
    return {
        "domain": seen.domain,
        "window_from": seen.since.isoformat(),
        "window_until": seen.until.isoformat(),
        "as_of": seen.as_of,
        "figures": [{name: one[name] for name in figures} for one in seen.metrics],
        "sources": [_standing(one) for one in seen.sources],
    }


def _standing(one: Mapping[str, Any]) -> dict[str, str]:
    return {"source": one["source"], "state": one["state"], "newest": one["newest"] or ""}


def _is_far(one: Mapping[str, Any]) -> bool:
    """True for a value that is more than a whole width of its range away from what was expected."""
    if not (one["value"] and one["expected"] and one["lower"] and one["upper"]):
        return False
    away = abs(Decimal(one["value"]) - Decimal(one["expected"]))
    return away > Decimal(one["upper"]) - Decimal(one["lower"])


def _evidence(seen: Look) -> str:
    watched = ", ".join(str(one["label"]) for one in seen.metrics)
    return f"On {seen.since:%Y-%m-%d} all of it was within its range again: {watched}."
