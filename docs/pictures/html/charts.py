"""Slack's own charts as simple drawings: enough to judge what is said, not a copy of Slack's pens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import cos, pi, sin

from markupsafe import Markup

from docs.pictures.block_kit.blocks import DataVisualization, PieChart, Series, SeriesChart
from docs.pictures.html.markup import joined, tag

_INKS = ("#1264a3", "#e8912d", "#2eb67d", "#e01e5a", "#7c3085", "#616061")
_WIDTH, _HEIGHT, _LEFT, _TOP = 560, 200, 44, 8
_RADIUS = 90
_BAR_SHARE = 0.7


@dataclass(frozen=True)
class _Span:
    """The values an axis runs over."""

    low: float
    high: float

    def y(self, value: float) -> float:
        """The height at which a value is drawn."""
        return _TOP + (self.high - value) / (self.high - self.low) * (_HEIGHT - _TOP)


def chart_html(block: DataVisualization) -> Markup:
    """The title, the drawing and the names of what is drawn."""
    drawing, names = _drawn(block.chart)
    legend = tag("div", *(_named(name, number) for number, name in enumerate(names)), cls="legend")
    return tag("div", tag("div", block.title, cls="chart-title", dir="auto"), drawing, legend, cls="chart")


def _drawn(chart: SeriesChart | PieChart) -> tuple[Markup, list[str]]:
    if isinstance(chart, PieChart):
        return _pie(chart), [segment.label for segment in chart.segments]
    return _along(chart), [series.name for series in chart.series]


def _named(name: str, number: int) -> Markup:
    return tag("span", tag("i", style=f"background:{_ink(number)}"), name, dir="auto")


def _ink(number: int) -> str:
    return _INKS[number % len(_INKS)]


def _svg(*parts: str) -> Markup:
    return tag("svg", *parts, viewBox=f"0 0 {_WIDTH} {_HEIGHT + 24}", width=str(_WIDTH))


def _along(chart: SeriesChart) -> Markup:
    values = [point.value for series in chart.series for point in series.data]
    low = min(0.0, *values)
    span = _Span(low, max(low + 1e-9, *values))
    if chart.type == "bar":
        marks = [_bars(series, number, len(chart.series), span) for number, series in enumerate(chart.series)]
    else:
        filled = chart.type == "area"
        marks = [_line(series, _ink(number), span, filled=filled) for number, series in enumerate(chart.series)]
    return _svg(*_scale(span), *_categories(chart.axis_config.categories), *marks)


def _scale(span: _Span) -> Iterator[Markup]:
    for value in (span.low, (span.low + span.high) / 2, span.high):
        y = f"{span.y(value):.1f}"
        yield tag("line", x1=str(_LEFT), x2=str(_WIDTH), y1=y, y2=y, cls="grid")
        yield tag("text", f"{value:.3g}", x=str(_LEFT - 6), y=y, cls="value")


def _categories(names: Sequence[str]) -> Iterator[Markup]:
    for number, name in enumerate(names):
        yield tag("text", name, x=f"{_x(number, len(names)):.1f}", y=str(_HEIGHT + 18), cls="category")


def _x(number: int, of: int) -> float:
    return _LEFT + (number + 0.5) * (_WIDTH - _LEFT) / of


def _line(series: Series, ink: str, span: _Span, *, filled: bool) -> Markup:
    places = [(_x(place, len(series.data)), span.y(point.value)) for place, point in enumerate(series.data)]
    line = tag("polyline", points=_places(places), stroke=ink, cls="series")
    corners = [(places[0][0], span.y(span.low)), *places, (places[-1][0], span.y(span.low))]
    return joined([line, tag("polygon", points=_places(corners), fill=ink, cls="area")] if filled else [line])


def _places(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _bars(series: Series, number: int, of: int, span: _Span) -> Markup:
    width = (_WIDTH - _LEFT) / len(series.data) * _BAR_SHARE / of
    beside = (number - of / 2) * width
    return joined(
        _bar(_x(place, len(series.data)) + beside, width, (span.y(point.value), span.y(0.0)), _ink(number))
        for place, point in enumerate(series.data)
    )


def _bar(x: float, width: float, ends: tuple[float, float], ink: str) -> Markup:
    top, height = min(ends), abs(ends[0] - ends[1])
    return tag("rect", x=f"{x:.1f}", y=f"{top:.1f}", width=f"{width:.1f}", height=f"{height:.1f}", fill=ink)


def _pie(chart: PieChart) -> Markup:
    whole = sum(segment.value for segment in chart.segments) or 1.0
    ends = [0.0, *accumulate(segment.value / whole for segment in chart.segments)]
    return _svg(*(_slice(start, end, _ink(number)) for number, (start, end) in enumerate(pairwise(ends))))


def _slice(start: float, end: float, ink: str) -> Markup:
    (x1, y1), (x2, y2) = _on_circle(start), _on_circle(end)
    large = int(end - start > 1 / 2)
    path = f"M{_WIDTH / 2},{_HEIGHT / 2} L{x1:.1f},{y1:.1f} A{_RADIUS},{_RADIUS} 0 {large} 1 {x2:.1f},{y2:.1f} Z"
    return tag("path", d=path, fill=ink)


def _on_circle(share: float) -> tuple[float, float]:
    # A full circle has no arc: its end would be its beginning.
    angle = 2 * pi * min(share, 0.9999) - pi / 2
    return _WIDTH / 2 + _RADIUS * cos(angle), _HEIGHT / 2 + _RADIUS * sin(angle)
