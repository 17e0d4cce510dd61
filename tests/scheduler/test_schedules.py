"""When schedules are due, against an oracle that looks at the clock once a minute."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from scheduler.schedules import due_times, next_due, validate_cron, validate_every
from store.kernel.errors import UserMistake
from tests.scheduler.oracle import Oracle, minutes, transitions

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]
EXPRESSIONS = [
    "30 2 * * *",
    "15 2 * * *",
    "0 2 * * *",
    "0,30 1-3 * * *",
    "*/10 2 * * *",
    "45 1 * * sun",
    "0 3 * * *",
    "59 23 * * *",
    "0 0 * * *",
    "*/10 * * * *",
    "7 * * * *",
    "0 */2 * * *",
    "30 */2 * * 7",
]


class Timing(NamedTuple):
    cron: str | None = None
    every_seconds: int | None = None
    anchor_at: datetime | None = None
    timezone: str = "UTC"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_around_every_clock_change_of_six_years_it_agrees_with_the_oracle(expression: str, zone: str) -> None:
    oracle, timing = Oracle(expression), Timing(cron=expression, timezone=zone)
    changes = transitions(zone, 2024, 2029)
    for change in changes:
        window = minutes(zone, change - timedelta(hours=30), 60 * 60)
        expected = list(oracle.due_times(window))
        assert list(due_times(timing, window[0][0], window[-1][0])) == expected, change


def test_the_zones_under_test_do_change_their_clocks() -> None:
    assert [len(transitions(zone, 2024, 2029)) for zone in ZONES] == [12, 12, 12, 13, 0]


def test_a_day_that_a_zone_left_out_is_due_at_its_end() -> None:
    timing = Timing(cron="0 12 30 12 *", timezone="Pacific/Apia")  # on 2011-12-29 the next day was the 31st
    assert next_due(timing, at("2011-12-20")) == at("2011-12-30T10:00")


@pytest.mark.parametrize(
    ("expression", "zone", "day", "expected"),
    [
        ("30 2 * * *", "Europe/Berlin", "2026-03-29", ["01:00"]),  # skipped: at 03:00, the first instant after
        ("30 2 * * *", "Europe/Berlin", "2026-10-25", ["00:30"]),  # repeated: the first showing only
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03", ["15:30"]),  # half an hour is skipped
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04", ["14:45"]),  # half an hour is repeated
        ("*/20 2 * * *", "Europe/Berlin", "2026-03-29", ["01:00"]),  # three skipped times are one
        ("0 2,3 * * *", "Europe/Berlin", "2026-03-29", ["01:00"]),  # and meet the one that was not skipped
        ("30 */1 * * *", "Europe/Berlin", "2026-10-25", [f"{hour:02}:30" for hour in range(24)]),  # every hour, really
    ],
)
def test_on_the_day_of_a_change(expression: str, zone: str, day: str, expected: list[str]) -> None:
    start = at(day) - timedelta(seconds=1)
    found = due_times(Timing(cron=expression, timezone=zone), start, start + timedelta(days=1))
    assert [due.strftime("%H:%M") for due in found] == expected


def test_asked_in_the_middle_of_a_repeated_hour_it_looks_ahead_and_not_back() -> None:
    daily, hourly = Timing("30 2 * * *", timezone="Europe/Berlin"), Timing("30 * * * *", timezone="Europe/Berlin")
    second_showing = at("2026-10-25T01:10")  # 02:10 for the second time
    assert next_due(daily, second_showing) == at("2026-10-26T01:30")
    assert next_due(hourly, second_showing) == at("2026-10-25T01:30")
    first_showing = at("2026-10-25T00:10")
    assert next_due(daily, first_showing) == next_due(hourly, first_showing) == at("2026-10-25T00:30")


def test_asked_at_the_instant_of_a_jump_it_does_not_repeat_it() -> None:
    jump = at("2026-03-29T01:00")
    assert next_due(Timing("30 2 * * *", timezone="Europe/Berlin"), jump) == at("2026-03-30T00:30")


def test_ten_years_of_a_daily_time_have_one_due_time_on_every_local_day() -> None:
    for zone in ZONES:
        start = datetime(2024, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        found = list(due_times(Timing(cron="30 2 * * *", timezone=zone), start, start + timedelta(days=3653)))
        days = [due.astimezone(ZoneInfo(zone)).date() for due in found]
        assert len(found) == 3653
        assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def test_leap_days_of_a_century_skip_the_year_2100() -> None:
    found = list(due_times(Timing(cron="0 0 29 2 *"), at("2026-01-01"), at("2110-01-01")))
    assert [due.year for due in found] == [*range(2028, 2100, 4), 2104, 2108]


def test_ten_years_of_many_shapes_agree_with_a_calendar() -> None:
    shapes: dict[str, Callable[[datetime], bool]] = {
        "0 9 * * mon-fri": lambda day: day.weekday() < 5,
        "0 9 * * 1": lambda day: day.weekday() == 0,
        "0 9 * * 0": lambda day: day.weekday() == 6,
        "0 9 * * 7": lambda day: day.weekday() == 6,
        "0 9 * * 5-7": lambda day: day.weekday() >= 4,
        "0 9 * * sat-sun": lambda day: day.weekday() >= 5,
        "0 9 1,15 * *": lambda day: day.day in (1, 15),
        "0 9 31 * *": lambda day: day.day == 31,
        "0 9 13 * fri": lambda day: day.day == 13 or day.weekday() == 4,
        "0 9 */2 * mon": lambda day: day.day % 2 == 1 and day.weekday() == 0,
        "0 9 * jan,jul *": lambda day: day.month in (1, 7),
        "0 9 29 2 *": lambda day: (day.month, day.day) == (2, 29),
    }
    start = at("2024-01-01")
    days = [start + timedelta(days=number, hours=9) for number in range(3653)]
    for expression, matches in shapes.items():
        found = list(due_times(Timing(cron=expression), start, days[-1]))
        assert found == [day for day in days if matches(day) and day > start], expression


def test_nicknames_mean_what_crontab_says() -> None:
    first = [
        next_due(Timing(cron=name), at("2026-02-03T04:05")) for name in ("@hourly", "@daily", "@weekly", "@yearly")
    ]
    assert first == [at("2026-02-03T05:00"), at("2026-02-04"), at("2026-02-08"), at("2027-01-01")]


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "five fields"),
        ("0 9 * *", "five fields"),
        ("0 0 9 * * *", "every_seconds"),
        ("@reboot", "@daily"),
        ("60 * * * *", "'60' cannot stand for the minute"),
        ("0 24 * * *", "'24' cannot stand for the hour"),
        ("0 0 0 * *", "'0' cannot stand for the day of the month"),
        ("0 0 * 13 *", "'13' cannot stand for the month"),
        ("0 0 * * 8", "'8' cannot stand for the day of the week"),
        ("0 0 * * fri-mon", "runs upwards"),
        ("0 0 * * monday", "'monday' cannot stand for the day of the week"),
        ("5/15 * * * *", "5-59/15"),
        ("*/0 * * * *", "at least 1"),
        ("*-5 * * * *", "'*-5' cannot stand for the minute"),
        ("1,,2 * * * *", "'' cannot stand for the minute"),
        ("-1 * * * *", "'-1' cannot stand for the minute"),
        ("0 0 L * *", "'L' cannot stand for the day of the month"),
        ("0 0 ? * *", "'?' cannot stand for the day of the month"),
        ("0 0 * * 1#2", "'1#2' cannot stand for the day of the week"),
        ("٣ * * * *", "cannot stand for the minute"),
        ("0 0 31 2 *", "no calendar has"),
        ("0 0 30 feb *", "no calendar has"),
        ("0 0 31 4,6,9,11 *", "no calendar has"),
    ],
)
def test_what_crontab_does_not_know_is_refused_with_a_hint(expression: str, says: str) -> None:
    with pytest.raises(UserMistake) as refused:
        validate_cron(expression, "UTC")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "expression", ["0 0 31 2 mon", "0 0 31 4,5 *", "0 0 29 2 *", " 0  9 * * MON-Fri ", "0-59/7 1-5,23 * * *"]
)
def test_what_can_be_due_is_accepted(expression: str) -> None:
    validate_cron(expression, "Europe/Berlin")
    assert next_due(Timing(cron=expression), at("2026-01-01")) is not None


@pytest.mark.parametrize(
    "zone", ["Europe/Berlim", "Mars/Olympus", "", "../etc/passwd", "/etc/passwd", "Europe", "europe\0"]
)
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(UserMistake, match="no time zone"):
        validate_cron("0 9 * * *", zone)


def test_the_nearest_zone_is_named() -> None:
    with pytest.raises(UserMistake, match=r"Europe/Berlin\?"):
        validate_cron("0 9 * * *", "Europe/Berlim")


def test_intervals_count_from_their_anchor_and_never_before_it() -> None:
    timing = Timing(every_seconds=90, anchor_at=at("2026-01-01T00:00:10"))
    assert next_due(timing, at("2020-01-01")) == at("2026-01-01T00:00:10")
    assert next_due(timing, at("2026-01-01T00:00:10")) == at("2026-01-01T00:01:40")
    assert next_due(timing, at("2026-01-01T00:01:39.999999")) == at("2026-01-01T00:01:40")


def test_intervals_without_an_anchor_fall_on_full_ones() -> None:
    assert next_due(Timing(every_seconds=10), at("2026-01-01T00:00:03.5")) == at("2026-01-01T00:00:10")


def test_intervals_do_not_care_for_clock_changes() -> None:
    start = at("2026-10-24T12:00")
    found = list(due_times(Timing(every_seconds=3600, timezone="Europe/Berlin"), start, start + timedelta(days=2)))
    assert [later - earlier for earlier, later in pairwise(found)] == [timedelta(hours=1)] * 47


def test_an_interval_of_nothing_is_refused() -> None:
    for timing in (Timing(every_seconds=0), Timing(every_seconds=-5), Timing()):
        with pytest.raises(UserMistake):
            next_due(timing, at("2026-01-01"))
    with pytest.raises(UserMistake):
        validate_every(0)


def test_any_zone_may_ask() -> None:
    asked = datetime(2026, 3, 28, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert next_due(Timing(cron="0 1 * * *"), asked) == at("2026-03-28T01:00")


def test_the_end_is_included_and_the_start_is_not() -> None:
    day = list(due_times(Timing(cron="0 * * * *"), at("2026-01-01T00:00"), at("2026-01-01T03:00")))
    assert [due.hour for due in day] == [1, 2, 3]
    assert list(due_times(Timing(cron="0 * * * *"), at("2026-01-01T01:00"), at("2026-01-01T00:00"))) == []


def test_a_year_of_minutes_through_both_changes_never_stands_still() -> None:
    timing = Timing(cron="* * * * *", timezone="Europe/Berlin")
    for change in transitions("Europe/Berlin", 2026, 2026):
        found = list(islice(due_times(timing, change - timedelta(hours=3), change + timedelta(days=9)), 360))
        assert all(later - earlier == timedelta(minutes=1) for earlier, later in pairwise(found))
