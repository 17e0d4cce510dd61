"""First Light's routine, exactly as it ships, on recorded readings and a real folder."""

import os
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from agents.authority.starters import starter_rules
from agents.readings.port import METRICS
from agents.readings.replay import Recorded, RecordedRepository, Recording, ReplayReadings
from agents.roster import RoutineMind
from store.kernel.canonical import JsonObject
from store.queries import approvals, findings
from store.records import Alert, AlertState, Digest, Run, RunState
from tests.agents.rig import AGENT, REQUIRE, START, Rig

ROUTINE = Path(__file__).parents[2] / "examples" / "first-light" / "routines" / "machine_watch.py"
SETTINGS: JsonObject = {
    "repository": ".",
    "tidy_folder": "inbox",
    "archive_folder": "archive",
    "older_than_days": 30,
    "thresholds": {"disk_used_pct": 90, "memory_used_pct": 95, "load_per_core_pct": 200},
}


def recorded(disk: Iterable[tuple[float, str]], other: str = "40.0") -> ReplayReadings:
    """A recording: (hours after START, disk used); everything else stays as it is."""
    machine = [
        Recorded(at=START + timedelta(hours=hours), metric=metric, value=value if metric == "disk_used_pct" else other)
        for hours, value in disk
        for metric in METRICS
    ]
    return ReplayReadings(Recording(machine=tuple(machine), repository=RecordedRepository(branch="main")))


@pytest.fixture
def watch(rig: Rig) -> Rig:
    shutil.copy(ROUTINE, rig.root / "machine_watch.py")
    for folder in ("inbox", "archive"):
        (rig.root / folder).mkdir()
    rig.change_agent(mind=RoutineMind(file="machine_watch.py"), settings=SETTINGS, name="Machine Watch")
    rig.govern(*starter_rules("ask-for-writes", REQUIRE))
    rig.readings = recorded([(0, "50.0")])
    return rig


def put_old(rig: Rig, name: str, text: str = "old") -> None:
    path = rig.root / "inbox" / name
    path.write_text(text)
    then = (START - timedelta(days=90)).timestamp()
    os.utime(path, (then, then))


def inbox(rig: Rig) -> list[str]:
    return sorted(path.name for path in (rig.root / "inbox").iterdir())


def archive(rig: Rig) -> list[str]:
    return sorted(path.name for path in (rig.root / "archive").iterdir() if not path.name.startswith("."))


def alert(rig: Rig) -> Alert:
    (only,) = findings.open_alerts(rig.store)
    return only


def digest(rig: Rig, run: Run) -> Digest:
    (only,) = findings.digests_of_run(rig.store, run.id, AGENT, run.created_at)
    return only


def test_a_quiet_look_keeps_the_readings_and_says_nothing(watch: Rig) -> None:
    run = watch.run()
    assert run.state is RunState.DONE
    said = "Looked at the machine: no reading is above its limit; inbox: nothing is old."
    assert run.result == {"summary": said, "alarms": [], "tidied": "nothing is old"}
    (reading,) = findings.readings(watch.store, "disk_used_pct", START - timedelta(days=1))
    assert (reading.value, reading.unit, reading.at) == ("50.0", "%", START)


def test_an_alert_is_raised_once_with_its_series_kept_up_to_date_and_cleared(watch: Rig) -> None:
    watch.readings = recorded([(0, "50.0"), (1, "91.5"), (2, "93.0"), (3, "60.0")])
    raised_at = START + timedelta(hours=1)
    for hour in range(3):
        watch.run(key=str(hour))
        watch.later(hours=1)
    raised = alert(watch)
    assert (raised.value, raised.upper, raised.expected) == ("93.0", "90", "at most 90 %")
    assert (raised.title, raised.since, raised.owner) == ("Disk used is above its limit", raised_at, "ana")
    assert [reading.value for reading in raised.series] == ["50.0", "91.5", "93.0"]
    watch.run(key="3")
    assert findings.open_alerts(watch.store) == []
    assert findings.alert(watch.store, raised.id).state is AlertState.CLEARED


