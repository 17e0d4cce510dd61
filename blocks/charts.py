"""Charts as Vega-Lite specifications, and their drawing. A specification is data; nothing in it is fetched."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from zoneinfo import ZoneInfo

from blocks.elements import Align, Chart, Column, Line, Plot, Table
from blocks.text import clip, one_line, visible, with_unit
from store.kernel.canonical import Json, JsonObject
from store.records import Alert, Band, Reading

MAX_POINTS = 400
"""Points a chart draws; more cannot be told apart at its width."""

_WIDTH, _HEIGHT = 640, 240
_TABLE_ROWS = 20
_PNG_SCALE = 2.0
_LABEL_CHARS = 80
_HEADROOM = Decimal("0.12")
"""Share of the drawn span kept free above and below, so that no label meets an edge."""


class Theme(StrEnum):
    """What the drawing stands on."""

    LIGHT = "light"
    DARK = "dark"


_INK = {
    Theme.LIGHT: {"back": "#ffffff", "text": "#1f2328", "grid": "#e4e7eb", "band": "#dfe5ec", "line": "#1f5fbf"},
    Theme.DARK: {"back": "#16191d", "text": "#e6e8eb", "grid": "#2c3138", "band": "#39414b", "line": "#7fb0ff"},
}


def alert_chart(alert: Alert, timezone: str) -> Chart | None:
    """The alert's readings with the expected range drawn and named, so that it reads without colour.

    Times are shown at the zone's offset of the last reading, which the axis names. The alt text is the finding.
    None when no reading is a number.
    """
    series = tuple(reading for reading in alert.series if _number(reading.value) is not None)[-MAX_POINTS:]
    if not series:
        return None
    offset = series[-1].at.astimezone(ZoneInfo(timezone)).utcoffset() or timedelta()
    return Chart(
        title=_label(alert.title),
        alt=_finding(alert, series),
        spec=_spec(alert, series, offset),
        file_name=f"{alert.id}.png",
        table=_readings_table(series, offset),
        plot=_plot(alert, series, offset),
    )


def draw_png(spec: JsonObject) -> bytes:
    """The specification as a PNG on a light ground at twice its size. Blocks for up to a second: call it in a thread.

    Nothing is fetched. Raises ValueError when the specification cannot be drawn.
    """
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_themed(spec, Theme.LIGHT), scale=_PNG_SCALE, allowed_base_urls=[])
    return png


def draw_svg(spec: JsonObject, theme: Theme = Theme.LIGHT) -> str:
    """The specification as an SVG document in the colours of `theme`. Blocks like `draw_png`; nothing is fetched."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_themed(spec, theme), allowed_base_urls=[])
    return svg


def _finding(alert: Alert, series: tuple[Reading, ...]) -> str:
    first, last = series[0], series[-1]
    path = f"from {with_unit(first.value, first.unit)} to {with_unit(last.value, last.unit)}"
    now = "" if alert.value == last.value else f" Now {with_unit(alert.value, alert.unit)}."
    return f"{alert.title}: {path}, expected {alert.expected}.{now}"


def _readings_table(series: tuple[Reading, ...], offset: timedelta) -> Table:
    """The latest readings, newest first, so that what is left out is the oldest."""
    shown = series[: -_TABLE_ROWS - 1 : -1]
    columns = (Column(name=f"Time ({_offset_name(offset)})"), Column(name="Value", align=Align.RIGHT))
    rows = tuple((f"{reading.at + offset:%Y-%m-%d %H:%M}", with_unit(reading.value, reading.unit)) for reading in shown)
    return Table(columns=columns, rows=rows, total_rows=len(series), total_columns=2, caption="Readings, newest first")


def _plot(alert: Alert, series: tuple[Reading, ...], offset: timedelta) -> Plot:
    """The readings and the bounds of what is expected, oldest first; no two labels are equal."""
    observed = Line(name="Observed", values=tuple(reading.value for reading in series))
    labels = _labels([reading.at + offset for reading in series])
    return Plot(labels=labels, lines=(observed, *_expected_lines(alert, series)), unit=_label(alert.unit))


