"""A chart that Slack draws itself, for when no picture can be shown: fewer points, and it says which.

https://docs.slack.dev/reference/block-kit/blocks, data_visualization, checked 2026-11-21.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from blocks import limits
from blocks.elements import Chart, Line, Plot
from blocks.render.slack_rich import NOTHING, rich, run, section
from blocks.text import clip, ordinal, slack_length, slack_literal
from store.kernel.canonical import Json, JsonObject

Sampled = TypeVar("Sampled")


def native_chart(chart: Chart, plot: Plot) -> Iterator[JsonObject]:
    """The finding in words, then the chart; every n-th point of a longer series, the newest always among them."""
    step = -(-len(plot.labels) // limits.SLACK_CHART_POINTS)
    words = f"{chart.alt} {_sampling(step, len(plot.labels))}".rstrip()
    yield rich([section([run(words)])])
    labels = [_short(label, limits.SLACK_CHART_LABEL_CHARS) for label in every(plot.labels, step)]
    axes: JsonObject = {"categories": list[Json](labels)}
    if plot.unit:
        axes["y_label"] = _short(plot.unit, limits.SLACK_CHART_AXIS_CHARS)
    lines = plot.lines[: limits.SLACK_CHART_SERIES]
    series: list[Json] = [_series(line, labels, step) for line in lines]
    drawn: JsonObject = {"type": "line", "series": series, "axis_config": axes}
    yield {"type": "data_visualization", "title": _short(chart.title, limits.SLACK_CHART_TITLE_CHARS), "chart": drawn}


def every(points: Sequence[Sampled], step: int) -> list[Sampled]:
    """Every `step`-th point, counted back from the newest, in order."""
    return list(points[::-1][::step])[::-1]


def _series(line: Line, labels: Sequence[str], step: int) -> JsonObject:
    # JSON knows no decimals: the numbers are drawn, never reckoned with.
    values = [float(value) for value in every(line.values, step)]
    data: list[Json] = [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)]
    return {"name": _short(line.name, limits.SLACK_CHART_LABEL_CHARS), "data": data}


def _sampling(step: int, points: int) -> str:
    if step == 1:
        return ""
    return f"The chart shows every {ordinal(step)} of {points:,} readings."


def _short(text: str, limit: int) -> str:
    return slack_literal(clip(text, limit, slack_length)) or NOTHING
