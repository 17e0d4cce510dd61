"""Recordings: what they tell when, and how they say that they cannot be read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.readings.replay import ReplayReadings
from store.kernel.errors import UserMistake

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def from_text(folder: Path, name: str, text: str) -> ReplayReadings:
    path = folder / name
    path.write_text(text)
    return ReplayReadings.from_file(path)


def disk_at(readings: ReplayReadings, at: datetime) -> str | None:
    return next((value.value for value in readings.machine(at).values if value.metric == "disk_used_pct"), None)


def test_the_latest_value_stands_until_it_is_too_old(tmp_path: Path) -> None:
    readings = from_text(
        tmp_path,
        "month.csv",
        "at,metric,value\n2026-01-05T08:30:00Z,disk_used_pct,62\n2026-01-05T09:00:00+01:00,disk_used_pct,61.25\n",
    )
    assert disk_at(readings, AT - timedelta(seconds=1)) is None
    assert disk_at(readings, AT) == "61.2"
    assert disk_at(readings, AT + timedelta(minutes=29)) == "61.2"
    assert disk_at(readings, AT + timedelta(minutes=30)) == "62.0"
    assert disk_at(readings, AT + timedelta(minutes=91)) is None
    assert (
        "disk_used_pct: last recorded at 2026-01-05T08:30+00:00" in readings.machine(AT + timedelta(hours=5)).cannot_see
    )


def test_a_json_recording_has_its_repository_too(tmp_path: Path) -> None:
    readings = from_text(
        tmp_path,
        "month.json",
        """{"machine": [], "max_age_seconds": 60, "repository": {"branch": "main", "commits":
        [{"id": "abc", "author": "Ana", "at": "2026-01-05T07:00:00Z", "subject": "A change"}], "dirty": []}}""",
    )
    told = readings.repository(tmp_path, AT - timedelta(days=1), AT)
    assert (told.head, told.commit_count, told.dirty_count) == ("abc", 1, None)
    before = readings.repository(tmp_path, AT - timedelta(days=1), AT - timedelta(hours=2))
    assert (before.head, before.commit_count) == (None, 0), "what had not happened yet is not told"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("r.csv", "when,metric,value\n", "columns at, metric and value"),
        ("r.csv", "at,metric,value\nyesterday,disk_used_pct,1\n", "at"),
        ("r.csv", "at,metric,value\n2026-01-05T08:00:00,disk_used_pct,1\n", "no time zone"),
        ("r.csv", "at,metric,value\n2026-01-05T08:00:00Z,disk,1\n", "metric 'disk'"),
        ("r.csv", "at,metric,value\n2026-01-05T08:00:00Z,disk_used_pct,much\n", "not a number"),
        ("r.csv", "at,metric,value\n2026-01-05T08:00:00Z,disk_used_pct,NaN\n", "not a number"),
        ("r.json", "{", "not valid"),
        ("r.json", '{"machines": []}', "machine"),
    ],
)
def test_a_recording_that_is_none_says_where(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(UserMistake, match=says):
        from_text(tmp_path, name, text)


def test_a_recording_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="cannot be read"):
        ReplayReadings.from_file(tmp_path / "none.csv")
