"""The workspace's `.env`: other lines stay, only its owner reads it, and a failure leaves it as it was."""

import stat
from pathlib import Path

import pytest

from bot.env_file import keep_variables
from store.kernel.errors import UserMistake

NAME = "QUARTERDECK_SLACK_BOT_TOKEN"


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    keep_variables(file, {NAME: "xoxb-1-a", "OTHER": "2"})
    assert file.read_text() == f"{NAME}=xoxb-1-a\nOTHER=2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize("line", [f"{NAME}=old", f"export {NAME} = 'old'", f"  {NAME.lower()}=old", f"{NAME}="])
def test_a_value_takes_the_place_of_the_old_one_however_it_was_written(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# keys\nA=1\n{line}\n{NAME}_OTHER=stays\n\nB=2")
    file.chmod(0o644)
    for _ in range(2):
        keep_variables(file, {NAME: "xoxb-new"})
    assert file.read_text() == f"# keys\nA=1\n{NAME}_OTHER=stays\n\nB=2\n{NAME}=xoxb-new\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("value", ["", "two words", "a\nB=2", "quo'te", "$HOME", "#"])
def test_what_such_a_file_cannot_say_plainly_is_refused_and_not_shown(tmp_path: Path, value: str) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n")
    with pytest.raises(UserMistake, match=NAME) as raised:
        keep_variables(file, {NAME: value})
    assert not value or value not in str(raised.value)
    assert file.read_text() == "A=1\n"


def test_a_folder_that_cannot_be_written_is_a_mistake_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="cannot be written"):
        keep_variables(tmp_path / "nowhere" / ".env", {NAME: "xoxb-1"})