def _expected_lines(alert: Alert, series: tuple[Reading, ...]) -> tuple[Line, ...]:
    """The bounds at each reading; one that was not known there stands where it was first known, or where it is now."""
    band = {one.at: one for one in _shown_band(alert, series)}
    first = next((band[reading.at] for reading in series if reading.at in band), None)
    lines = []
    for name, side, now in (("Expected min", "lower", alert.lower), ("Expected max", "upper", alert.upper)):
        before = now if first is None else getattr(first, side)
        values = tuple(getattr(band[reading.at], side) if reading.at in band else before for reading in series)
        if values and _bound(values[-1]) is not None:
            lines.append(Line(name=name, values=values))
    return tuple(lines)


def _labels(moments: list[datetime]) -> tuple[str, ...]:
    for pattern in ("%H:%M", "%d %b %H:%M", "%d %b %H:%M:%S"):
        labels = tuple(moment.strftime(pattern) for moment in moments)
        if len(set(labels)) == len(labels):
            return labels
    return tuple(str(number) for number in range(1, len(moments) + 1))


def _spec(alert: Alert, series: tuple[Reading, ...], offset: timedelta) -> JsonObject:
    low, high = _domain(alert, series)
    points: list[Json] = [{"t": _drawn_time(reading.at, offset), "v": reading.value} for reading in series]
    band = _band_layers(alert, series, offset) or _range_layers(alert, low, high)
    layers: list[Json] = [*band, *_line_layers(series[-1])]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH,
        "height": _HEIGHT,
        "padding": 12,
        "title": {"text": _label(alert.title), "anchor": "start", "limit": _WIDTH},
        "data": {"values": points, "format": {"type": "json", "parse": {"t": "date", "v": "number"}}},
        "encoding": {"x": _time_axis(series, offset), "y": _value_axis(alert, low, high)},
        "layer": layers,
    }


def _domain(alert: Alert, series: tuple[Reading, ...]) -> tuple[float, float]:
    """The drawn span: all readings and bounds, and some room. Floats, because Vega-Lite draws with nothing else."""
    shown = [bound for one in _shown_band(alert, series) for bound in (one.lower, one.upper)]
    texts = [*(reading.value for reading in series), alert.lower, alert.upper, *shown]
    numbers = [number for text in texts if text is not None and (number := _number(text)) is not None]
    low, high = min(numbers), max(numbers)
    room = (high - low) * _HEADROOM or abs(high) * _HEADROOM or Decimal(1)
    return float(low - room), float(high + room)


def _time_axis(series: tuple[Reading, ...], offset: timedelta) -> JsonObject:
    axis: JsonObject = {
        "title": f"Time ({_offset_name(offset)})",
        "format": _time_format(series[-1].at - series[0].at),
        "labelOverlap": True,
        "zindex": 1,
        "grid": False,
    }
    return {"field": "t", "type": "temporal", "scale": {"type": "utc"}, "axis": axis}


def _time_format(span: timedelta) -> str:
    if span <= timedelta(hours=36):
        return "%H:%M"
    return "%d %b %H:%M" if span <= timedelta(days=5) else "%d %b"


def _value_axis(alert: Alert, low: float, high: float) -> JsonObject:
    scale: JsonObject = {"domain": [low, high], "zero": False, "nice": False}
    axis: JsonObject = {
        "title": _label(alert.unit) or None,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleY": -8,
        "titleX": 0,
    }
    return {"field": "v", "type": "quantitative", "scale": scale, "axis": axis}


def _range_layers(alert: Alert, low: float, high: float) -> list[Json]:
    """The expected range: shaded, edged by dashed lines where it has bounds, and named."""
    lower, upper = _bound(alert.lower), _bound(alert.upper)
    bounds = [bound for bound in (lower, upper) if bound is not None]
    if not bounds:
        return []
    band: JsonObject = {"from": low if lower is None else lower, "to": high if upper is None else upper}
    edges: list[Json] = [
        _layer({"type": "rule"}, {"v": bound}, {"y": {"field": "v", "type": "quantitative"}}) for bound in bounds
    ]
    channels: JsonObject = {"y": {"field": "from", "type": "quantitative"}, "y2": {"field": "to"}}
    return [_layer({"type": "rect"}, band, channels), *edges, _range_name(alert, bounds[-1])]


def _shown_band(alert: Alert, series: tuple[Reading, ...]) -> tuple[Band, ...]:
    """What was expected at the drawn moments, where both bounds were known."""
    drawn = {reading.at for reading in series}
    return tuple(
        one for one in alert.band if one.at in drawn and _bound(one.lower) is not None and _bound(one.upper) is not None
    )


