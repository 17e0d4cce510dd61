"""Every mistake is said where it stands, with what is allowed and the nearest valid name; and all of them at once."""

from pathlib import Path

import pytest

from bot.workspace import WorkspaceInvalid, check_workspace, load_workspace
from tests.bot.workspace.world import TEAM, TOOLS, make_workspace

TABLE = Path(__file__).with_name("mistakes.txt").read_text("utf-8")


def cases() -> list[tuple[str, str, list[str]]]:
    blocks = [block.splitlines() for block in TABLE.split("\n\n") if block.startswith("- ")]
    return [(_unescaped(lines[0]), _unescaped(lines[1]), [line[2:] for line in lines[2:]]) for lines in blocks]


def _unescaped(line: str) -> str:
    return line[2:].encode().decode("unicode_escape")


def said(root: Path) -> list[str]:
    return [str(problem) for problem in check_workspace(root, known_tools=TOOLS)]


def test_the_team_without_a_mistake_has_no_problem(tmp_path: Path) -> None:
    assert said(make_workspace(tmp_path)) == []


def test_the_table_is_read_whole() -> None:
    assert len(cases()) == TABLE.count("\n- ") >= 80


@pytest.mark.parametrize(("old", "new", "expected"), cases())
def test_a_mistake_is_said_to_the_letter(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert TEAM.count(old) >= 1, "the table no longer fits the team of world.py"
    lines = said(make_workspace(tmp_path, TEAM.replace(old, new, 1)))
    assert len(lines) == len(expected), lines
    for line, wanted in zip(lines, expected, strict=True):
        assert line.startswith(wanted[:-1]) if wanted.endswith("…") else line == wanted


def test_mistakes_in_every_section_are_said_at_once(tmp_path: Path) -> None:
    text = (
        TEAM.replace("Europe/London", "Europe/Londno")
        .replace("routines/watch.py", "routines/gone.py")
        .replace("files.move]\n    settings", "files.mvoe]\n    settings")
        .replace("U012AB", "bob")
        .replace("effect: deny", "effect: refuse")
        .replace("role: approver", "role: approvre")
        .replace("OPENAI_API_KEY", "the key")
    )
    paths = [problem.path for problem in check_workspace(make_workspace(tmp_path, text), known_tools=TOOLS)]
    assert paths == [
        "timezone",
        "agents.watch.routine",
        "agents.watch.tools[1]",
        "people.ann.accounts.slack",
        "policy.rules[0].effect",
        "approvals.role",
        "models.small.key_env",
    ]


def test_a_team_with_errors_does_not_load_and_the_refusal_holds_every_line(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, TEAM.replace("steps: 20", "stps: 20").replace("every: 10m", "every: often"))
    with pytest.raises(WorkspaceInvalid) as refusal:
        load_workspace(root, known_tools=TOOLS)
    assert str(refusal.value).splitlines() == ["The workspace has 2 errors:", *said(root)]


def test_warnings_do_not_keep_a_team_from_loading(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, TEAM.replace("effect: deny", "effect: allow"))
    assert [problem.severity for problem in check_workspace(root, known_tools=TOOLS)] == ["warning"]
    assert load_workspace(root, known_tools=TOOLS).name == "Harbour"


def test_a_missing_folder_and_a_missing_file_are_plain_problems(tmp_path: Path) -> None:
    [line] = said(tmp_path / "nowhere")
    assert line.startswith("team.yaml:1:1: there is no file ")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x80abc", b"\xc3\x28"])
def test_bytes_that_are_not_text_are_one_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "team.yaml").write_bytes(content)
    assert said(tmp_path) == ["team.yaml:1:1: the file is not UTF-8 text"]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_one_problem(tmp_path: Path, text: str) -> None:
    (tmp_path / "team.yaml").write_text(text)
    assert len(said(tmp_path)) == 1


def test_a_routine_must_be_python_that_defines_run(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    (root / "routines/watch.py").write_text("def run(ctx): pass\n")
    [line] = said(root)
    assert "the file has no `async def run`" in line
    (root / "routines/watch.py").write_text("async def run(ctx:\n")
    [line] = said(root)
    assert "the file is not Python (line 1)" in line


def test_a_link_that_leads_out_of_the_workspace_is_refused(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "team")
    (tmp_path / "outside").mkdir()
    (root / "inbox").rmdir()
    (root / "inbox").symlink_to(tmp_path / "outside")
    assert said(root) == [
        (
            'team.yaml:10:20 agents.watch.settings.tidy_folder: found "inbox"; '
            "allowed: the path of a folder inside the workspace"
        )
    ]
