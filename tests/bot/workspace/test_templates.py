"""Templates of a workspace: tried when it is checked; a broken one is a warning with its line and stops no team."""

from pathlib import Path

from bot.workspace import check_workspace, load_workspace
from tests.bot.workspace.world import TOOLS, make_workspace


def written(root: Path, source: str, name: str = "daily.j2") -> Path:
    make_workspace(root)
    (root / "templates").mkdir()
    (root / "templates" / name).write_text(source)
    return root


def said(root: Path) -> list[str]:
    return [str(problem) for problem in check_workspace(root, known_tools=TOOLS)]


def test_a_sound_template_is_part_of_the_team_and_of_its_digest(tmp_path: Path) -> None:
    bare = load_workspace(make_workspace(tmp_path / "bare"), known_tools=TOOLS)
    root = written(tmp_path / "with", "[figures]\n{{ headline }}\n")
    team = load_workspace(root, known_tools=TOOLS)
    assert said(root) == []
    assert dict(team.templates) == {"daily": "[figures]\n{{ headline }}\n"}
    assert team.digest != bare.digest


def test_a_broken_template_is_said_where_it_stands_and_the_team_still_loads(tmp_path: Path) -> None:
    root = written(tmp_path, "## Today\n\n{{ nope }}\n")
    assert said(root) == ["templates/daily.j2:3:1: warning: 'nope' is undefined"]
    team = load_workspace(root, known_tools=TOOLS)
    assert (dict(team.templates), team.broken_templates) == ({}, frozenset({"daily"}))


def test_what_only_an_empty_digest_lacks_is_found_too(tmp_path: Path) -> None:
    [line] = said(written(tmp_path, "{{ figures[0].label }}"))
    assert line.startswith("templates/daily.j2:1:1: warning: ")


def test_a_file_of_another_name_is_not_read_silently(tmp_path: Path) -> None:
    [line] = said(written(tmp_path, "x", "Daily.html"))
    assert line.startswith("templates/Daily.html:1:1: warning: this file is not read; allowed: templates/NAME.j2")
