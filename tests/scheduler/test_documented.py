"""docs/scheduling.md names every outcome, policy and nickname there is, and its table of clock changes is true."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.crontab import NICKNAMES
from scheduler.schedules import due_times
from store.records.schedule import Misfire, Outcome, Overlap
from tests.scheduler.test_schedules import Timing

PAGE = (Path(__file__).parents[2] / "docs/scheduling.md").read_text("utf-8")
ALIASES = {"@midnight", "@annually"}
BERLIN = ZoneInfo("Europe/Berlin")


def test_every_outcome_has_its_line() -> None:
    assert set(re.findall(r"^\| (\w+) \| ", PAGE, re.MULTILINE)) >= {outcome.value for outcome in Outcome}


@pytest.mark.parametrize("value", [*Misfire, *Overlap])
def test_every_policy_is_explained(value: str) -> None:
    assert f"- `{value}` " in PAGE


def test_every_nickname_is_named() -> None:
    assert set(re.findall(r"@\w+", PAGE)) == NICKNAMES.keys() - ALIASES


@pytest.mark.parametrize(("day", "column"), [(datetime(2026, 3, 29), 1), (datetime(2026, 10, 25), 2)])  # noqa: DTZ001 — Berlin days
def test_the_table_of_clock_changes_is_true(day: datetime, column: int) -> None:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 3
    start = day.replace(tzinfo=BERLIN).astimezone(UTC)
    end = (day + timedelta(days=1)).replace(tzinfo=BERLIN).astimezone(UTC)
    for row in rows:
        timing = Timing(row[0], timezone="Europe/Berlin")
        found = list(due_times(timing, start - timedelta(seconds=1), end - timedelta(seconds=1)))
        said = row[column].strip()
        if count := re.fullmatch(r"(\d+) times", said):
            assert len(found) == int(count[1])
            continue
        shown = found[0].astimezone(BERLIN)
        assert len(found) == 1
        assert said == f"once, at {'the first ' if 'first' in said else ''}{shown:%H:%M}"
        assert shown.fold == 0
