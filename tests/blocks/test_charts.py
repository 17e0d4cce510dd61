"""A chart says its finding in words, in shapes and in numbers, and draws without asking anybody."""

import struct
from datetime import timedelta
from typing import Any

import pytest

from blocks.charts import MAX_POINTS, Theme, alert_chart, draw_png, draw_svg
from blocks.elements import Chart
from store.kernel.canonical import JsonObject
from store.records import Alert
from tests.blocks.samples import HOSTILE, NOW, alert


def _chart(record: Alert, timezone: str = "Europe/Berlin") -> Chart:
    chart = alert_chart(record, timezone)
    assert chart is not None
    return chart


def _layers(record: Alert, mark: str) -> list[Any]:
    spec: Any = _chart(record).spec
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]


def test_the_finding_is_in_the_alt_text() -> None:
    assert _chart(alert()).alt == "Disk use of /: from 70.0 % to 92.4 %, expected at most 85 %."
    assert _chart(alert(value="95.0")).alt.endswith("expected at most 85 %. Now 95.0 %.")


def test_the_expected_range_is_shaded_edged_and_named() -> None:
    record = alert(lower="60", upper="85", expected="60 to 85 %")
    assert _layers(record, "rect")[0]["data"]["values"] == [{"from": 60.0, "to": 85.0}]
    assert [layer["data"]["values"][0]["v"] for layer in _layers(record, "rule")] == [60.0, 85.0]
    assert _layers(record, "text")[0]["encoding"]["text"]["value"] == "expected 60 to 85 %"


def test_a_missing_bound_lets_the_range_run_to_the_edge() -> None:
    band = _layers(alert(), "rect")[0]["data"]["values"][0]
    assert band["to"] == 85.0
    assert band["from"] < 70.0


def test_without_bounds_no_range_is_invented() -> None:
    assert _layers(alert(upper=None), "rect") == []


def test_the_last_value_is_written_beside_its_mark() -> None:
    assert _layers(alert(), "text")[-1]["encoding"]["text"]["value"] == "92.4 %"
    assert _layers(alert(), "point")[0]["mark"]["shape"] == "diamond"


def test_times_are_the_teams_and_the_axis_says_which() -> None:
    spec: Any = _chart(alert()).spec
    assert spec["data"]["values"][-1]["t"] == "2026-11-21T14:30:00Z"
    assert spec["encoding"]["x"]["axis"]["title"] == "Time (UTC+01:00)"
    west: Any = _chart(alert(), "America/St_Johns").spec
    assert west["encoding"]["x"]["axis"]["title"] == "Time (UTC-03:30)"


@pytest.mark.parametrize(("days", "format_"), [(0.5, "%H:%M"), (3, "%d %b %H:%M"), (30, "%d %b")])
def test_the_axis_is_as_fine_as_the_span_needs(days: float, format_: str) -> None:
    first, last = alert().series[0], alert().series[-1]
    series = (first.model_copy(update={"at": NOW - timedelta(days=days)}), last)
    spec: Any = _chart(alert(series=series)).spec
    assert spec["encoding"]["x"]["axis"]["format"] == format_


def test_values_stay_exact_until_they_are_drawn() -> None:
    spec: Any = _chart(alert()).spec
    assert spec["data"]["values"][-1]["v"] == "92.4"


def test_a_long_series_is_drawn_by_its_latest_points() -> None:
    series = tuple(
        alert().series[0].model_copy(update={"at": NOW - timedelta(minutes=2000 - number), "value": str(number)})
        for number in range(2000)
    )
    chart = _chart(alert(series=series))
    spec: Any = chart.spec
    assert [point["v"] for point in spec["data"]["values"]][:: MAX_POINTS - 1] == ["1600", "1999"]
    assert chart.table.rows[0][1] == "1999 %"
    assert chart.table.hidden == MAX_POINTS - 20


def test_what_is_no_number_is_not_drawn() -> None:
    series = tuple(reading.model_copy(update={"value": "NaN"}) for reading in alert().series)
    assert alert_chart(alert(series=series), "UTC") is None
    assert alert_chart(alert(series=()), "UTC") is None


def test_a_flat_line_still_has_room_around_it() -> None:
    series = tuple(reading.model_copy(update={"value": "0"}) for reading in alert().series)
    spec: Any = _chart(alert(series=series, upper=None)).spec
    low, high = spec["encoding"]["y"]["scale"]["domain"]
    assert low < 0 < high


def test_a_png_is_drawn_at_twice_its_size() -> None:
    png = draw_png(_chart(alert()).spec)
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert width > 1280
    assert height > 480


@pytest.mark.parametrize("theme", Theme)
def test_an_svg_is_drawn_for_each_ground_and_names_no_address(theme: Theme) -> None:
    svg = draw_svg(_chart(alert()).spec, theme)
    assert svg.startswith("<svg")
    assert svg.count("http") == svg.count("http://www.w3.org/")
    assert "expected at most 85 %" in svg
    assert "<script" not in svg


def test_light_and_dark_differ() -> None:
    spec = _chart(alert()).spec
    assert draw_svg(spec, Theme.LIGHT) != draw_svg(spec, Theme.DARK)


def test_hostile_names_are_drawn_as_letters() -> None:
    svg = draw_svg(_chart(alert(title=HOSTILE, unit=HOSTILE, expected=HOSTILE)).spec)
    assert "<script>" not in svg
    assert "\u202e" not in svg


def test_a_specification_that_names_an_address_is_not_drawn() -> None:
    spec: JsonObject = {**_chart(alert()).spec, "data": {"url": "http://127.0.0.1:9/readings.csv"}}
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        draw_png(spec)
