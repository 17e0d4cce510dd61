"""A workspace names a routine that comes with Quarterdeck, and is told what that one needs."""

from pathlib import Path

from agents.roster import RoutineMind
from agents.tools.registry import tool_facts
from bot.foundation import known_tools
from bot.workspace import Problem, check_workspace, load_workspace

TOOLS = {name: tool_facts(tool.spec) for name in known_tools().names if (tool := known_tools().find(name))}
TEAM = """name: Harbour
timezone: UTC
agents:
  watch:
    purpose: Watches.
    routine: builtin:{routine}
    tools: [{tools}]
    settings: {settings}
people: {{ann: {{roles: [approver]}}}}
"""
WATCHING = "metrics.record, metrics.read, digest.publish, alert.raise, alert.clear"


def problems(folder: Path, routine: str, tools: str, settings: str = "{}") -> list[Problem]:
    (folder / "team.yaml").write_text(TEAM.format(routine=routine, tools=tools, settings=settings))
    return check_workspace(folder, known_tools=TOOLS)


def test_a_team_needs_no_file_but_its_own(tmp_path: Path) -> None:
    assert problems(tmp_path, "watch-machine", f"machine.read, {WATCHING}") == []
    team = load_workspace(tmp_path, known_tools=TOOLS)
    assert team.agents["watch"].mind == RoutineMind(file="builtin:watch-machine")
    assert [path.name for path in tmp_path.iterdir()] == ["team.yaml"]


def test_a_name_that_is_nearly_one_is_found(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "watch-mashine", f"machine.read, {WATCHING}")
    assert (problem.line, problem.nearest) == (6, "builtin:watch-machine")


def test_a_missing_tool_and_a_missing_setting_are_said_at_their_place(tmp_path: Path) -> None:
    found = problems(tmp_path, "watch-url", WATCHING)
    assert [(problem.line, problem.message) for problem in found] == [
        (7, "builtin:watch-url calls url.read"),
        (8, "builtin:watch-url needs the setting url"),
    ]
