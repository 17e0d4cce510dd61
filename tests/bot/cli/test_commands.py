"""Every command, in words and as JSON: on a record with nothing in it, beside a running team, and after it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import exits
from bot.cli.app import run_command
from tests.scenarios.commands import here, quarterdeck, team_up, until, within
from tests.scenarios.workspaces import copied_example, write_team

IDLE = """
name: Idle
timezone: UTC
agents:
  helper: {name: Helper, purpose: Waits., routine: help.py, tools: [metrics.record]}
people:
  ana: {roles: [approver]}
  ben: {roles: [approver]}
policy: trusted
"""
HELP = "async def run(ctx):\n    return {}\n"


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose team has run and did nothing at all."""
    folder = write_team(tmp_path_factory.mktemp("idle") / "team", IDLE, help=HELP)
    with team_up(folder):
        pass
    return folder


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example, running: its first run waits for a decision."""
    folder = copied_example(tmp_path_factory.mktemp("busy") / "team")
    with team_up(folder, env={"QUARTERDECK_LOG_LEVEL": "warning"}):
        until("somebody is asked", lambda: json.loads(within("approvals", "-w", folder, "--json").stdout))
        yield folder


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    return lambda *arguments: here(capsys, *arguments)


def test_the_help_fits_a_screen_and_names_every_command(say: Callable[..., str]) -> None:
    text = quarterdeck("--help").stdout
    assert text.startswith("Usage: quarterdeck COMMAND")
    assert len(text.splitlines()) <= 52
    headings = ["Run the team", "See what it does", "Give it orders, while it runs", "Options"]
    assert re.findall(r"╭─ (.+?) ─", text) == headings
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", say("--version"))


def test_on_a_record_with_nothing_in_it(idle: Path, say: Callable[..., str]) -> None:
    assert say("runs", "-w", idle) == "No runs yet.\n"
    assert say("approvals", "-w", idle) == "Nothing waits for a decision.\n"
    assert say("schedules", "-w", idle) == "This team has no schedules.\n"
    assert say("tasks", "-w", idle) == "No tasks.\n"
    assert "Nothing needs you" in say("status", "-w", idle)
    assert "Helper: Idle" in say("agents", "-w", idle)
    assert "The team" in say("budget", "-w", idle)
    assert [spent["agent_id"] for spent in json.loads(say("budget", "-w", idle, "--json"))] == ["helper"]
    assert [agent["agent_id"] for agent in json.loads(say("agents", "-w", idle, "--json"))] == ["helper"]
    for command in ("runs", "approvals", "schedules", "notes", "decisions", "topics"):
        assert json.loads(say(command, "-w", idle, "--json")) == []
    tracked = json.loads(say("tasks", "all", "-w", idle, "--json", "--history"))
    assert (tracked["version"], tracked["team"], tracked["tasks"]) == (1, "Idle", [])
    assert "Everything was acknowledged." in say("notes", "-w", idle)
    assert "No decisions." in say("decisions", "-w", idle)
    assert "declares no topics" in say("topics", "-w", idle)
    assert [agent["agent_id"] for agent in json.loads(say("status", "-w", idle, "--json"))["agents"]] == ["helper"]
    assert [card["kind"] for card in json.loads(say("cards", "-w", idle))] == ["role", "fleet"]
    assert json.loads(say("cards", "-w", idle, "--kind", "approval")) == []
    assert re.match(r"Whole: \d+ events\. Head [0-9a-f]{64}\n", say("audit", "verify", "-w", idle))


def test_check_and_doctor(idle: Path, say: Callable[..., str]) -> None:
    assert say("check", idle) == f"{idle}: ready to run.\n"
    looked = say("doctor", "-w", idle)
    assert "QUARTERDECK_CONSOLE_PORT" in looked
    assert "ok   workspace: Idle" in looked
    assert "-    running team: not running" in looked
    points = say("doctor", "--crash-points").splitlines()
    assert any(re.match(r"tx\.approvals\.decide\.before +\w", point) for point in points)


def test_beside_a_running_team(busy: Path, say: Callable[..., str]) -> None:
    assert "needs you" in say("status", "-w", busy) or "need you" in say("status", "-w", busy)
    waiting = _only(json.loads(say("approvals", "-w", busy, "--json")))
    assert say("approvals", "-w", busy).startswith(f"{waiting['id']}  machine-watch  Moves 3 files")
    assert _state(say, busy, waiting["run_id"]) == "waiting"
    assert f"{waiting['run_id']}  " in say("runs", "machine-watch", "-w", busy)
    assert len(json.loads(say("runs", "-w", busy, "--json", "--limit", "1"))) == 1
    assert say("runs", "nobody", "-w", busy) == "No runs yet.\n"
    assert re.search(r"^machine-watch\.watch  every 600 s  next ", say("schedules", "-w", busy), re.MULTILINE)
    assert len(json.loads(say("schedules", "-w", busy, "--json"))) == 4
    assert "ok   running team: answers" in say("doctor", "-w", busy)
    assert run_command(["doctor", "--health", "-w", str(busy)]) == exits.DONE


@pytest.mark.parametrize("form", ["json", "text", "html", "slack", "discord"])
def test_cards_in_every_form(busy: Path, say: Callable[..., str], form: str) -> None:
    [run] = {approval["run_id"] for approval in json.loads(say("approvals", "-w", busy, "--json"))}
    drawn = json.loads(say("cards", "-w", busy, "--as", form))
    mine = json.loads(say("cards", "-w", busy, "--as", form, "--run", run))
    asked = json.loads(say("cards", "-w", busy, "--as", form, "--kind", "approval"))
    assert 0 < len(mine) < len(drawn)
    assert len(asked) == 1
    assert asked[0] in mine
    assert {type(card) for card in drawn} == {str if form in ("text", "html") else dict}
    assert "Moves 3 files" in json.dumps(asked)


def test_orders_are_carried_out_and_answered(busy: Path, say: Callable[..., str]) -> None:
    place = ("-w", busy)
    assert say("pause", "note-taker", *place) == "Note Taker is paused.\n"
    assert _refused("run", "note-taker", *place, say="paused")
    assert say("resume", "note-taker", *place).startswith("Note Taker is ")
    assert say("pause", "machine-watch.digest", *place)
    assert "paused" in say("schedules", *place)
    assert say("resume", "machine-watch.digest", *place)
    started = say("run", "note-taker", *place)
    [run] = re.findall(r"run_\w+", started)
    assert started.startswith("Note Taker starts now")
    until("it is done", lambda: _state(say, busy, run) == "done")
    assert say("stop", run, *place) == "Nothing is running there.\n"
    assert json.loads(say("cards", *place, "--run", run, "--kind", "digest"))


def test_a_decision_from_the_command_line(busy: Path, say: Callable[..., str]) -> None:
    approval = _only(json.loads(say("approvals", "-w", busy, "--json")))["id"]
    assert _refused("approve", "apv_none", "-w", busy, say="no approval apv_none")
    assert _refused(
        "approve", approval, "-w", busy, "--as", "stranger", say="no person 'stranger'. It has captain, mate."
    )
    answer = say("reject", approval, "--reason", "Not now.", "--as", "mate", "-w", busy)
    assert answer.startswith("Rejected")
    assert _refused("approve", approval, "-w", busy, say="This was already rejected by Mate on the command line.")
    assert say("approvals", "-w", busy) == "Nothing waits for a decision.\n"
    assert (busy / "inbox" / "2026-01-31-notes.txt").exists()


def test_after_the_team_has_stopped(idle: Path, say: Callable[..., str], tmp_path: Path) -> None:
    folder = write_team(tmp_path / "team", IDLE, help=HELP)
    with team_up(folder):
        assert say("run", "helper", "-w", folder).startswith("Helper starts now")
        until("it is done", lambda: "done" in say("runs", "-w", folder))
    assert "done" in say("runs", "-w", folder)
    assert json.loads(say("runs", "-w", folder, "--json"))[0]["state"] == "done"
    assert "Helper" in say("status", "-w", folder)
    assert _refused("run", "helper", "-w", folder, say="No running team answers.", code=exits.NOT_RUNNING)


def _only(found: list[Any]) -> Any:
    [one] = found
    return one


def _state(say: Callable[..., str], folder: Path, run_id: str) -> str:
    found = {run["id"]: str(run["state"]) for run in json.loads(say("runs", "-w", folder, "--json"))}
    return found[run_id]


def _refused(*arguments: object, say: str, code: int = exits.MISTAKE) -> bool:
    """True when the order is refused with these words on standard error and nothing on standard output."""
    done = quarterdeck(*arguments)
    assert say in done.stderr
    return (done.returncode, done.stdout) == (code, "")
