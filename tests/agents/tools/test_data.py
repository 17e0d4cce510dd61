"""data.check and data.query through a whole session: scope, states, evidence, taint, and what is refused."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.sources.client import SourceReader
from agents.sources.spec import SourceSpec
from agents.tools.builtin import builtin_tools
from store.records import RunState
from tests.agents.rig import Rig

WINDOW = 'window_from="2026-01-04T00:00:00Z", window_until="2026-01-05T00:00:00Z"'
DAILY = "date,totalUsers\n20260103,5\n20260104,7\n20260105,100\n"


@pytest.fixture
def data(rig: Rig, tmp_path: Path) -> Iterator[Path]:
    """A folder with the files of two sources, of which the rig's agent may see one; the clock says 5 January, 8:00."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "daily.csv").write_text(DAILY)
    (folder / "orders.csv").write_text("n\n1\n")
    specs = {
        "ga4-daily": SourceSpec(id="ga4-daily", reads="ga4-users", file="daily*.csv", timezone="UTC", simulated=True),
        "orders": SourceSpec(id="orders", reads="csv", file="orders.csv", timezone="UTC"),
        "gone": SourceSpec(id="gone", reads="csv", file="gone.csv", timezone="UTC"),
    }
    rig.sources = SourceReader(folder, specs)
    rig.change_agent(sources=("ga4-daily",))
    yield folder
    rig.sources.close()


def called(rig: Rig, call: str, key: str = "") -> Any:
    rig.routine(
        f"""
        try:
            return dict(await ctx.call({call}))
        except (ToolFailed, ToolRefused) as error:
            return {{"why": str(error)}}
        """
    )
    run = rig.run(key=f"{call} {key}")
    assert run.state is RunState.DONE, run.reason
    return run.result


def test_a_query_answers_with_what_it_was_read_from(rig: Rig, data: Path) -> None:
    sql = "SELECT date, total_users FROM ga4_daily WHERE _at >= $window_from AND total_users < $most"
    given = called(rig, f'"data.query", sql="{sql}", parameters={{"most": 50}}, {WINDOW}')
    assert (given["columns"], given["rows"], given["truncated"]) == (
        ["date", "total_users"],
        [["2026-01-04", 7]],
        False,
    )
    assert given["as_of"] == "2026-01-05T08:00:00+00:00"
    [source] = given["sources"]
    assert (source["state"], source["simulated"], source["newest"]) == ("ok", True, "2026-01-04T00:00:00+00:00")
    [file] = given["evidence"]["files"]
    digest = hashlib.sha256(DAILY.encode()).hexdigest()
    assert file == {"source": "ga4-daily", "file": "daily.csv", "sha256": digest, "rows": 3}
    assert given["evidence"]["row_count"] == 1
    assert "FROM ga4_daily" in given["evidence"]["sql"]


def test_a_check_tells_of_the_agents_own_sources_and_no_others(rig: Rig, data: Path) -> None:
    assert [one["source"] for one in called(rig, f'"data.check", {WINDOW}')["sources"]] == ["ga4-daily"]
    rig.change_agent(sources=("gone", "ga4-daily"))
    [gone, daily] = called(rig, f'"data.check", {WINDOW}', "both")["sources"]
    assert (gone["state"], gone["detail"]) == ("missing", "No file matches gone.csv.")
    assert (daily["state"], daily["rows"], daily["in_window"]) == ("ok", 2, 1)


def test_a_query_taints_its_run_and_a_check_does_not(rig: Rig, data: Path) -> None:
    rig.routine(f'await ctx.call("data.check", {WINDOW})')
    assert not rig.run(key="a").tainted
    rig.routine(f'await ctx.call("data.query", sql="SELECT 1", {WINDOW})')
    assert not rig.run(key="b").tainted
    rig.routine(f'await ctx.call("data.query", sql="SELECT count(*) FROM ga4_daily", {WINDOW})')
    assert rig.run(key="c").tainted


def test_what_may_not_be_read_is_said_to_the_agent(rig: Rig, data: Path) -> None:
    def why(sql: str, window: str = WINDOW) -> str:
        return str(called(rig, f'"data.query", sql="{sql}", {window}')["why"])

    assert "there is no table 'orders'; there are: ga4_daily" in why("SELECT * FROM orders")
    assert "it is no SELECT" in why("DROP TABLE ga4_daily")
    assert "now() answers differently" in why("SELECT now()")
    empty = 'window_from="2026-01-05T00:00:00Z", window_until="2026-01-05T00:00:00Z"'
    assert "is empty" in why("SELECT 1", empty)
    rig.change_agent(sources=("gone",))
    assert "The source gone is missing" in why("SELECT * FROM gone")
    rig.change_agent(sources=())
    assert "has no sources" in why("SELECT 2")


def test_a_finished_query_is_answered_from_the_record_when_the_file_has_changed(rig: Rig, data: Path) -> None:
    rig.routine(
        f"""
        first = await ctx.call("data.query", sql="SELECT total_users FROM ga4_daily", {WINDOW})
        await ctx.call("push", n=1)
        return {{"rows": first["rows"]}}
        """
    )
    run = rig.start()
    rig.ledger.before["push"] = rig.process.die
    rig.dies(run)
    (data / "daily.csv").write_text("date,totalUsers\n20260104,9\n")
    rig.drive()
    assert rig.now(run).result == {"rows": [[5], [7]]}


def test_what_a_query_may_give_fits_what_a_step_may_keep(rig: Rig, data: Path) -> None:
    (data / "daily.csv").write_text("date,totalUsers,title\n" + f"20260104,1,{'é' * 8000}\n" * 100)
    given = called(rig, f'"data.query", sql="SELECT * FROM ga4_daily", {WINDOW}')
    assert (given["truncated"], 5 <= len(given["rows"]) < 20) == (True, True)


def test_the_tools_that_the_workspace_check_knows_exist() -> None:
    from bot.workspace.sourcechecks import READING_TOOLS

    assert set(READING_TOOLS) <= {tool.spec.name for tool in builtin_tools()}
