"""What holds for every series: no look ahead, no unit, no order of magnitude, gaps left alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.metrics import DAILY, HOURLY, Frequency, Judge, Method, Point, judge_series

VALUES = st.lists(
    st.one_of(st.integers(0, 500), st.floats(-1e6, 1e6).map(lambda value: round(value, 3))), min_size=1, max_size=130
)
GAPS = st.lists(st.integers(1, 4), min_size=130, max_size=130)
FREQUENCIES = st.sampled_from(list(Frequency))


def points(values: list[float], gaps: list[int], frequency: Frequency) -> list[Point]:
    at = datetime(2023, 5, 6)  # noqa: DTZ001 # a metric's own time
    found = []
    for value, gap in zip(values, gaps, strict=False):
        at += gap * frequency.step
        found.append(Point(at, float(value)))
    return found


@settings(max_examples=60, deadline=None)
@given(values=VALUES, gaps=GAPS, frequency=FREQUENCIES, data=st.data())
def test_a_prefix_is_judged_as_the_whole(
    values: list[float], gaps: list[int], frequency: Frequency, data: st.DataObject
) -> None:
    series = points(values, gaps, frequency)
    cut = data.draw(st.integers(0, len(series)))
    assert judge_series(series[:cut], frequency) == judge_series(series, frequency)[:cut]


@settings(max_examples=60, deadline=None)
@given(values=VALUES, gaps=GAPS, frequency=FREQUENCIES, power=st.integers(-6, 6))
def test_the_unit_does_not_matter(values: list[float], gaps: list[int], frequency: Frequency, power: int) -> None:
    series = points(values, gaps, frequency)
    # A power of four is exact in binary, and so is its root: only the rule is tested, not the rounding.
    scaled = [Point(point.at, point.value * 4.0**power) for point in series]
    ours, theirs = judge_series(series, frequency), judge_series(scaled, frequency)
    assert [verdict.kind for verdict in ours] == [verdict.kind for verdict in theirs]
    for one, other in zip(ours, theirs, strict=True):
        if one.upper is not None:
            assert other.upper == pytest.approx(one.upper * 4.0**power)


@settings(max_examples=60, deadline=None)
@given(values=VALUES, gaps=GAPS, frequency=FREQUENCIES)
def test_the_expected_value_lies_in_its_range(values: list[float], gaps: list[int], frequency: Frequency) -> None:
    for verdict in judge_series(points(values, gaps, frequency), frequency):
        if verdict.lower is not None:
            assert verdict.expected is not None
            assert verdict.upper is not None
            assert verdict.lower - 1e-9 <= verdict.expected <= verdict.upper + 1e-9


@settings(max_examples=30, deadline=None)
@given(values=VALUES, weeks=st.integers(1, 30), frequency=FREQUENCIES)
def test_whole_weeks_later_all_is_the_same(values: list[float], weeks: int, frequency: Frequency) -> None:
    series = points(values, [1] * len(values), frequency)
    later = [Point(point.at + timedelta(weeks=weeks), point.value) for point in series]
    assert [(v.kind, v.upper) for v in judge_series(series, frequency)] == [
        (v.kind, v.upper) for v in judge_series(later, frequency)
    ]


@pytest.mark.parametrize("method", [DAILY, HOURLY])
def test_a_wider_reach_never_finds_a_first_point_a_narrower_misses(method: Method) -> None:
    values = [float((day * 37) % 23) + 100 for day in range(200)] + [130.0]
    series = points(values, [1] * len(values), method.frequency)

    def found(reach: float) -> bool:
        judge = Judge(replace(method, reach=reach, drift=None))
        return [judge.judge(point).kind.anomalous for point in series][-1]

    assert found(1.0)
    assert not found(50.0)
