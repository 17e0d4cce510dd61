"""The workspace everybody starts from is in order, safe, and has something to do at once."""

from pathlib import Path

import pytest

from agents.authority.decide import decide
from agents.authority.facts import CallFacts, ToolFacts
from agents.roster import ModelMind, Team
from bot.workspace import check_workspace, load_workspace
from store.records import SYSTEM, Access

ROOT = Path(__file__).parents[3] / "examples/first-light"
READS = ("machine.read", "git.read", "files.list_old", "notes.changes")
WRITES = ("files.move_old", "files.undo_move", "metrics.record", "digest.publish", "alert.raise")
TOOLS = {name: ToolFacts(name=name, access=Access.READ) for name in READS} | {
    name: ToolFacts(name=name, access=Access.WRITE) for name in WRITES
}


@pytest.fixture(scope="module")
def team() -> Team:
    return load_workspace(ROOT, known_tools=TOOLS)


def test_it_has_no_problem_and_no_warning() -> None:
    assert check_workspace(ROOT, known_tools=TOOLS) == []


def test_something_runs_as_soon_as_it_starts(team: Team) -> None:
    assert [schedule.id for schedule in team.schedules if schedule.on_start] == ["machine-watch.watch"]


def test_the_model_is_left_for_the_person_to_choose(team: Team) -> None:
    mind = team.agents["note-taker"].mind
    assert isinstance(mind, ModelMind)
    assert mind.model is None


def test_the_inbox_always_holds_something_old_in_a_fresh_clone(team: Team) -> None:
    inbox = ROOT / str(team.agents["machine-watch"].settings["tidy_folder"])
    assert [file.name for file in sorted(inbox.iterdir()) if file.name[:4] in ("2025", "2026")]


@pytest.mark.parametrize("tool", [*READS, *WRITES])
def test_moving_files_asks_a_person_and_nothing_else_does(team: Team, tool: str) -> None:
    agent = "note-taker" if tool == "notes.changes" else "machine-watch"
    call = CallFacts(agent=agent, tool=tool, initiator=SYSTEM, tainted=False, at=None)
    asks = tool in ("files.move_old", "files.undo_move")
    assert decide(team.policy, call).effect == ("human" if asks else "allow")
