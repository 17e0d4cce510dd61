"""An audition replays the past: what it would have posted and asked is told, and nothing real is touched."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import exits
from bot.cli.app import run_command
from bot.foundation import load_team
from tests.contracts.test_readings import git
from tests.scenarios.workspaces import fingerprint

LAST = date(2026, 3, 31)
TEAM = """
name: Shop     # ours
timezone: UTC
data: .
sources:
  orders: {reads: csv, file: orders.csv, time: day}
metrics:
  orders: {name: Orders, agent: watch, source: orders, value: sum(orders), per: day, next_step: Look.}
agents:
  watch:
    purpose: Watches.
    routine: builtin:watch-csv
    tools: [data.check, metrics.judge, digest.publish, alert.raise, alert.clear]
    sources: [orders]
    schedules: {digest: {cron: "0 8 * * *", on_start: true, input: {task: digest}}}
  idle:
    purpose: Is idle.
    routine: idle.py
    tools: []
    schedules: {often: {every: 1h}}

# Who we are.
people:
  ann: {roles: [owner, approver]}
  ben: {roles: [approver]}
policy: POLICY
"""
TIDY = """purpose: Tidies.
routine: tidy.py
tools: [files.move_old]
settings: {in_folder: inbox, out_folder: archive}
schedules: {daily: {cron: "0 9 * * *"}}
"""
TIDY_ROUTINE = """
from agents.minds.routine import ToolRefused


async def run(ctx):
    paths = ["2020-01-01-old.txt"]
    try:
        await ctx.call("files.move_old", folder="inbox", to_folder="archive", paths=paths, older_than_days=30)
    except ToolRefused as no:
        return {"left": no.message}
"""


def shop(folder: Path, policy: str = "trusted") -> Path:
    """A team with ninety days of orders, the last out of the ordinary, and a candidate that changes files."""
    folder.mkdir()
    (folder / "team.yaml").write_text(TEAM.replace("POLICY", policy))
    (folder / "idle.py").write_text("async def run(ctx):\n    return {}\n")
    (folder / "tidy.py").write_text(TIDY_ROUTINE)
    (folder / "candidates").mkdir()
    (folder / "candidates" / "tidy.yaml").write_text(TIDY)
    for name in ("inbox", "archive"):
        (folder / name).mkdir()
    (folder / "inbox" / "2020-01-01-old.txt").write_text("old")
    with (folder / "orders.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["day", "orders"])
        for number in range(90):
            day = LAST - timedelta(days=89 - number)
            out.writerow([day.isoformat(), 9 if day == LAST else 100 + number * 7 % 11])
    return folder


def auditioned(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    capsys.readouterr()
    assert run_command(["audition", *map(str, arguments), "--json"]) == exits.DONE
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def test_it_tells_what_it_would_have_posted_and_touches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shop(tmp_path / "shop")
    before = fingerprint(folder)
    told = auditioned(capsys, "watch", "-w", folder, "--html", tmp_path / "page.html")
    assert told["runs"] == {"done": 28}
    assert isinstance(told["alerts"], list)
    assert [(alert["metric"], alert["value"]) for alert in told["alerts"]] == [("orders", "9")]
    assert isinstance(told["cards"], list)
    assert {card["kind"] for card in told["cards"]} == {"digest", "alert"}
    assert (told["approvals"], told["cost_micros"]) == ([], 0)
    page = (tmp_path / "page.html").read_text()
    assert page.count("<article") >= 29
    assert "nothing of this happened" in page
    assert fingerprint(folder) == before
    assert not (folder / ".quarterdeck" / "quarterdeck.db").exists()
    assert auditioned(capsys, "watch", "-w", folder) == told, "the same past gives the same cards"


def test_a_span_may_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shop(tmp_path / "shop")
    told = auditioned(capsys, "watch", "-w", folder, "--from", "2026-03-10", "--until", "2026-03-15")
    assert told["runs"] == {"done": 5}
    assert told["alerts"] == []
    assert run_command(["audition", "watch", "-w", str(folder), "--from", "2026-04-01", "--until", "2026-03-15"]) == 2
    assert "does not come before" in capsys.readouterr().err


@pytest.mark.parametrize(("policy", "alone"), [("trusted", True), ("ask-for-writes", False)])
def test_what_would_change_something_is_asked_and_answered_by_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], policy: str, alone: bool
) -> None:
    folder = shop(tmp_path / "shop", policy)
    told = auditioned(capsys, "tidy", "-w", folder, "--from", "2026-03-10", "--until", "2026-03-12")
    assert isinstance(told["approvals"], list)
    assert [(one["tool"], one["alone"]) for one in told["approvals"]][:1] == [("files.move_old", alone)]
    assert (folder / "inbox" / "2020-01-01-old.txt").exists()


def test_what_the_policy_refuses_stays_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shop(tmp_path / "shop", "watch-only")
    told = auditioned(capsys, "tidy", "-w", folder, "--from", "2026-03-10", "--until", "2026-03-12")
    assert (told["approvals"], told["runs"]) == ([], {"done": 2})


def test_then_hire_adds_the_candidate_and_keeps_every_comment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shop(tmp_path / "shop")
    before = (folder / "team.yaml").read_text()
    order = ["audition", "tidy", "-w", str(folder), "--from", "2026-03-10", "--until", "2026-03-11"]
    assert run_command([*order, "--hire"]) == exits.DONE
    said = capsys.readouterr().out
    assert "+  tidy:" in said
    assert "Audition of Tidy" in said
    after = (folder / "team.yaml").read_text()
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert list(load_team(folder).agents) == ["watch", "idle", "tidy"]


def test_an_unknown_candidate_names_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shop(tmp_path / "shop")
    assert run_command(["audition", "tidi", "-w", str(folder)]) == exits.MISTAKE
    assert "Did you mean tidy?" in capsys.readouterr().err


def test_a_repository_is_read_as_its_history_has_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, team = tmp_path / "code", tmp_path / "team"
    code.mkdir()
    git(code, "init")
    for day in (10, 11, 13):
        git(code, "commit", "--allow-empty", "-m", f"Work of day {day}", at=datetime(2026, 3, day, 12, tzinfo=UTC))
    assert run_command(["init", str(team), "--watch", str(code), "--yes"]) == exits.DONE
    told = auditioned(capsys, "git-watch", "-w", team, "--from", "2026-03-11", "--until", "2026-03-14")
    assert isinstance(told["cards"], list)
    shown = [json.dumps(card) for card in told["cards"]]
    assert [day for day in (10, 11, 13) if any(f"Work of day {day}" in card for card in shown)] == [10, 11]
    assert sum("1 commit on main since yesterday." in card for card in shown) == 2
    assert sum("No commits on main since yesterday." in card for card in shown) == 1
