"""The promise of Readings, kept live on this machine and by a recording."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.readings.live import LiveReadings
from agents.readings.port import COMMITS_SHOWN, METRICS, Commit, Readings
from agents.readings.replay import DirtyCount, Recorded, RecordedRepository, Recording, ReplayReadings

BASE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
COMMITS = [(BASE + timedelta(hours=hour), f"Change number {hour}") for hour in range(30)]
AT = BASE + timedelta(hours=31)


@dataclass
class Stage:
    """Readings of a repository with thirty hourly commits and two files not committed, and of no repository."""

    readings: Readings
    folder: Path
    elsewhere: Path
    no_repository: Readings


def git(folder: Path, *arguments: str, at: datetime = BASE) -> None:
    moment = at.isoformat()
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": moment,
        "GIT_COMMITTER_DATE": moment,
    }
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    git(folder, "init")
    for at, subject in COMMITS:
        git(folder, "commit", "--allow-empty", "-m", subject, at=at)
    (folder / "one.txt").write_text("1")
    (folder / "two with a space.txt").write_text("2")
    return folder


@pytest.fixture(params=["live", "replay"])
def stage(request: pytest.FixtureRequest, repository: Path, tmp_path: Path) -> Stage:
    if request.param == "live":
        live = LiveReadings(tmp_path)
        return Stage(live, repository, tmp_path, live)
    machine = tuple(Recorded(at=AT, metric=metric, value="41.5") for metric in METRICS)
    commits = tuple(
        Commit(id=f"{number:012x}", author="Ana", at=at, subject=text) for number, (at, text) in enumerate(COMMITS)
    )
    known = RecordedRepository(branch="main", commits=commits, dirty=(DirtyCount(at=BASE, count=2),))
    told = ReplayReadings(Recording(machine=machine, repository=known))
    return Stage(told, repository, tmp_path, ReplayReadings(Recording(machine=machine)))


def test_every_value_is_an_exact_number_in_its_unit_and_nothing_is_left_out_in_silence(stage: Stage) -> None:
    reading = stage.readings.machine(AT)
    assert reading.at == AT
    seen = [value.metric for value in reading.values]
    assert seen == [metric for metric in METRICS if metric in seen]
    assert set(seen) | {line.partition(":")[0] for line in reading.cannot_see} == set(METRICS)
    for value in reading.values:
        assert value.unit == METRICS[value.metric]
        assert Decimal(value.value) >= 0
        assert Decimal(value.value).as_tuple().exponent == -1
        if value.metric.endswith("used_pct"):
            assert Decimal(value.value) <= 100


def test_a_repository_is_told_since_a_moment_latest_first(stage: Stage) -> None:
    reading = stage.readings.repository(stage.folder, BASE + timedelta(hours=26), AT)
    assert reading.is_repository
    assert reading.branch == "main"
    assert reading.head is not None
    assert [commit.subject for commit in reading.commits] == [
        "Change number 29",
        "Change number 28",
        "Change number 27",
    ]
    assert reading.commits[0].author == "Ana"
    assert reading.commits[0].at == COMMITS[-1][0]
    assert reading.commit_count == 3
    assert reading.dirty_count == 2
    assert reading.cannot_see == ()


def test_only_so_many_commits_are_named_but_all_are_counted(stage: Stage) -> None:
    reading = stage.readings.repository(stage.folder, BASE - timedelta(days=1), AT)
    assert reading.commit_count == len(COMMITS)
    assert len(reading.commits) == COMMITS_SHOWN


def test_what_is_no_repository_is_said(stage: Stage) -> None:
    reading = stage.no_repository.repository(stage.elsewhere, BASE, AT)
    assert not reading.is_repository
    assert reading.cannot_see
    assert (reading.branch, reading.head, reading.commit_count, reading.dirty_count) == (None, None, 0, None)
