"""What becomes of due times that have come, rule by rule."""

from datetime import datetime, timedelta

import pytest

from scheduler import plan
from scheduler.plan import (
    PAUSED,
    REPLACED,
    STILL_ACTIVE,
    SUPERSEDED,
    TOO_LATE,
    TOO_MANY_LATE,
    plan_fire,
    validate_policy,
)
from store.kernel.errors import UserMistake
from store.records.schedule import FirePlan, Misfire, Outcome, Overlap, PlannedDue, Schedule
from tests.scheduler.given import START, a_schedule


def planned(
    schedule: Schedule, minutes: float, *, paused: bool = False, active: tuple[str, ...] = ()
) -> tuple[FirePlan, list[str]]:
    """The plan so many minutes after START, and its rows as `run` or their reasons."""
    found = plan_fire(schedule, START + timedelta(minutes=minutes), paused=paused, active_run_ids=active)
    assert found is not None
    return found, ["run" if due.outcome is Outcome.PENDING else f"{due.outcome}: {due.reason}" for due in found.dues]


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def test_nothing_is_planned_before_the_time() -> None:
    now = START - timedelta(microseconds=1)
    assert plan_fire(a_schedule(), now, paused=False, active_run_ids=()) is None


def test_nothing_is_planned_for_a_retired_schedule_or_one_never_due_again() -> None:
    for schedule in (a_schedule(retired=True), a_schedule(next_fire_at=None)):
        assert plan_fire(schedule, minute(5), paused=False, active_run_ids=()) is None


def test_a_due_time_runs_at_its_moment_and_the_schedule_moves_on() -> None:
    found, rows = planned(a_schedule(), 0)
    assert rows == ["run"]
    assert (found.from_fire_at, found.until_fire_at, found.dues[0].due_at) == (START, minute(1), START)


def test_a_due_time_that_is_no_later_than_the_limit_is_never_a_misfire() -> None:
    for misfire in Misfire:
        _, rows = planned(a_schedule(misfire=misfire, lateness_seconds=180), 3)
        assert rows == ["run"] * 4


def test_run_latest_keeps_the_newest_of_the_late_ones() -> None:
    found, rows = planned(a_schedule(), 3.9)
    assert rows == [f"missed: {SUPERSEDED}"] * 3 + ["run"]
    assert found.until_fire_at == minute(4)


def test_run_latest_keeps_no_late_one_when_another_is_on_time() -> None:
    _, rows = planned(a_schedule(), 3)
    assert rows == [f"missed: {SUPERSEDED}"] * 3 + ["run"]


def test_run_latest_runs_a_single_due_time_however_late() -> None:
    _, rows = planned(a_schedule(cron="0 9 * * *"), 23 * 60)
    assert rows == ["run"]


def test_run_all_keeps_as_many_of_the_newest_late_ones_as_it_may_and_all_on_time() -> None:
    _, rows = planned(a_schedule(misfire=Misfire.RUN_ALL, misfire_max=2), 4)
    assert rows == [f"missed: {TOO_MANY_LATE}"] * 2 + ["run"] * 3


def test_skip_keeps_no_late_one() -> None:
    _, rows = planned(a_schedule(misfire=Misfire.SKIP), 2)
    assert rows == [f"missed: {TOO_LATE}"] * 2 + ["run"]
    _, rows = planned(a_schedule(misfire=Misfire.SKIP), 2.9)
    assert rows == [f"missed: {TOO_LATE}"] * 3


def test_paused_skips_everything_late_or_not() -> None:
    for misfire in Misfire:
        found, rows = planned(
            a_schedule(misfire=misfire, overlap=Overlap.CANCEL_RUNNING), 3, paused=True, active=("r",)
        )
        assert rows == [f"skipped: {PAUSED}"] * 4
        assert found.cancel_run_ids == ()


def test_overlap_queue_runs_behind_an_active_run() -> None:
    found, rows = planned(a_schedule(), 0, active=("earlier",))
    assert rows == ["run"]
    assert found.cancel_run_ids == ()


def test_overlap_skip_skips_while_an_earlier_run_is_active() -> None:
    _, rows = planned(a_schedule(overlap=Overlap.SKIP), 0, active=("earlier",))
    assert rows == [f"skipped: {STILL_ACTIVE}"]
    _, rows = planned(a_schedule(overlap=Overlap.SKIP), 0)
    assert rows == ["run"]


def test_overlap_skip_counts_the_due_times_of_one_plan_as_overlapping() -> None:
    _, rows = planned(a_schedule(overlap=Overlap.SKIP, lateness_seconds=600), 2)
    assert rows == ["run", f"skipped: {STILL_ACTIVE}", f"skipped: {STILL_ACTIVE}"]


def test_what_was_missed_is_not_also_skipped() -> None:
    _, rows = planned(a_schedule(overlap=Overlap.SKIP), 2, active=("earlier",))
    assert rows == [f"missed: {SUPERSEDED}"] * 2 + [f"skipped: {STILL_ACTIVE}"]


def test_cancel_running_stops_what_is_active_and_runs_the_newest() -> None:
    schedule = a_schedule(overlap=Overlap.CANCEL_RUNNING, lateness_seconds=600)
    found, rows = planned(schedule, 1, active=("one", "two"))
    assert rows == [f"skipped: {REPLACED}", "run"]
    assert found.cancel_run_ids == ("one", "two")


def test_cancel_running_stops_nothing_when_nothing_runs_instead() -> None:
    schedule = a_schedule(overlap=Overlap.CANCEL_RUNNING, misfire=Misfire.SKIP)
    found, _ = planned(schedule, 0.9, active=("one",))
    assert found.cancel_run_ids == ()


def test_the_last_due_time_ever_leaves_nothing_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "next_due", lambda timing, after: None)
    found, _ = planned(a_schedule(), 0)
    assert found.until_fire_at is None


def test_a_day_asleep_is_written_in_batches_that_end_in_one_run() -> None:
    schedule, now = a_schedule(every_seconds=10), START + timedelta(days=1)
    rows: list[PlannedDue] = []
    plans = 0
    while found := plan_fire(schedule, now, paused=False, active_run_ids=()):
        assert len(found.dues) <= plan.BATCH_DUE_TIMES
        rows += found.dues
        plans += 1
        schedule = schedule.model_copy(update={"next_fire_at": found.until_fire_at})
    assert [due.due_at for due in rows] == [START + timedelta(seconds=10 * number) for number in range(8641)]
    on_time = [due.due_at >= now - timedelta(seconds=30) for due in rows]
    assert [due.outcome is Outcome.PENDING for due in rows] == on_time
    assert plans == -(-8641 // plan.BATCH_DUE_TIMES)


@pytest.mark.parametrize("overlap", [Overlap.SKIP, Overlap.CANCEL_RUNNING])
def test_run_all_contradicts_an_overlap_that_drops_runs(overlap: Overlap) -> None:
    with pytest.raises(UserMistake, match="contradict"):
        validate_policy(Misfire.RUN_ALL, 3, overlap)


@pytest.mark.parametrize("misfire_max", [0, 101])
def test_the_number_of_late_runs_has_limits(misfire_max: int) -> None:
    with pytest.raises(UserMistake, match="1 to 100"):
        validate_policy(Misfire.RUN_LATEST, misfire_max, Overlap.QUEUE)


def test_every_other_policy_is_accepted() -> None:
    for overlap in Overlap:
        validate_policy(Misfire.RUN_LATEST, 1, overlap)
        validate_policy(Misfire.SKIP, 1, overlap)
    validate_policy(Misfire.RUN_ALL, 100, Overlap.QUEUE)
