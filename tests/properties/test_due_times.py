"""What holds for every schedule: due times agree with the oracle, and every one of them ends as exactly one row."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler import plan
from scheduler.plan import plan_fire
from scheduler.schedules import due_times, next_due
from store.records.schedule import Misfire, Outcome, Overlap, PlannedDue, Schedule
from tests.scheduler.given import START, a_schedule
from tests.scheduler.oracle import Oracle, minutes, transitions

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")


class Timing(NamedTuple):
    cron: str | None = None
    every_seconds: int | None = None
    anchor_at: datetime | None = None
    timezone: str = "UTC"


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    span = st.tuples(number, number).map(sorted)
    step = st.integers(1, 30)
    part = st.one_of(
        st.just("*"),
        step.map("*/{}".format),
        number.map(str),
        span.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.tuples(span, step).map(lambda both: f"{both[0][0]}-{both[0][1]}/{both[1]}"),
    )
    return st.one_of(part, st.lists(number, min_size=1, max_size=4).map(lambda each: ",".join(map(str, each))))


# Days of the month up to 28, so that every expression names a day that exists.
expressions = st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7)).map(" ".join)
seconds_of_eight_years = st.integers(0, 8 * 365 * 86_400)
anywhere = seconds_of_eight_years.map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
changes = st.sampled_from([change for zone in ZONES for change in transitions(zone, 2024, 2031)])
near_a_change = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds), changes, st.integers(-9000, 9000)
)
moments = anywhere | near_a_change
crons = st.builds(
    Timing, cron=expressions, every_seconds=st.none(), anchor_at=st.none(), timezone=st.sampled_from(ZONES)
)
intervals = st.builds(
    Timing,
    cron=st.none(),
    every_seconds=st.integers(1, 10**7),
    anchor_at=st.none() | moments,
    timezone=st.sampled_from(ZONES),
)


@given(expressions, st.sampled_from(ZONES[:4]), st.data())
@settings(max_examples=60, deadline=None)
def test_three_days_around_a_clock_change_agree_with_the_oracle(
    expression: str, zone: str, data: st.DataObject
) -> None:
    change = data.draw(st.sampled_from(transitions(zone, 2024, 2031)))
    window = minutes(zone, change - timedelta(hours=36), 72 * 60)
    found = list(due_times(Timing(cron=expression, timezone=zone), window[0][0], window[-1][0]))
    assert found == list(Oracle(expression).due_times(window))


@given(crons | intervals, moments)
@settings(deadline=None)
def test_the_next_due_time_is_later_and_nothing_lies_between(timing: Timing, after: datetime) -> None:
    due = next_due(timing, after)
    assert due is not None
    assert due > after
    assert next_due(timing, after + (due - after) / 2) == due
    assert next_due(timing, due - timedelta(microseconds=1)) == due


@given(crons | intervals, moments, st.lists(st.integers(1, 7200), min_size=1, max_size=3))
@settings(deadline=None, max_examples=50)
def test_a_listing_may_be_cut_anywhere(timing: Timing, start: datetime, minutes_each: list[int]) -> None:
    cuts = [start]
    for each in minutes_each:
        cuts.append(cuts[-1] + timedelta(minutes=each))
    timing = timing if timing.cron else timing._replace(every_seconds=max(60, timing.every_seconds or 0))
    whole = list(due_times(timing, cuts[0], cuts[-1]))
    parts = [due for begin, end in pairwise(cuts) for due in due_times(timing, begin, end)]
    assert parts == whole
    assert all(earlier < later for earlier, later in pairwise(whole))


schedules = st.builds(
    a_schedule,
    every_seconds=st.integers(1, 120),
    misfire=st.sampled_from(Misfire),
    misfire_max=st.integers(1, 8),
    overlap=st.sampled_from(Overlap),
    lateness_seconds=st.integers(0, 300),
)


def all_rows(schedule: Schedule, now: datetime, *, paused: bool, batch: int) -> list[PlannedDue]:
    """The rows of plan after plan until nothing is due any more, in batches of a size."""
    rows: list[PlannedDue] = []
    with patch.object(plan, "BATCH_DUE_TIMES", batch):
        while found := plan_fire(schedule, now, paused=paused, active_run_ids=()):
            assert found.from_fire_at == schedule.next_fire_at
            assert len(found.dues) <= batch
            rows += found.dues
            schedule = schedule.model_copy(update={"next_fire_at": found.until_fire_at})
    return rows


@given(schedules, st.integers(0, 3000), st.booleans(), st.integers(1, 40))
@settings(deadline=None)
def test_every_due_time_that_has_come_is_one_row(schedule: Schedule, seconds: int, paused: bool, batch: int) -> None:
    now = START + timedelta(seconds=seconds)
    rows = all_rows(schedule, now, paused=paused, batch=batch)
    expected = [START, *due_times(schedule, START, now)]
    assert [row.due_at for row in rows] == expected
    assert all((row.outcome is Outcome.PENDING) == (row.reason is None) for row in rows)


@given(schedules, st.integers(0, 3000), st.booleans(), st.integers(1, 40))
@settings(deadline=None)
def test_misfire_does_not_depend_on_where_a_batch_ends(
    schedule: Schedule, seconds: int, paused: bool, batch: int
) -> None:
    schedule = schedule.model_copy(update={"overlap": Overlap.QUEUE})
    now = START + timedelta(seconds=seconds)
    assert all_rows(schedule, now, paused=paused, batch=batch) == all_rows(schedule, now, paused=paused, batch=10_000)


@given(schedules, st.integers(0, 3000))
@settings(deadline=None)
def test_run_latest_always_ends_with_the_newest_due_time(schedule: Schedule, seconds: int) -> None:
    schedule = schedule.model_copy(update={"misfire": Misfire.RUN_LATEST, "overlap": Overlap.QUEUE})
    rows = all_rows(schedule, START + timedelta(seconds=seconds), paused=False, batch=10_000)
    assert rows[-1].outcome is Outcome.PENDING
