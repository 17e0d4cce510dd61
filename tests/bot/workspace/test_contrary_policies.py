"""A schedule whose misfire and overlap policies contradict each other is an error, said where it stands."""

from pathlib import Path

from bot.workspace import check_workspace

TEAM = """
name: T
timezone: UTC
agents:
  watch:
    name: Watch
    purpose: Watches.
    routine: watch.py
    tools: []
    schedules:
      often: {every: 10s, misfire: run_all, overlap: OVERLAP}
people:
  ana: {name: Ana, roles: [approver], accounts: {console: ana}}
policy: watch-only
"""


def said(folder: Path, overlap: str) -> list[str]:
    (folder / "watch.py").write_text("async def run(ctx):\n    return {}\n")
    (folder / "team.yaml").write_text(TEAM.replace("OVERLAP", overlap))
    return [str(problem) for problem in check_workspace(folder, known_tools={}) if problem.severity == "error"]


def test_running_all_that_was_missed_needs_a_queue(tmp_path: Path) -> None:
    [problem] = said(tmp_path, "skip")
    assert problem.startswith("team.yaml:11:")
    assert "misfire: run_all and overlap: skip contradict each other" in problem
    assert said(tmp_path, "queue") == []
