"""Adding to team.yaml by its text: everything else stays as it was, and what cannot be done safely is not done."""

from pathlib import Path

import pytest

from bot.workspace.editing import with_entry
from bot.workspace.saving import save
from store.kernel.errors import UserMistake

BLOCK = "purpose: Looks.\nroutine: look.py   # its own\ntools: [machine.read]\n"
TEAM = """# Our team.
name: Harbour      # by the sea
agents:
    watch:
        purpose: Watches.

    # the last of them
    tidy:
        purpose: Tidies.

# Who we are.
people:
  ann: {roles: [owner]}
"""


def test_an_entry_is_added_at_the_end_and_nothing_else_moves() -> None:
    edited = with_entry(TEAM, "agents", "look", BLOCK)
    assert [line for line in edited.diff.splitlines() if line.startswith(("+", "-"))][2:] == [
        "+    look:",
        "+      purpose: Looks.",
        "+      routine: look.py   # its own",
        "+      tools: [machine.read]",
    ]
    added = "    look:\n      purpose: Looks.\n      routine: look.py   # its own\n      tools: [machine.read]\n"
    assert edited.after == TEAM.replace("        purpose: Tidies.\n", f"        purpose: Tidies.\n{added}")


def test_a_file_that_ends_with_the_section_and_no_line_end() -> None:
    text = "agents:\n  watch: {purpose: Watches.}"
    assert with_entry(text, "agents", "look", BLOCK).after.startswith(f"{text}\n  look:\n    purpose: Looks.\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: x\n", "no agents"),
        ("agents: {watch: {purpose: Watches.}}\n", "one line"),
        ("agents:\n  look: {purpose: Is there.}\n", "already"),
        ("agents:\n\t- broken", "cannot be read"),
    ],
)
def test_what_cannot_be_added_safely_is_said(text: str, says: str) -> None:
    with pytest.raises(UserMistake, match=says):
        with_entry(text, "agents", "look", BLOCK)


def test_a_block_that_would_change_something_else_is_not_added() -> None:
    with pytest.raises(UserMistake):
        with_entry(TEAM, "agents", "look", "purpose: x\n  broken: [")


def test_saving_is_refused_when_somebody_edited_the_file_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(TEAM)
    file.chmod(0o640)
    edited = with_entry(TEAM, "agents", "look", BLOCK)
    file.write_text(TEAM + "env: prod\n")
    with pytest.raises(UserMistake, match="meanwhile"):
        save(file, edited)
    assert file.read_text() == TEAM + "env: prod\n"
    file.write_text(TEAM)
    save(file, edited)
    save(file, edited)
    assert file.read_text() == edited.after
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["team.yaml"]
