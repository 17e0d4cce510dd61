"""How a declared metric stands: the last whole day or hour, told so that a card can say it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.metrics.series import Frequency, Kind, Point
from agents.metrics.spec import MetricSpec
from agents.metrics.standing import Standing, last_whole, standing_of
from agents.sources.port import Point as Measured
from tests.agents.metrics.series import START, daily, hourly

BERLIN = ZoneInfo("Europe/Berlin")
USERS = MetricSpec(
    id="users", name="Users", agent="a", source="s", value="sum(u)", per="day", unit="users", next_step="Look."
)


def measured(points: list[Point], zone: ZoneInfo = BERLIN, digits: str = "1") -> list[Measured]:
    return [
        Measured(at=p.at.replace(tzinfo=zone), value=str(Decimal(p.value).quantize(Decimal(digits))), rows=3)
        for p in points
    ]


def stand(points: list[Measured], day: int, metric: MetricSpec = USERS) -> Standing:
    return standing_of(metric, points, START.replace(tzinfo=BERLIN) + timedelta(days=day))


def test_an_ordinary_day_says_what_was_expected_and_from_what() -> None:
    stood = stand(measured(daily(120)), 120)
    assert stood.verdict is Kind.NORMAL
    assert stood.since is None
    assert Decimal(stood.lower) < Decimal(stood.expected) < Decimal(stood.upper)
    assert stood.formed == "median of the last 6 days, adjusted for a Monday (by the last 12)"
    assert (stood.rows, stood.note) == (3, "")
    assert stood.change.endswith(" %")
    assert stood.same_weekday == str(daily(120)[112].value).removesuffix(".0")
    assert len(stood.series) == 120


def test_days_that_were_not_over_are_not_looked_at() -> None:
    whole = measured(daily(120))
    later = START.replace(tzinfo=BERLIN) + timedelta(days=100, hours=7)
    assert standing_of(USERS, whole, later) == standing_of(USERS, whole[:100], later)
    assert last_whole(datetime(2024, 5, 6, 0, 0, tzinfo=BERLIN), Frequency.DAILY).day == 5
    assert last_whole(datetime(2024, 5, 6, 0, 30, tzinfo=BERLIN), Frequency.HOURLY).hour == 23


def test_what_lasts_says_since_when() -> None:
    fallen = measured(daily(120, lambda day, value: value * 0.3 if day >= 115 else value))
    stood = stand(fallen, 118)
    assert stood.verdict is Kind.LOW
    assert stood.since == (START + timedelta(days=115)).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("have", "since_day", "note"), [(100, 100, "nothing since 2024-04-09 00:00"), (0, 119, "nothing was ever")]
)
def test_a_day_without_a_point_is_missing_and_says_since_when(have: int, since_day: int, note: str) -> None:
    stood = stand(measured(daily(have)), 120)
    assert (stood.verdict, stood.value, stood.expected) == (Kind.MISSING, "", "")
    assert stood.since == (START + timedelta(days=since_day)).replace(tzinfo=BERLIN)
    assert stood.note.startswith(note)


def test_a_drift_is_told_against_what_came_before_it() -> None:
    restless = daily(150, lambda day, value: value * (1 + 0.03 * ((day * 7919) % 13 - 6) * (day < 112)))
    fallen = measured([Point(p.at, p.value * 0.75) if day >= 122 else p for day, p in enumerate(restless)])
    stood = next(one for day in range(123, 140) if (one := stand(fallen, day)).verdict is Kind.DRIFT_LOW)
    assert stood.formed.startswith("median of the 10 days before these 4")
    assert stood.note.endswith("below what came before")
    assert Decimal(stood.value) < Decimal("0.85") * Decimal(stood.expected)
    assert stood.since is not None
    assert stood.since.date() == stood.series[-4].at.date()


def test_a_drift_began_with_the_first_day_that_shows_it() -> None:
    last_usual = 119
    restless = daily(123, lambda day, value: value * (1 + 0.03 * ((day * 7919) % 13 - 6) * (day < 112)))
    fallen = measured([Point(p.at, p.value * 0.7) if day > last_usual else p for day, p in enumerate(restless)])
    stood = stand(fallen, 123)
    assert stood.verdict is Kind.DRIFT_LOW
    assert stood.since == (START + timedelta(days=last_usual + 1)).replace(tzinfo=BERLIN)


def test_only_the_watched_direction_is_reported() -> None:
    high = measured(daily(120, lambda day, value: value * 3 if day == 119 else value))
    assert stand(high, 120).verdict is Kind.HIGH
    down = stand(high, 120, USERS.model_copy(update={"watch": "down"}))
    assert (down.verdict, down.note) == (Kind.NORMAL, "high, which is not reported here")
    assert stand(high, 120, USERS.model_copy(update={"watch": "up"})).verdict is Kind.HIGH


def test_one_hour_out_of_range_waits_for_a_second() -> None:
    metric = USERS.model_copy(update={"per": "hour"})
    burst = measured(hourly(720, lambda hour, value: 900 if hour >= 700 else value), digits="0.01")
    until = START.replace(tzinfo=BERLIN)
    assert standing_of(metric, burst, until + timedelta(hours=701)).verdict is Kind.NORMAL
    second = standing_of(metric, burst, until + timedelta(hours=702))
    assert second.verdict is Kind.HIGH
    assert second.formed == "median of the last 48 hours, adjusted for 05:00 (by the last 28 days)"


def test_a_value_out_of_range_never_stands_on_a_bound() -> None:
    usual = stand(measured(daily(120)), 120)
    for edge, kind in ((usual.upper, Kind.HIGH), (usual.lower, Kind.LOW)):
        seen = set()
        for value in range(int(edge) - 3, int(edge) + 4):
            stood = stand(measured([*daily(119), Point(START + timedelta(days=119), value)]), 120)
            seen.add(stood.verdict)
            outside = value > int(stood.upper) or value < int(stood.lower)
            assert (stood.verdict is kind) is outside, value
        assert seen == {kind, Kind.NORMAL}


@pytest.mark.parametrize(("values", "shown"), [(("0.123456", "12.3"), "12.3"), (("123456.75", "123456"), "123456")])
def test_numbers_are_shown_with_as_many_digits_as_help(values: tuple[str, str], shown: str) -> None:
    points = [
        Measured(at=datetime(2024, 1, day, tzinfo=UTC), value=value, rows=1)
        for day, value in enumerate(values, start=1)
    ]
    assert Decimal(standing_of(USERS, points, datetime(2024, 1, 3, tzinfo=UTC)).value) == Decimal(shown)


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.decimals(-(10**9), 10**9, places=3), max_size=60), per=st.sampled_from(["day", "hour"]))
def test_whatever_was_measured_it_stands_somehow(values: list[Decimal], per: str) -> None:
    metric = USERS.model_copy(update={"per": per})
    step = metric.frequency.step
    points = [
        Measured(at=datetime(2024, 1, 1, tzinfo=UTC) + i * step, value=str(v), rows=1) for i, v in enumerate(values)
    ]
    stood = standing_of(metric, points, datetime(2024, 1, 1, tzinfo=UTC) + max(1, len(values)) * step)
    assert (stood.verdict is Kind.MISSING) == (not values)
    for text in (stood.value, stood.expected, stood.lower, stood.upper):
        assert text == "" or Decimal(text).is_finite()
