"""Charts as Vega-Lite specifications, and their drawing. A specification is data: it names no address and loads nothing."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast
from zoneinfo import ZoneInfo

from blocks.elements import Align, Chart, Column, Table
from blocks.text import clip, with_unit
from store.kernel.canonical import Json, JsonObject
from store.records import Alert, Reading

MAX_POINTS = 400
"""Points a chart draws; more cannot be told apart at its width."""

_WIDTH, _HEIGHT = 640, 260
_TABLE_ROWS = 20
_PNG_SCALE = 2.0
_TITLE_CHARS = 80


class Theme(StrEnum):
    """What the drawing stands on."""

    LIGHT = "light"
    DARK = "dark"


_INK = {
    Theme.LIGHT: {"back": "#ffffff", "text": "#1f2328", "grid": "#e4e7eb", "band": "#d7dde4", "line": "#1f5fbf"},
    Theme.DARK: {"back": "#16191d", "text": "#e6e8eb", "grid": "#2c3138", "band": "#39414b", "line": "#7fb0ff"},
}


def alert_chart(alert: Alert, timezone: str) -> Chart:
    """The alert's readings with the expected range drawn and named, so that it reads without colour.

    Times are shown at the zone's offset of the last reading, which the axis names. The alt text is the finding.
    """
    series = alert.series[-MAX_POINTS:]
    offset = _offset(series[-1].at, timezone)
    title = f"{alert.title}, {alert.unit}" if alert.unit else alert.title
    return Chart(
        title=clip(title, _TITLE_CHARS),
        alt=_finding(alert),
        spec=_spec(alert, series, offset, title),
        file_name=f"{alert.id}.png",
        table=_readings_table(series, offset),
    )


def draw_png(spec: JsonObject) -> bytes:
    """The specification as a PNG on a light ground, twice its size in pixels. Blocks for a second or so: call it in a thread.

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


def _finding(alert: Alert) -> str:
    first, last = alert.series[0], alert.series[-1]
    path = f"from {with_unit(first.value, first.unit)} to {with_unit(last.value, last.unit)}"
    return f"Line chart of {alert.title}: {path}. Expected {alert.expected}; now {with_unit(alert.value, alert.unit)}."


def _offset(moment: datetime, timezone: str) -> timedelta:
    return moment.astimezone(ZoneInfo(timezone)).utcoffset() or timedelta()


def _offset_name(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _shifted(moment: datetime, offset: timedelta) -> str:
    # Drawn on a UTC scale: the offset is added here so that the drawing never depends on the machine's zone.
    return (moment + offset).strftime("%Y-%m-%dT%H:%M:%SZ")


def _readings_table(series: tuple[Reading, ...], offset: timedelta) -> Table:
    shown = series[-_TABLE_ROWS:]
    columns = (Column(name=f"Time ({_offset_name(offset)})"), Column(name="Value", align=Align.RIGHT))
    rows = tuple((f"{reading.at + offset:%Y-%m-%d %H:%M}", with_unit(reading.value, reading.unit)) for reading in shown)
    return Table(
        columns=columns, rows=rows, total_rows=len(series), total_columns=len(columns), caption="Latest readings"
    )


def _spec(alert: Alert, series: tuple[Reading, ...], offset: timedelta, title: str) -> JsonObject:
    layers = [*_range_layers(alert), *_line_layers(alert)]
    points: list[Json] = [{"t": _shifted(reading.at, offset), "v": reading.value} for reading in series]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH,
        "height": _HEIGHT,
        "padding": 12,
        "title": {"text": clip(title, _TITLE_CHARS), "anchor": "start"},
        "data": {"values": points, "format": {"type": "json", "parse": {"t": "date", "v": "number"}}},
        "encoding": {"x": _time_axis(offset)},
        "layer": cast("list[Json]", layers),
    }


def _time_axis(offset: timedelta) -> JsonObject:
    return {
        "field": "t",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"title": f"Time ({_offset_name(offset)})", "labelOverlap": True, "grid": False},
    }


def _range_layers(alert: Alert) -> list[JsonObject]:
    bounds = [bound for bound in (alert.lower, alert.upper) if bound is not None]
    if not bounds:
        return []
    lines = [_bound_line(bound) for bound in bounds]
    return [_band(alert), *lines, _range_name(alert, bounds[-1])]


def _band(alert: Alert) -> JsonObject:
    # A missing bound lets the band run to the edge of the drawing.
    edges: JsonObject = {}
    for channel, bound, edge in (("y", alert.lower, _HEIGHT), ("y2", alert.upper, 0)):
        edges[channel] = {"value": edge} if bound is None else {"datum": _number(bound)}
    return {"data": {"values": [{}]}, "mark": {"type": "rect", "style": "band"}, "encoding": {"x": None, **edges}}


def _bound_line(bound: str) -> JsonObject:
    mark: JsonObject = {"type": "rule", "style": "bound", "strokeDash": [6, 4], "strokeWidth": 1.5}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": None, "y": {"datum": _number(bound)}}}


def _range_name(alert: Alert, bound: str) -> JsonObject:
    mark: JsonObject = {
        "type": "text",
        "style": "name",
        "align": "left",
        "baseline": "bottom",
        "dx": 4,
        "dy": -3,
        "x": 0,
    }
    text: JsonObject = {"value": clip(f"expected {alert.expected}", _TITLE_CHARS)}
    encoding: JsonObject = {"x": {"value": 0}, "y": {"datum": _number(bound)}, "text": text}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": encoding}


def _line_layers(alert: Alert) -> list[JsonObject]:
    y: JsonObject = {
        "field": "v",
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"title": alert.unit or "value"},
    }
    last: JsonObject = {"filter": "datum.rank === 1"}
    newest: list[Json] = [
        {"window": [{"op": "row_number", "as": "rank"}], "sort": [{"field": "t", "order": "descending"}]},
        last,
    ]
    label: JsonObject = {"value": with_unit(alert.value, alert.unit)}
    return [
        {"mark": {"type": "line", "style": "series", "strokeWidth": 2, "point": {"size": 24}}, "encoding": {"y": y}},
        {
            "transform": newest,
            "mark": {"type": "point", "style": "last", "size": 110, "filled": True},
            "encoding": {"y": y},
        },
        {
            "transform": newest,
            "mark": {
                "type": "text",
                "style": "value",
                "align": "right",
                "baseline": "bottom",
                "dy": -9,
                "fontWeight": "bold",
            },
            "encoding": {"y": y, "text": label},
        },
    ]


def _number(text: str) -> Json:
    # Vega-Lite takes numbers only; a bound is drawn, never computed with.
    return float(text)


def _themed(spec: JsonObject, theme: Theme) -> JsonObject:
    ink = _INK[theme]
    axis: JsonObject = {
        "labelColor": ink["text"],
        "titleColor": ink["text"],
        "gridColor": ink["grid"],
        "domainColor": ink["text"],
        "tickColor": ink["text"],
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    styles: JsonObject = {
        "band": {"fill": ink["band"], "fillOpacity": 0.6},
        "bound": {"stroke": ink["text"]},
        "name": {"fill": ink["text"], "fontSize": 12},
        "series": {"stroke": ink["line"]},
        "point": {"fill": ink["line"]},
        "last": {"fill": ink["text"]},
        "value": {"fill": ink["text"], "fontSize": 14},
    }
    config: JsonObject = {
        "background": ink["back"],
        "title": {"color": ink["text"], "fontSize": 14},
        "axis": axis,
        "view": {"stroke": None},
        "style": styles,
        "font": "sans-serif",
    }
    return {**spec, "config": config}
