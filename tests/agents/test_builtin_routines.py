"""The routines that come with Quarterdeck, on recorded readings: quiet when well, one alert when not, a true digest."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.authority.starters import starter_rules
from agents.minds.builtins import BUILTINS, routine_source
from agents.readings.port import METRICS, Commit, PageReading
from agents.readings.replay import DirtyCount, Recorded, RecordedRepository, Recording, ReplayReadings
from agents.roster import RoutineMind
from agents.tools.builtin import builtin_tools
from store.kernel.canonical import JsonObject
from store.kernel.errors import UserMistake
from store.queries import findings
from store.records import Alert, Digest, Run, RunState
from tests.agents.rig import AGENT, REQUIRE, START, Rig


def employ(rig: Rig, routine: str, settings: JsonObject) -> None:
    """Has the agent think with a builtin routine and its tools alone, under the strictest starter policy."""
    rig.change_agent(mind=RoutineMind(file=routine), settings=settings, tools=BUILTINS[routine].tools)
    rig.govern(*starter_rules("watch-only", REQUIRE))


def pages(*told: tuple[float, int | None, int, str]) -> ReplayReadings:
    """A recording of a page: (hours after START, status or None: no answer, how long it took, its mark)."""
    return ReplayReadings(
        Recording(
            pages=tuple(
                PageReading(
                    at=START + timedelta(hours=hours),
                    reachable=status is not None,
                    status=status,
                    latency_ms=None if status is None else took_ms,
                    size_bytes=None if status is None else 100,
                    sha256=None if status is None else mark * 64,
                    cannot_see=("It refuses connections.",) if status is None else (),
                )
                for hours, status, took_ms, mark in told
            )
        )
    )


def open_alerts(rig: Rig) -> list[Alert]:
    return findings.open_alerts(rig.store)


def digest(rig: Rig, run: Run) -> Digest:
    (only,) = findings.digests_of_run(rig.store, run.id, AGENT, run.created_at)
    return only


@pytest.mark.parametrize("routine", BUILTINS)
def test_every_builtin_is_a_routine_whose_tools_exist(routine: str, tmp_path: Path) -> None:
    assert b"async def run(ctx: Context)" in routine_source(tmp_path, routine)
    assert set(BUILTINS[routine].tools) <= {tool.spec.name for tool in builtin_tools()}


def test_a_builtin_nobody_has_heard_of_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="builtin:watch-machine"):
        routine_source(tmp_path, "builtin:watch-the-sea")


def test_the_machine_is_watched_against_limits_that_need_not_be_given(rig: Rig) -> None:
    employ(rig, "builtin:watch-machine", {})
    told = [(0, "50.0"), (1, "91.5"), (2, "60.0")]
    machine = [
        Recorded(at=START + timedelta(hours=hour), metric=metric, value=value if metric == "disk_used_pct" else "40.0")
        for hour, value in told
        for metric in METRICS
    ]
    rig.readings = ReplayReadings(Recording(machine=tuple(machine)))
    seen = []
    for hour in range(3):
        assert rig.run(key=str(hour)).state is RunState.DONE
        seen.append([(alert.metric, alert.value, alert.upper) for alert in open_alerts(rig)])
        rig.later(hours=1)
    assert seen == [[], [("disk_used_pct", "91.5", "90")], []]


def test_the_machine_digest_compares_with_the_day_before(rig: Rig) -> None:
    employ(rig, "builtin:watch-machine", {})
    values = {0: "50.0", 25: "52.5"}
    machine = [
        Recorded(at=START + timedelta(hours=hour), metric=metric, value=value)
        for hour, value in values.items()
        for metric in METRICS
    ]
    rig.readings = ReplayReadings(Recording(machine=tuple(machine)))
    rig.run(key="first")
    rig.later(hours=25)
    run = rig.run(key="second", task="digest")
    figure = digest(rig, run).figures[0]
    assert run.said == "Every reading is within its limit."
    assert (figure.value, figure.baseline, figure.change) == ("52.5", "50.0", "+2.5")


def test_a_page_that_fails_raises_one_alert_and_clears_it_when_it_answers_again(rig: Rig) -> None:
    employ(rig, "builtin:watch-url", {"url": "https://shop.example/"})
    rig.readings = pages((0, 200, 80, "a"), (1, 503, 90, "b"), (2, None, 0, ""), (3, 200, 85, "a"))
    seen, said = [], []
    for hour in range(4):
        run = rig.run(key=str(hour))
        assert run.state is RunState.DONE
        said.append(run.said)
        seen.append([(alert.metric, alert.title) for alert in open_alerts(rig)])
        rig.later(hours=1)
    assert seen == [
        [],
        [("page_up", "The page answers 503")],
        [("page_up", "The page does not answer")],
        [],
    ]
    well = "The page answers."
    assert said == [well, "The page answers 503.", "The page does not answer.", well]


def test_a_slow_page_is_measured_against_the_setting(rig: Rig) -> None:
    employ(rig, "builtin:watch-url", {"url": "https://shop.example/", "slow_ms": 500})
    rig.readings = pages((0, 200, 501, "a"))
    rig.run()
    (alert,) = open_alerts(rig)
    assert (alert.metric, alert.value, alert.expected) == ("page_latency_ms", "501", "at most 500 ms")


def test_the_digest_of_a_page_says_that_it_has_changed(rig: Rig) -> None:
    employ(rig, "builtin:watch-url", {"url": "https://shop.example/"})
    rig.readings = pages((0, 200, 80, "a"), (1, 200, 120, "b"))
    rig.run(key="first")
    rig.later(hours=1)
    told = digest(rig, rig.run(key="second", task="digest"))
    assert [section.heading for section in told.sections] == ["Changed"]
    assert [(figure.label, figure.value) for figure in told.figures][:2] == [("Status", "200"), ("Took", "120")]
    assert Decimal(told.figures[1].baseline or "") == 80


def test_a_page_that_was_not_recorded_is_no_page_that_is_down(rig: Rig) -> None:
    employ(rig, "builtin:watch-url", {"url": "https://shop.example/"})
    told = "The page was not recorded."
    assert rig.run().result == {"summary": told, "alarms": [], "cannot_see": [told]}
    assert open_alerts(rig) == []


def test_an_agent_without_the_setting_reads_no_page(rig: Rig) -> None:
    employ(rig, "builtin:watch-url", {})
    run = rig.run()
    assert run.state is RunState.NEEDS_ATTENTION
    assert "no setting `url`" in (run.reason or "")


@pytest.mark.parametrize("url", ["ftp://shop.example/", "https://ann:secret@shop.example/", "shop.example"])
def test_what_is_no_address_of_a_page_is_refused_before_anything_is_asked(rig: Rig, url: str) -> None:
    employ(rig, "builtin:watch-url", {"url": url})
    assert rig.run().state is RunState.NEEDS_ATTENTION


def test_a_repository_is_told_by_its_commits_and_what_lies_uncommitted(rig: Rig) -> None:
    employ(rig, "builtin:watch-git", {"repository": "."})
    commits = tuple(
        Commit(id=f"{number:012x}", author="Ana", at=START - timedelta(hours=number), subject=f"Change {number}")
        for number in range(3)
    )
    known = RecordedRepository(branch="main", commits=commits, dirty=(DirtyCount(at=START, count=21),))
    rig.readings = ReplayReadings(Recording(repository=known))
    run = rig.run(task="digest")
    told = digest(rig, run)
    assert run.said == "3 commits on main since yesterday; 21 files lie uncommitted."
    assert told.headline == "3 commits on main since yesterday."
    assert [(figure.label, figure.value) for figure in told.figures] == [
        ("Commits", "3"),
        ("Files not committed", "21"),
    ]
    (alert,) = open_alerts(rig)
    assert (alert.value, alert.upper) == ("21", "20")
