"""builtin:watch-csv on a real export: trouble with the export itself is one alert, which ends with the trouble."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agents.metrics.spec import MetricSpec
from agents.sources.client import SourceReader
from agents.sources.spec import SourceSpec
from store.queries import findings
from store.records import Alert, AlertState, Run, RunState
from tests.agents.rig import AGENT, START, Rig
from tests.agents.test_builtin_routines import employ

DAYS = 60
HEADER = "day,orders"
ROWS = [f"{START - timedelta(days=DAYS - number):%Y-%m-%d},{100 + number * 7 % 11}" for number in range(DAYS)]
WELL = "\n".join([HEADER, *ROWS, ""])
BROKEN = {
    "missing": (None, "sales is missing: No file matches sales.csv"),
    "empty": (f"{HEADER}\n", "sales is empty: sales.csv has a header and no rows"),
    "malformed": (WELL.replace("2026-01-02,", '"2026-01-02,'), "sales cannot be read: sales.csv"),
    "late": ("\n".join([HEADER, *ROWS[:-3], ""]), "sales is late: it ends on 2026-01-01"),
    "outside_window": ("\n".join([HEADER, *ROWS[:-40], ""]), "sales has nothing for this time: it ends on 2025-11-25"),
}


@pytest.fixture
def export(rig: Rig, tmp_path: Path) -> Iterator[Path]:
    """The only export of an agent that watches it; it is well, and tells of the day before the rig's clock began."""
    folder = tmp_path / "exports"
    folder.mkdir()
    sales = SourceSpec(
        id="sales", reads="csv", file="sales.csv", time="day", timezone="UTC", fresh_within_seconds=129_600
    )
    orders = MetricSpec(
        id="sales",
        name="Orders",
        agent=AGENT,
        source="sales",
        value="sum(orders)",
        per="day",
        unit="orders",
        next_step="Look.",
    )
    rig.sources = SourceReader(folder, {"sales": sales})
    employ(rig, "builtin:watch-csv", {})
    rig.change_agent(sources=("sales",))
    rig.change_team(sources={"sales": sales}, metrics={"sales": orders})
    (folder / "sales.csv").write_text(WELL)
    yield folder / "sales.csv"
    rig.sources.close()


def looked(rig: Rig, key: str, **given: object) -> Run:
    run = rig.run(key=key, **given)
    assert run.state is RunState.DONE, run.reason
    return run


def alerts(rig: Rig) -> list[Alert]:
    return findings.open_alerts(rig.store)


def put(export: Path, text: str | None) -> None:
    export.unlink() if text is None else export.write_text(text)


@pytest.mark.parametrize("state", BROKEN)
def test_an_export_in_trouble_is_one_alert_until_it_is_well_again(rig: Rig, export: Path, state: str) -> None:
    text, title = BROKEN[state]
    looked(rig, "well")
    assert alerts(rig) == []
    put(export, text)
    run = looked(rig, "broken", task="digest")
    (alert,) = alerts(rig)
    assert (alert.metric, alert.kind, alert.value, alert.expected) == ("source.sales", "missing", "0", "at least 1 row")
    assert alert.title.startswith(title)
    assert title in (run.said or "")
    looked(rig, "broken still")
    assert [one.id for one in alerts(rig)] == [alert.id]
    export.write_text(WELL)
    looked(rig, "well again")
    assert alerts(rig) == []
    assert findings.alert(rig.store, alert.id).state is AlertState.CLEARED


def test_a_run_says_what_came_of_it(rig: Rig, export: Path) -> None:
    assert looked(rig, "well").said == "Looked at 1 figure; every one is as expected."
    export.write_text(WELL.replace(ROWS[-1], f"{ROWS[-1][:10]},9"))
    assert looked(rig, "low", task="digest").said == "Published 1 figure; Orders: below what was expected."


def test_a_question_about_an_old_day_is_no_trouble_of_the_export(rig: Rig, export: Path) -> None:
    run = looked(rig, "asked", request={"text": "What was on 2024-01-01?"})
    assert "has nothing for this time" in (run.said or "")
    assert alerts(rig) == []