def _band_layers(alert: Alert, series: tuple[Reading, ...], offset: timedelta) -> list[Json]:
    """The expected range as it moved along: shaded, edged by dashed lines, and named; nothing for less than two."""
    band = _shown_band(alert, series)
    if len(band) <= 1:
        return []
    rows: list[Json] = [
        {"t": _drawn_time(one.at, offset), "low": _bound(one.lower), "high": _bound(one.upper)} for one in band
    ]
    data: JsonObject = {"values": rows, "format": {"type": "json", "parse": {"t": "date"}}}
    area: JsonObject = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    edges: list[Json] = [
        {
            "data": data,
            "mark": {"type": "trail", "size": 1},
            "encoding": {"y": {"field": side, "type": "quantitative"}, "size": {"value": 1}},
        }
        for side in ("low", "high")
    ]
    top = max(bound for one in band if (bound := _bound(one.upper)) is not None)
    return [{"data": data, "mark": "area", "encoding": area}, *edges, _range_name(alert, top)]


def _range_name(alert: Alert, bound: float) -> JsonObject:
    mark: JsonObject = {"type": "text", "align": "left", "baseline": "bottom", "dx": 6, "dy": -4, "limit": _WIDTH}
    text: JsonObject = {"value": _label(f"expected {alert.expected}")}
    encoding: JsonObject = {"x": {"value": 0}, "y": {"field": "v", "type": "quantitative"}, "text": text}
    return {"data": {"values": [{"v": bound}]}, "mark": mark, "encoding": encoding}


def _layer(mark: JsonObject, row: JsonObject, channels: JsonObject) -> JsonObject:
    """A layer with one row of its own, across the whole width."""
    return {"data": {"values": [row]}, "mark": mark, "encoding": {"x": None, **channels}}


def _line_layers(last: Reading) -> list[Json]:
    newest: list[Json] = [
        {"window": [{"op": "row_number", "as": "rank"}], "sort": [{"field": "t", "order": "descending"}]},
        {"filter": "datum.rank === 1"},
    ]
    end: JsonObject = {"type": "point", "shape": "diamond", "size": 130, "filled": True, "opacity": 1}
    value: JsonObject = {
        "type": "text",
        "align": "left",
        "baseline": "middle",
        "dx": 10,
        "fontWeight": "bold",
        "fontSize": 14,
    }
    text: JsonObject = {"value": _label(with_unit(last.value, last.unit))}
    return [
        {"mark": {"type": "line", "point": {"size": 22, "filled": True, "opacity": 1}}},
        {"transform": newest, "mark": end},
        {"transform": newest, "mark": value, "encoding": {"text": text}},
    ]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _bound(text: str | None) -> float | None:
    number = None if text is None else _number(text)
    return None if number is None else float(number)


def _drawn_time(moment: datetime, offset: timedelta) -> str:
    # Drawn on a UTC scale: the offset is added here so that the drawing never depends on the machine's own zone.
    return (moment + offset).strftime("%Y-%m-%dT%H:%M:%SZ")


def _offset_name(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _label(text: str) -> str:
    return clip(visible(one_line(text)), _LABEL_CHARS)


def _themed(spec: JsonObject, theme: Theme) -> JsonObject:
    """The specification in the colours of `theme`; each kind of mark is used for one thing, so each has one colour."""
    ink = _INK[theme]
    config: JsonObject = {
        "background": ink["back"],
        "font": "sans-serif",
        "title": {"color": ink["text"], "fontSize": 15},
        "view": {"stroke": None},
        "axis": {
            "labelColor": ink["text"],
            "titleColor": ink["text"],
            "gridColor": ink["grid"],
            "domainColor": ink["text"],
            "tickColor": ink["text"],
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "rect": {"color": ink["band"]},
        "area": {"color": ink["band"]},
        "trail": {"color": ink["text"], "opacity": 0.55},
        "rule": {"color": ink["text"], "strokeDash": [6, 4], "strokeWidth": 1.5},
        "text": {"color": ink["text"], "fontSize": 12},
        "line": {"color": ink["line"], "strokeWidth": 2},
        "point": {"color": ink["line"]},
    }
    return {**spec, "config": config}
