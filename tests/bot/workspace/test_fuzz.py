"""Whatever stands in the file, checking it ends with problems or with none, never with a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.workspace import WorkspaceInvalid, check_workspace, load_workspace
from bot.workspace.yaml_reader import DEPTH_MAX, FILE_MAX_BYTES, NODES_MAX, read_yaml
from tests.bot.workspace.world import TEAM, TOOLS, make_workspace

LINES = TEAM.splitlines()
VALUES = [
    "",
    "~",
    "{}",
    "[]",
    "[[]]",
    "{a: }",
    "-1",
    "1e9",
    "0x1F",
    "9" * 400,
    "true",
    "'*'",
    "&a b",
    "*a",
    "!!int 3",
    "? x",
    "|",
    ">",
    "..",
    "/",
    "\\",
    "a/" * 300,
    "\x00",
    "é",
    "\ud7ff",
    "\u202e",
]
FRAGMENTS = st.sampled_from(
    [
        *VALUES,
        *[line.strip() for line in LINES],
        "name",
        "agents",
        ":",
        ": ",
        "- ",
        "\n",
        "  ",
        "\t",
        '"',
        "'",
        "#",
        "%YAML",
        "<<",
    ]
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("fuzz"))


def must_end_in_problems(root: Path, content: bytes) -> None:
    (root / "team.yaml").write_bytes(content)
    problems = check_workspace(root, known_tools=TOOLS)
    assert all(problem.line >= 1 and problem.column >= 1 and "\n" not in str(problem) for problem in problems)
    try:
        load_workspace(root, known_tools=TOOLS)
    except WorkspaceInvalid as refusal:
        assert refusal.problems == tuple(problems)  # noqa: PT017 - which of the two ends it takes is up to the content
    else:
        assert all(problem.severity == "warning" for problem in problems)


quickly = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quickly
@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
@example("\ufeff")
@example("a: &a [*a]")
@example("a: \x85b")
def test_any_text(root: Path, text: str) -> None:
    must_end_in_problems(root, text.encode())


@quickly
@given(content=st.binary(max_size=200))
def test_any_bytes(root: Path, content: bytes) -> None:
    must_end_in_problems(root, content)


@quickly
@given(parts=st.lists(FRAGMENTS, max_size=40))
def test_pieces_of_yaml(root: Path, parts: list[str]) -> None:
    must_end_in_problems(root, "".join(parts).encode("utf-8", "surrogatepass"))


@settings(quickly, max_examples=600)
@given(
    line=st.integers(0, len(LINES) - 1), value=st.sampled_from(VALUES), where=st.sampled_from(["value", "line", "more"])
)
def test_a_team_with_one_line_broken(root: Path, line: int, value: str, where: str) -> None:
    lines = list(LINES)
    head, colon, _ = lines[line].partition(": ")
    lines[line] = {"value": f"{head}{colon or ': '}{value}", "line": value, "more": f"{lines[line]} {value}"}[where]
    must_end_in_problems(root, "\n".join(lines).encode("utf-8", "surrogatepass"))


@settings(quickly, max_examples=200)
@given(start=st.integers(0, len(TEAM)), length=st.integers(1, 120), moved_to=st.integers(0, len(TEAM)))
def test_a_team_with_a_piece_moved(root: Path, start: int, length: int, moved_to: int) -> None:
    piece, rest = TEAM[start : start + length], TEAM[:start] + TEAM[start + length :]
    must_end_in_problems(root, (rest[:moved_to] + piece + rest[moved_to:]).encode())


def test_depth_size_and_number_of_values_are_bounded() -> None:
    for text, said in (
        ("[" * 50_000, f"nested deeper than {DEPTH_MAX} levels"),
        ("- 1\n" * (NODES_MAX + 1), f"more than {NODES_MAX} values"),
        ("#" * (FILE_MAX_BYTES + 1), f"the file has {FILE_MAX_BYTES + 1} bytes"),
    ):
        document = read_yaml("team.yaml", text.encode())
        assert document.node is None
        assert said in document.problems[-1].message


def test_a_bomb_of_aliases_is_refused_before_it_can_grow() -> None:
    lines = ["a0: &a0 [x, x]", *[f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]]
    document = read_yaml("team.yaml", "\n".join(lines).encode())
    assert len(document.problems) == 40 + 2 * 39
