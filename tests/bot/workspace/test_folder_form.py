"""The folder form is the same team split over files; nothing may be given twice, and nothing is left out silently."""

from pathlib import Path

import yaml

from bot.workspace import check_workspace, load_workspace
from tests.bot.workspace.world import TEAM, TOOLS, make_workspace


def split(root: Path) -> Path:
    """Writes the team of world.py in the folder form."""
    whole = yaml.safe_load(TEAM)
    make_workspace(root)
    (root / "agents").mkdir()
    for name, agent in whole.pop("agents").items():
        (root / "agents" / f"{name}.yaml").write_text(yaml.safe_dump(agent, sort_keys=False))
    for key in ("people", "policy", "models"):
        (root / f"{key}.yaml").write_text(yaml.safe_dump(whole.pop(key), sort_keys=False))
    (root / "team.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))
    return root


def said(root: Path) -> list[str]:
    return [str(problem) for problem in check_workspace(root, known_tools=TOOLS)]


def test_the_split_team_is_the_same_team(tmp_path: Path) -> None:
    one = load_workspace(make_workspace(tmp_path / "one"), known_tools=TOOLS)
    many = load_workspace(split(tmp_path / "many"), known_tools=TOOLS)
    assert said(tmp_path / "many") == []
    assert many.digest == one.digest
    assert many.model_copy(update={"root": one.root}) == one


def test_the_team_file_itself_may_be_named(tmp_path: Path) -> None:
    root = split(tmp_path)
    assert load_workspace(root / "team.yaml", known_tools=TOOLS) == load_workspace(root, known_tools=TOOLS)


def test_a_mistake_is_said_with_its_own_file_and_whole_path(tmp_path: Path) -> None:
    root = split(tmp_path)
    file = root / "agents/watch.yaml"
    file.write_text(file.read_text().replace("purpose:", "pupose:"))
    lines = said(root)
    line = 1 + file.read_text().splitlines().index("pupose: Watches the machine.")
    assert lines[0] == 'agents/watch.yaml:1:1 agents.watch: missing key "purpose"'
    assert lines[1].startswith(f'agents/watch.yaml:{line}:1 agents.watch.pupose: unknown key "pupose"')
    assert len(lines) == 2


def test_one_key_given_twice_is_an_error_at_the_key(tmp_path: Path) -> None:
    root = split(tmp_path)
    with (root / "team.yaml").open("a") as file:
        file.write("people: {ann: {roles: [approver]}}\n")
    assert [line for line in said(root) if "given" in line] == [
        (
            f"team.yaml:{len((root / 'team.yaml').read_text().splitlines())}:1 people: "
            "people is given here and in people.yaml; allowed: one of the two"
        )
    ]


def test_a_part_that_cannot_be_read_is_one_problem_not_many(tmp_path: Path) -> None:
    root = split(tmp_path)
    (root / "agents/watch.yaml").write_text("purpose: [\n")
    assert [line.split(" ")[0] for line in said(root)] == ["agents/watch.yaml:2:1"]
    root = split(tmp_path / "b")
    (root / "people.yaml").write_text("")
    assert [line.split(" ")[0] for line in said(root)] == ["people.yaml:1:1"]


def test_files_that_would_be_left_out_silently_are_named(tmp_path: Path) -> None:
    root = split(tmp_path)
    (root / "policy.yaml").rename(root / "polcy.yaml")
    (root / "agents/notes.yaml").rename(root / "agents/notes.yml")
    (root / "docker-compose.yaml").write_text("services: {}\n")
    (root / "people-script.yaml").write_text("answers: []\n")
    lines = said(root)
    assert 'agents/notes.yml:1:1: this file is not read; allowed: .yaml files; did you mean "notes.yaml"?' in lines
    [line] = [line for line in lines if line.startswith("polcy.yaml")]
    assert line.endswith('did you mean "policy.yaml"?')
    assert not [line for line in lines if "docker" in line or "script" in line]


def test_an_agent_file_named_like_no_agent_is_refused(tmp_path: Path) -> None:
    root = split(tmp_path)
    (root / "agents/notes.yaml").rename(root / "agents/Note Taker.yaml")
    [line] = said(root)
    assert line.startswith('agents/Note Taker.yaml:1:1 agents.Note Taker: found "Note Taker"; allowed: a name of')
