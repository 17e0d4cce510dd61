"""metrics.judge: how an agent's metrics stand, each against what its own past makes usual."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agents.metrics.holidays import holidays_of
from agents.metrics.judge import NO_HOLIDAYS
from agents.metrics.series import Kind
from agents.metrics.spec import MetricSpec
from agents.metrics.standing import HISTORY_POINTS, Standing, standing_of
from agents.sources.port import SourceUnusable, Window
from agents.tools.builtin.shapes import METRIC, MOMENT, UNIT, closed, list_of, moment_of, shown, text
from agents.tools.spec import Means, Tool, ToolCall, ToolSpec
from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake
from store.records import Access

MAX_METRICS = 50
CHART_POINTS = 120
"""Points of one chart at most, and all charts of an answer share `ANSWER_POINTS`, so that it stays below 256 kB."""
ANSWER_POINTS = 1800
NOTE_CHARACTERS = 300
_NUMBER: JsonObject = text(40, at_least=0)
_ANSWER: JsonObject = closed(
    {
        "as_of": MOMENT,
        "metrics": list_of(
            closed(
                {
                    "metric": METRIC,
                    "label": text(200),
                    "value": _NUMBER,
                    "unit": UNIT,
                    "expected": _NUMBER,
                    "lower": _NUMBER,
                    "upper": _NUMBER,
                    "verdict": {"enum": [kind.value for kind in Kind]},
                    "since": text(40, at_least=0),
                    "formed": text(200, at_least=0),
                    "same_weekday": _NUMBER,
                    "change": _NUMBER,
                    "rows": {"type": "integer", "minimum": 0},
                    "source": text(40),
                    "reckoned": text(2000),
                    "note": text(NOTE_CHARACTERS, at_least=0),
                    "next_step": text(2000),
                    "series": list_of(
                        closed({"at": MOMENT, "value": _NUMBER, "lower": _NUMBER, "upper": _NUMBER}),
                        at_most=CHART_POINTS,
                    ),
                }
            ),
            at_most=MAX_METRICS,
        ),
        "evidence": closed(
            {
                "files": list_of(
                    closed(
                        {
                            "source": text(64),
                            "file": text(400),
                            "sha256": text(64, at_least=0),
                            "rows": {"type": "integer", "minimum": 0},
                        }
                    ),
                    at_most=1_000,
                ),
                "as_of": MOMENT,
            }
        ),
    }
)


async def _judge(call: ToolCall, means: Means) -> JsonObject:
    at = min(moment_of(str(call.arguments["at"])), call.now) if "at" in call.arguments else call.now
    wanted = _wanted(call, means)
    points = min(CHART_POINTS, ANSWER_POINTS // max(1, len(wanted)))
    stood: list[Json] = [
        _told(metric, await asyncio.to_thread(_standing, means, metric, at, points)) for metric in wanted
    ]
    sources = sorted({metric.source for metric in wanted})
    files = await asyncio.to_thread(_files, means, sources, at)
    return {"as_of": shown(at), "metrics": stood, "evidence": {"files": files, "as_of": shown(at)}}


def _files(means: Means, sources: Sequence[str], at: datetime) -> list[Json]:
    """The files behind the figures, each by the SHA-256 of its bytes."""
    states = means.sources.check(sources, Window(since=at - timedelta(days=1), until=at), at)
    return [
        {"source": one.source, "file": file.name, "sha256": file.sha256, "rows": file.rows}
        for one in states
        for file in one.files
    ]


def _wanted(call: ToolCall, means: Means) -> list[MetricSpec]:
    """The agent's own metrics, or those of them that were named."""
    own = {name: metric for name, metric in means.team.metrics.items() if metric.agent == call.agent.id}
    named = call.arguments.get("metrics")
    if not isinstance(named, list):
        return list(own.values())[:MAX_METRICS]
    unknown = [str(name) for name in named if name not in own]
    if unknown:
        raise UserMistake(
            f"{call.agent.name} has no metric {unknown[0]!r}.", f"Its own are {', '.join(own) or 'none'}."
        )
    return [own[str(name)] for name in named]


def _standing(means: Means, metric: MetricSpec, at: datetime, points: int) -> Standing:
    until = at.astimezone(ZoneInfo(means.team.sources[metric.source].timezone))
    try:
        measured = means.sources.series(metric.source, metric.value, metric.where, metric.per, until)
    except SourceUnusable as trouble:  # no figure is there, which is a finding and no failure
        return replace(standing_of(metric, (), until), note=trouble.message[:NOTE_CHARACTERS])
    return standing_of(metric, measured, until, _holidays(metric, until), points)


def _holidays(metric: MetricSpec, until: datetime) -> Mapping[date, str]:
    if metric.country is None:
        return NO_HOLIDAYS
    first = until - HISTORY_POINTS[metric.frequency] * metric.frequency.step - timedelta(days=1)
    return holidays_of(metric.country, range(first.year, until.year + 1))


def _reckoned(metric: MetricSpec) -> str:
    """How the figure is made of the source's rows, in SQL."""
    where = f" where {metric.where}" if metric.where else ""
    return f"{metric.value}{where} per {metric.per}"[:2000]


def _told(metric: MetricSpec, stood: Standing) -> JsonObject:
    return {
        "metric": metric.id,
        "label": metric.name,
        "value": stood.value,
        "unit": metric.unit,
        "expected": stood.expected,
        "lower": stood.lower,
        "upper": stood.upper,
        "verdict": stood.verdict.value,
        "since": stood.since.isoformat(timespec="seconds") if stood.since else "",
        "formed": stood.formed,
        "same_weekday": stood.same_weekday,
        "change": stood.change,
        "rows": stood.rows,
        "source": metric.source,
        "reckoned": _reckoned(metric),
        "note": stood.note,
        "next_step": metric.next_step,
        "series": [
            {"at": shown(one.at), "value": one.value, "lower": one.lower, "upper": one.upper} for one in stood.series
        ],
    }


JUDGE_METRICS = Tool(
    spec=ToolSpec(
        name="metrics.judge",
        description=(
            "Judges the last whole day or hour of the agent's metrics, each against the range its past makes usual: "
            "high, low, stuck, drifting, missing, holiday, still learning, or normal. `at` is the moment to look from."
        ),
        arguments=closed(
            {"metrics": list_of(METRIC, at_least=1, at_most=MAX_METRICS), "at": MOMENT}, optional=("metrics", "at")
        ),
        result=_ANSWER,
        access=Access.READ,
        idempotent=True,
        timeout_seconds=120,
    ),
    run=_judge,
    summarise=lambda _: "Judges the agent's metrics.",
)
