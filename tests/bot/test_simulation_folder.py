"""The simulation's folder: one at a time, begun empty, and nothing that is not a simulation's is ever deleted."""

from pathlib import Path

import pytest

from bot.simulation.folder import FILES_FOLDER, LOCK_FILE, take_folder
from store.kernel.errors import UserMistake


def test_what_an_earlier_simulation_left_is_gone_and_the_lock_stays(tmp_path: Path) -> None:
    take_folder(tmp_path).release()
    outside = tmp_path.with_name(f"{tmp_path.name}-outside")
    outside.mkdir()
    (outside / "kept.txt").write_text("kept")
    (tmp_path / "quarterdeck.db").write_text("old")
    (tmp_path / FILES_FOLDER / "inbox").mkdir(parents=True)
    (tmp_path / FILES_FOLDER / "inbox" / "old.txt").write_text("old")
    (tmp_path / "link").symlink_to(outside)
    lock = take_folder(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [LOCK_FILE]
    assert (outside / "kept.txt").read_text() == "kept"
    lock.release()


def test_a_second_simulation_is_refused_and_deletes_nothing(tmp_path: Path) -> None:
    lock = take_folder(tmp_path)
    (tmp_path / "quarterdeck.db").write_text("the first one's")
    with pytest.raises(UserMistake, match=r"Another simulation of this workspace is running\. Stop it first"):
        take_folder(tmp_path)
    assert (tmp_path / "quarterdeck.db").read_text() == "the first one's"
    lock.release()
    take_folder(tmp_path).release()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserMistake, match=r"holds something else than a simulation\. Move it away"):
        take_folder(tmp_path)
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("thesis.txt", "years of work")]
