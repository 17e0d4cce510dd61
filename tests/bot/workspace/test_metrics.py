"""Metrics of a workspace: in team.yaml or in metrics.yaml, and every mistake where it stands."""

from pathlib import Path

import pytest

from agents.authority.facts import ToolFacts
from bot.workspace import check_workspace, load_workspace
from store.records import Access
from tests.bot.workspace.world import TEAM, TOOLS, make_workspace

SOURCES = "sources:\n  site: {reads: csv, file: site.csv}\n  log: {reads: csv, file: log.csv}\n"
METRICS = """\
users:
  agent: watch
  source: site
  value: sum(users)
  per: day
  unit: users
  country: DE
  next_step: Look where they come from.
"""
KNOWN = {**TOOLS, "metrics.judge": ToolFacts(name="metrics.judge", access=Access.READ, arguments={})}
WITH = TEAM.replace("files.move]\n", "files.move, metrics.judge]\n    sources: [site]\n", 1) + SOURCES


def workspace(folder: Path, metrics: str = METRICS, team: str = WITH) -> Path:
    root = make_workspace(folder, team)
    (root / "data").mkdir()
    for name in ("site.csv", "log.csv"):
        (root / "data" / name).write_text("a\n1\n")
    (root / "metrics.yaml").write_text(metrics)
    return root


def test_a_metric_is_read_from_its_own_file_and_fills_in_what_is_left_out(tmp_path: Path) -> None:
    users = load_workspace(workspace(tmp_path), known_tools=KNOWN).metrics["users"]
    assert (users.name, users.agent, users.watch, users.where) == ("Users", "watch", "both", None)
    assert (users.source, users.per, users.country, users.unit) == ("site", "day", "DE", "users")


def test_it_is_the_same_under_the_key_of_team_yaml(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    apart = load_workspace(root, known_tools=KNOWN)
    (root / "metrics.yaml").unlink()
    indented = "".join(f"  {line}\n" for line in METRICS.splitlines())
    (root / "team.yaml").write_text(f"{WITH}metrics:\n{indented}")
    together = load_workspace(root, known_tools=KNOWN)
    assert together.metrics == apart.metrics
    assert together.digest == apart.digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "users:\n",
            "Users:\n",
            'metrics.yaml:1:1 metrics.Users: found "Users"; allowed: a name of lower-case letters',
        ),
        ("agent: watch", "agent: wacth", 'metrics.yaml:2:10 metrics.users.agent: unknown agent "wacth"'),
        ("source: site", "source: sit", 'metrics.yaml:3:11 metrics.users.source: unknown source "sit"'),
        (
            "source: site",
            "source: log",
            "metrics.yaml:3:3 metrics.users.source: watch may not see the source log; allowed: site",
        ),
        ("per: day", "per: week", 'metrics.yaml:5:8 metrics.users.per: found "week"; allowed: day, hour'),
        ("  value: sum(users)\n", "", 'metrics.yaml:1:1 metrics.users: missing key "value"'),
        (
            "country: DE",
            "country: XX",
            "metrics.yaml:7:3 metrics.users.country: there is no holiday calendar for XX; allowed: a code",
        ),
        ("country: DE", "country: Germany", "metrics.yaml:7:12 metrics.users.country: found"),
        ("unit: users", "unit: users of the whole site", "metrics.yaml:6:9 metrics.users.unit: found"),
        ("per: day", "per: day\n  watch: sideways", "metrics.yaml:6:10 metrics.users.watch: found"),
        ("next_step", "next", 'metrics.yaml:8:3 metrics.users.next: unknown key "next"'),
    ],
)
def test_a_mistake_is_said_where_it_stands(tmp_path: Path, old: str, new: str, said: str) -> None:
    lines = [
        str(problem)
        for problem in check_workspace(workspace(tmp_path, METRICS.replace(old, new, 1)), known_tools=KNOWN)
    ]
    assert any(line.startswith(said) for line in lines), lines


def test_a_metric_that_nobody_judges_is_a_warning_and_judging_nothing_an_error(tmp_path: Path) -> None:
    quiet = WITH.replace(", metrics.judge]", "]")
    (warning,) = check_workspace(workspace(tmp_path, team=quiet), known_tools=KNOWN)
    assert str(warning).startswith("warning: metrics.yaml:2:") or warning.severity == "warning"
    assert "watch never judges it" in str(warning)


def test_a_judge_without_metrics_is_an_error(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "metrics.yaml").unlink()
    (problem,) = check_workspace(root, known_tools=KNOWN)
    assert "metrics.judge judges the agent's metrics, and it has none" in str(problem)
    assert problem.severity == "error"
