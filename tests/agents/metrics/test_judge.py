"""The rules one by one, on series whose truth is known."""

import re
from datetime import date, timedelta

import pytest

from agents.metrics import DAILY, Frequency, Kind, Point, judge_series
from tests.agents.metrics.series import START, daily, hourly, kinds, last

DAYS = 120


def test_an_ordinary_series_is_quiet() -> None:
    assert kinds(daily(400)) == {}
    assert kinds(hourly(60 * 24), Frequency.HOURLY) == {}


def test_nothing_is_judged_before_enough_is_known() -> None:
    verdicts = judge_series(daily(28), Frequency.DAILY)
    assert {verdict.kind for verdict in verdicts} == {Kind.LEARNING}
    assert all(verdict.lower is None and verdict.upper is None for verdict in verdicts)
    assert judge_series(daily(29), Frequency.DAILY)[-1].kind is Kind.NORMAL


@pytest.mark.parametrize(("factor", "kind"), [(1.8, Kind.HIGH), (0.5, Kind.LOW), (0.0, Kind.LOW)])
def test_a_day_out_of_range_is_found_on_the_day(factor: float, kind: Kind) -> None:
    assert kinds(daily(DAYS, lambda day, value: value * factor if day == 100 else value)) == {100: kind}


def test_a_sunday_with_the_value_of_a_tuesday_is_found() -> None:
    sunday = 16 * 7 + 6
    assert kinds(daily(140, lambda day, value: 1050 if day == sunday else value)) == {sunday: Kind.HIGH}


def test_the_range_follows_the_weekday() -> None:
    saturday, monday = last(daily(16 * 7 + 6)), last(daily(16 * 7 + 8))
    assert saturday.upper is not None
    assert monday.lower is not None
    assert saturday.upper < 1000 < monday.lower + 250
    assert saturday.expected == pytest.approx(700, rel=0.08)
    assert monday.expected == pytest.approx(1000, rel=0.08)


def test_a_week_long_fall_no_single_day_shows_is_found_and_said() -> None:
    restless = daily(150, lambda day, value: value * (1 + 0.03 * ((day * 7919) % 13 - 6) * (day < 112)))
    fallen = [Point(p.at, p.value * 0.75) if 122 <= day < 129 else p for day, p in enumerate(restless)]
    assert kinds(restless) == {}
    found = kinds(fallen)
    assert set(found.values()) == {Kind.DRIFT_LOW}
    assert all(122 <= day < 131 for day in found)
    (first, *_) = [v.note for v in judge_series(fallen, Frequency.DAILY) if v.kind is Kind.DRIFT_LOW]
    assert re.fullmatch(r"the last 4 together 2\d% below what came before", first)


def test_a_rise_needs_more_than_a_fall() -> None:
    def changed(factor: float) -> set[Kind]:
        calm = daily(150, level=90)
        return set(kinds([Point(p.at, p.value * factor) if day >= 122 else p for day, p in enumerate(calm)]).values())

    assert DAILY.drift is not None
    assert DAILY.drift.rise > DAILY.drift.fall
    assert changed(1.5) <= {Kind.HIGH, Kind.DRIFT_HIGH} != set()


def test_a_small_lasting_change_is_no_drift() -> None:
    assert Kind.DRIFT_LOW not in kinds(daily(150, lambda day, value: value * 0.9 if day > 110 else value)).values()


def test_a_lasting_change_becomes_the_usual() -> None:
    found = kinds(daily(200, lambda day, value: value * 2 if day >= 100 else value))
    assert min(found) == 100
    assert max(found) < 116


def test_an_anomaly_does_not_teach_its_level() -> None:
    found = kinds(daily(150, lambda day, value: value * 2 if 100 <= day < 104 else value))
    assert set(found) == {100, 101, 102, 103}


def test_a_stuck_value_is_found_where_values_hardly_ever_repeat() -> None:
    assert kinds(daily(DAYS, lambda day, value: 987 if 100 <= day < 104 else value))[102] is Kind.STUCK


def test_repeats_are_nothing_where_values_often_repeat() -> None:
    small = [Point(START + timedelta(days=day), float(10 + (day * 7) % 3)) for day in range(100)]
    assert kinds([*small, *(Point(START + timedelta(days=100 + more), 11.0) for more in range(3))]) == {}


def test_the_usual_zero_is_never_stuck() -> None:
    quiet = [Point(START + timedelta(hours=hour), 0.0 if hour % 9 else float(hour % 5)) for hour in range(900)]
    assert Kind.STUCK not in kinds(quiet, Frequency.HOURLY).values()


def test_something_after_nothing_but_zeros_is_found() -> None:
    points = [Point(START + timedelta(days=day), 0.0) for day in range(60)]
    assert kinds([*points, Point(START + timedelta(days=60), 4.0)]) == {60: Kind.HIGH}


def test_a_holiday_is_named_not_judged_and_not_learnt() -> None:
    holiday = START.date() + timedelta(days=100)
    points = daily(101, lambda day, value: 0 if day == 100 else value)
    verdict = judge_series(points, Frequency.DAILY, {holiday: "Founders' Day"})[-1]
    assert (verdict.kind, verdict.note) == (Kind.HOLIDAY, "Founders' Day")
    assert verdict.lower is not None
    assert verdict.lower > 0
    longer = daily(DAYS, lambda day, value: 0 if day == 100 else value)
    with_it = judge_series(longer, Frequency.DAILY, {holiday: "x"})
    without = judge_series(daily(DAYS), Frequency.DAILY, {holiday: "x"})
    assert [v.upper for v in with_it[101:]] == [v.upper for v in without[101:]]


def test_an_hour_out_of_range_is_found_unless_the_week_has_seen_it() -> None:
    def burst(*at: int) -> list[Point]:
        return hourly(30 * 24, lambda hour, value: 900 if hour in at else value)

    assert kinds(burst(600), Frequency.HOURLY) == {600: Kind.HIGH}
    assert set(kinds(burst(600, 610, 620, 630), Frequency.HOURLY)) == {600, 610}


def test_what_was_never_below_zero_is_not_expected_there() -> None:
    wild = daily(DAYS, lambda day, value: value * (0.1 if day % 3 else 1.9))
    assert all(v.lower is None or v.lower >= 0 for v in judge_series(wild, Frequency.DAILY))
    below = [Point(p.at, p.value - 1500) for p in wild]
    assert any(v.lower is not None and v.lower < 0 for v in judge_series(below, Frequency.DAILY))


def test_holidays_without_a_point_change_nothing() -> None:
    assert judge_series(daily(90), Frequency.DAILY, {date(2030, 1, 1): "x"}) == judge_series(daily(90), Frequency.DAILY)
