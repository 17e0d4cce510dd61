"""What a simulated team works on: copies of exactly what its agents name, and the originals are only read."""

import os
from pathlib import Path

import pytest

from agents.authority.facts import ToolFacts
from agents.roster import Team
from bot.simulation import private_copy
from bot.simulation.private_copy import privately
from bot.workspace import load_workspace
from store.kernel.errors import UserMistake
from store.records import Access

TEAM = """
name: Harbour
timezone: UTC
agents:
  watch:
    purpose: Watches.
    routine: routines/watch.py
    tools: [files.move]
    settings: {tidy_folder: inbox, list_file: lists/names.txt, older_than_days: 30}
people:
  ana: {roles: [approver]}
policy: ask-for-writes
"""
LONG_AGO = 1_600_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "team"
    written = {
        "team.yaml": TEAM,
        "routines/watch.py": "async def run(ctx):\n    return {}\n",
        "inbox/new.txt": "new",
        "inbox/2025/old.txt": "old",
        "lists/names.txt": "names",
        "lists/others.txt": "others",
        "secrets/key.txt": "secret",
        ".env": "KEY=secret",
    }
    for name, text in written.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "inbox/empty").mkdir()
    os.utime(root / "inbox/2025/old.txt", (LONG_AGO, LONG_AGO))
    return root


def load(root: Path) -> Team:
    facts = ToolFacts(name="files.move", access=Access.WRITE, irreversible=False, arguments=None)
    return load_workspace(root, known_tools={"files.move": facts})


def copied(team: Team) -> dict[str, str | None]:
    """Every path of the copy with its text; None for a folder."""
    found = sorted(team.root.rglob("*"))
    return {str(path.relative_to(team.root)): path.read_text() if path.is_file() else None for path in found}


def test_what_the_agents_name_is_copied_and_nothing_else(root: Path, tmp_path: Path) -> None:
    team = privately(load(root), tmp_path / "copy", leave_out=root / ".quarterdeck")
    assert team.root == tmp_path / "copy"
    assert copied(team) == {
        "inbox": None,
        "inbox/2025": None,
        "inbox/2025/old.txt": "old",
        "inbox/empty": None,
        "inbox/new.txt": "new",
        "lists": None,
        "lists/names.txt": "names",
        "routines": None,
        "routines/watch.py": "async def run(ctx):\n    return {}\n",
    }
    assert (team.root / "inbox/2025/old.txt").stat().st_mtime == LONG_AGO


def test_a_change_of_the_copy_leaves_the_original_alone(root: Path, tmp_path: Path) -> None:
    team = privately(load(root), tmp_path / "copy", leave_out=root / ".quarterdeck")
    (team.root / "inbox/new.txt").write_text("changed")
    (team.root / "inbox/2025/old.txt").unlink()
    assert (root / "inbox/new.txt").read_text() == "new"
    assert (root / "inbox/2025/old.txt").read_text() == "old"


def test_links_and_special_files_are_not_copied(root: Path, tmp_path: Path) -> None:
    (root / "inbox/link.txt").symlink_to(root / "secrets/key.txt")
    (root / "inbox/linked").symlink_to(root / "secrets")
    os.mkfifo(root / "inbox/pipe")
    team = privately(load(root), tmp_path / "copy", leave_out=root / ".quarterdeck")
    names = {path.name for path in team.root.rglob("*")}
    assert names.isdisjoint({"link.txt", "linked", "pipe", "key.txt"})


def test_the_state_folder_is_not_copied_into_itself(root: Path) -> None:
    state = root / "inbox" / "state"
    (state / "simulation").mkdir(parents=True)
    (state / "quarterdeck.db").write_text("the real record")
    team = privately(load(root), state / "simulation" / "files", leave_out=state)
    assert "inbox/new.txt" in copied(team)
    assert not (team.root / "inbox" / "state").exists()


@pytest.mark.parametrize(("limit", "most"), [("COPY_MAX_FILES", 3), ("COPY_MAX_BYTES", 10)])
def test_too_much_is_refused_before_anything_is_copied(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(private_copy, limit, most)
    with pytest.raises(UserMistake, match=r"are 4 with \d+ bytes; .* Simulate a copy of the workspace"):
        privately(load(root), tmp_path / "copy", leave_out=root / ".quarterdeck")
    assert not (tmp_path / "copy").exists()


def test_a_place_that_cannot_be_written_is_said_plainly(root: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("a file where the folder should be")
    with pytest.raises(UserMistake, match=r"cannot be copied: .*copy.*: (Not a directory|File exists)"):
        privately(load(root), tmp_path / "copy", leave_out=root / ".quarterdeck")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_said_plainly(root: Path, tmp_path: Path) -> None:
    (root / "inbox/new.txt").chmod(0)
    with pytest.raises(UserMistake, match=r"new\.txt: Permission denied"):
        privately(load(root), tmp_path / "copy", leave_out=root / ".quarterdeck")
