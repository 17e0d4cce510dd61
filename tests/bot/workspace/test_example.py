"""The workspace everybody starts from is in order, safe, and has something to do at once."""

from pathlib import Path

import pytest

from agents.authority.decide import decide
from agents.authority.facts import CallFacts
from agents.authority.starters import OWN_RECORD_TOOLS
from agents.roster import ModelMind, Team
from agents.tools.builtin import builtin_tools
from agents.tools.registry import tool_facts
from bot.workspace import check_workspace, load_workspace
from store.records import SYSTEM, Access

ROOT = Path(__file__).parents[3] / "examples/first-light"
TOOLS = {tool.spec.name: tool_facts(tool.spec) for tool in builtin_tools()}


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


def test_moving_files_asks_a_person_and_nothing_else_does(team: Team) -> None:
    asked = set()
    for agent in team.agents.values():
        for tool in agent.tools:
            call = CallFacts(agent=agent.id, tool=tool, initiator=SYSTEM, tainted=True, at=None)
            effect = decide(team.policy, call).effect
            assert effect in ("allow", "human"), tool
            asked |= {tool} if effect == "human" else set()
    assert asked == {"files.move_old", "files.undo_move"}


def test_the_starters_let_an_agent_keep_the_record_with_every_tool_that_only_does_that() -> None:
    assert set(OWN_RECORD_TOOLS) <= set(TOOLS)
    assert all(TOOLS[name].access is Access.WRITE and not TOOLS[name].irreversible for name in OWN_RECORD_TOOLS)
