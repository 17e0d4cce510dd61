"""Login tokens: one a person, kept, private to the account, and forgotten with the person."""

import stat
from pathlib import Path

import pytest

from bot.surfaces.console.tokens import TOKENS_FILE, console_tokens, cookie_key, local_token
from store.kernel.errors import UserMistake


def test_each_person_gets_one_token_that_stays_the_same(tmp_path: Path) -> None:
    first = console_tokens(tmp_path, ["ana", "bo"])
    assert set(first) == {"ana", "bo"}
    assert len(set(first.values())) == 2
    assert all(len(token) >= 40 for token in first.values())
    assert console_tokens(tmp_path, ["bo", "ana"]) == first


def test_a_new_person_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    first = console_tokens(tmp_path, ["ana"])
    assert console_tokens(tmp_path, ["ana", "bo"])["ana"] == first["ana"]


def test_whoever_left_gets_another_token_on_return(tmp_path: Path) -> None:
    first = console_tokens(tmp_path, ["ana", "bo"])
    console_tokens(tmp_path, ["bo"])
    assert console_tokens(tmp_path, ["ana", "bo"])["ana"] != first["ana"]


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    console_tokens(tmp_path, ["ana"])
    local_token(tmp_path)
    cookie_key(tmp_path)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_a_file_that_others_could_read_is_closed_again(tmp_path: Path) -> None:
    console_tokens(tmp_path, ["ana"])
    (tmp_path / TOKENS_FILE).chmod(0o644)
    console_tokens(tmp_path, ["ana"])
    assert stat.S_IMODE((tmp_path / TOKENS_FILE).stat().st_mode) == 0o600


def test_secrets_survive_a_restart_and_differ(tmp_path: Path) -> None:
    assert local_token(tmp_path) == local_token(tmp_path)
    assert cookie_key(tmp_path) == cookie_key(tmp_path)
    assert cookie_key(tmp_path).decode() != local_token(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"ana": 1}'])
def test_a_damaged_file_is_named_and_nothing_is_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / TOKENS_FILE).write_text(text)
    with pytest.raises(UserMistake, match=TOKENS_FILE):
        console_tokens(tmp_path, ["ana"])
    assert (tmp_path / TOKENS_FILE).read_text() == text


def test_a_folder_that_cannot_be_made_is_a_plain_mistake(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(UserMistake, match="cannot be"):
        console_tokens(tmp_path / "state" / "inner", ["ana"])
