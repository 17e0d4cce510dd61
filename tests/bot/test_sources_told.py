"""`sources` on the command line and in chat: each source, what is wrong with it, who reads it; and --data."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.roster import Team
from agents.sources.client import SourceReader
from agents.sources.port import Window
from agents.sources.spec import SourceSpec
from blocks.render import text
from bot.cli import exits
from bot.cli.app import run_command
from bot.inbound.commands import command
from bot.inbound.desk import Desk
from bot.inbound.source_listing import yesterday
from bot.surfaces.base import InboundEvent, InboundKind
from tests.scenarios.commands import here
from tests.scenarios.workspaces import write_team

TEAM = """
name: Harbour
timezone: Europe/Madrid
sources:
  ga4-daily: {reads: ga4-users, file: "daily*.csv", fresh_within: 36h, simulated: true}
  orders: {reads: csv, file: orders.csv}
agents:
  analyst: {purpose: Reads., routine: read.py, tools: [data.query], sources: [ga4-daily]}
people:
  ana: {roles: [approver]}
policy: watch-only
"""
DAILY = "date,totalUsers\n20210703,5\n20210704,7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = write_team(tmp_path / "team", TEAM, read="async def run(ctx):\n    return {}\n")
    for name, content in (("data", DAILY), ("other", DAILY.replace("20210704", "20210702"))):
        (folder / name).mkdir()
        (folder / name / "daily.csv").write_text(content)
    return folder


def test_the_command_line_tells_of_every_source_with_trouble_first(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = here(capsys, "sources", folder, "--at", "2021-07-05T08:00")
    assert said.splitlines() == [
        "orders: missing",
        "    No file matches orders.csv.",
        "    0 rows, read by nobody",
        "ga4-daily: in order",
        "    1 row in this window, the newest of 4 Jul 2021.",
        "    2 rows, read by Analyst",
        "2 sources, 1 in trouble.",
    ]
    [orders, daily] = json.loads(here(capsys, "sources", folder, "--at", "2021-07-05T08:00", "--json"))
    assert (orders["state"], daily["state"], daily["read_by"]) == ("missing", "ok", ["Analyst"])
    assert daily["newest"] == "2021-07-04T00:00:00+02:00"


def test_another_folder_takes_the_place_of_the_workspaces_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No data for this window: the rows end with 3 Jul 2021." in here(
        capsys, "sources", folder, "--at", "2021-07-05T08:00", "--data", folder / "other"
    )
    assert "no file matches" in here(capsys, "check", folder)
    assert here(capsys, "check", folder, "--data", folder / "other").count("no file matches") == 1


def test_a_folder_or_moment_that_is_none_is_a_mistake(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["sources", str(folder), "--data", str(folder / "nowhere")]) == exits.MISTAKE
    assert "does not exist" in capsys.readouterr().err
    assert run_command(["sources", str(folder), "--at", "soon"]) == exits.MISTAKE
    assert "'soon' is not a day or moment." in capsys.readouterr().err


def test_chat_tells_the_same(desk: Desk, team: Team, tmp_path: Path) -> None:
    (tmp_path / "daily.csv").write_text(DAILY)
    specs = {
        "ga4-daily": SourceSpec(id="ga4-daily", reads="ga4-users", file="daily.csv", timezone="UTC", simulated=True),
        "orders": SourceSpec(id="orders", reads="csv", file="orders.csv", timezone="UTC"),
    }
    reads = {name: agent.model_copy(update={"sources": ("orders",)}) for name, agent in team.agents.items()}
    known = team.model_copy(update={"sources": specs, "agents": reads})
    reader = SourceReader(tmp_path, specs)
    event = InboundEvent(surface="cli", key="k", kind=InboundKind.COMMAND, account="ana", text="sources")
    answer = command(replace(desk, team=known, sources=reader), event, team.people["ana"])
    reader.close()
    assert answer.card is not None
    said = text.render(answer.card)
    [agent] = known.agents.values()
    assert f"orders: missing – No file matches orders.csv. Read by {agent.name}." in said
    assert "ga4-daily: nothing of yesterday" in said
    assert "Read by nobody. · made up" in said


def test_a_team_without_sources_says_so(desk: Desk, team: Team) -> None:
    event = InboundEvent(surface="cli", key="k", kind=InboundKind.COMMAND, account="ana", text="sources")
    answer = command(desk, event, team.people["ana"])
    assert answer.card is not None
    assert "This team has no sources." in text.render(answer.card)


def test_yesterday_is_a_day_of_the_teams_zone() -> None:
    found = yesterday(datetime(2021, 3, 29, 7, tzinfo=UTC), "Europe/Madrid")
    assert found == Window(since=datetime(2021, 3, 27, 23, tzinfo=UTC), until=datetime(2021, 3, 28, 22, tzinfo=UTC))