def test_old_files_are_moved_after_one_approval_and_come_back_on_undo(watch: Rig) -> None:
    put_old(watch, "report.txt")
    put_old(watch, "invoice.pdf")
    (watch.root / "inbox" / "new.txt").write_text("new")
    run = watch.run()
    assert run.state is RunState.WAITING
    asked = watch.asked()
    assert asked.summary == "Moves 2 files older than 30 days from inbox to archive: invoice.pdf, report.txt."
    assert asked.undo
    assert inbox(watch) == ["invoice.pdf", "new.txt", "report.txt"]
    watch.decide()
    watch.drive()
    assert (watch.now(run).result or {})["tidied"] == "moved 2, left 0"
    assert (inbox(watch), archive(watch)) == (["new.txt"], ["invoice.pdf", "report.txt"])
    watch.run(key="undo", undo_of=asked.id)
    watch.decide()
    watch.drive()
    assert (inbox(watch), archive(watch)) == (["invoice.pdf", "new.txt", "report.txt"], [])


def test_while_a_request_is_open_no_second_one_is_made_even_for_other_files(watch: Rig) -> None:
    put_old(watch, "report.txt")
    watch.run(key="first")
    put_old(watch, "another.txt")
    second = watch.run(key="second")
    assert (second.result or {})["tidied"] == "an earlier request waits for a decision"
    assert len(approvals.open_approvals(watch.store)) == 1


def test_a_rejection_holds_until_the_question_is_another(watch: Rig) -> None:
    put_old(watch, "report.txt")
    first = watch.run(key="first")
    watch.decide(approve=False, reason="keep it")
    watch.drive()
    assert "keep it" in str((watch.now(first).result or {})["tidied"])
    second = watch.run(key="second")
    assert second.state is RunState.DONE
    assert "rejected not long ago" in str((second.result or {})["tidied"])
    put_old(watch, "another.txt")
    assert watch.run(key="third").state is RunState.WAITING


def test_a_rejection_may_be_asked_again_after_a_week(watch: Rig) -> None:
    put_old(watch, "report.txt")
    watch.run(key="first")
    watch.decide(approve=False, reason="not now")
    watch.drive()
    watch.later(days=8)
    assert watch.run(key="second").state is RunState.WAITING


def test_a_watching_team_moves_nothing_and_says_why(watch: Rig) -> None:
    watch.govern(*starter_rules("watch-only", REQUIRE))
    put_old(watch, "report.txt")
    run = watch.run()
    assert run.state is RunState.DONE
    assert (run.result or {})["tidied"] == "nothing was moved: This team only watches."


def test_the_digest_compares_with_the_day_before_and_says_what_it_cannot_see(watch: Rig) -> None:
    watch.readings = recorded([(0, "50.0"), (1, "52.0"), (2, "51.0"), (26, "95.0")])
    for hour in range(3):
        watch.run(key=f"look {hour}")
        watch.later(hours=1)
    watch.clock.move_to(START + timedelta(hours=26, minutes=10))
    put_old(watch, "report.txt")
    run = watch.run(key="digest", task="digest")
    assert run.state is RunState.DONE
    published = digest(watch, run)
    disk, *_ = published.figures
    assert (disk.label, disk.value, disk.baseline, disk.change) == ("Disk used", "95.0", "51.0", "+44.0")
    assert disk.status == "above its limit"
    assert published.headline == "Disk used is above its limit."
    assert published.sections[0].lines == ("Disk used is above its limit.",)
    assert published.window_until - published.window_from == timedelta(days=1)
    assert "What is not committed was not recorded." in published.cannot_see
    labels = {figure.label: figure.value for figure in published.figures}
    assert labels["Files in inbox older than 30 days"] == "1"
    assert labels["Commits"] == "0"


def test_the_first_digest_says_that_there_is_nothing_to_compare(watch: Rig) -> None:
    published = digest(watch, watch.run(task="digest"))
    assert any("nothing can be compared" in line for line in published.cannot_see)
    assert all(figure.baseline is None for figure in published.figures)


def test_a_machine_that_cannot_be_read_is_said_not_left_out(watch: Rig) -> None:
    watch.later(hours=9)
    published = digest(watch, watch.run(task="digest"))
    assert sum("last recorded at" in line for line in published.cannot_see) == len(METRICS)
    assert published.figures[0].label.startswith("Files in inbox")
