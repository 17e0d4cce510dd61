"""Routines come from inside the workspace, as they stand, and nothing is left behind there."""

from pathlib import Path

import pytest

from agents.minds.loading import load_routine
from store.kernel.errors import UserMistake

GOOD = (
    "from dataclasses import dataclass\n@dataclass\nclass A:\n    n: int\nasync def run(ctx):\n    return {'n': %d}\n"
)


async def ran(root: Path, digest: str) -> object:
    return await load_routine(root, "r.py", digest)(None)


async def test_a_changed_workspace_loads_the_routine_anew_even_within_one_second(tmp_path: Path) -> None:
    path = tmp_path / "r.py"
    path.write_text(GOOD % 1)
    assert await ran(tmp_path, "d1") == {"n": 1}
    path.write_text(GOOD % 2)
    assert await ran(tmp_path, "d1") == {"n": 1}, "as loaded under this digest"
    assert await ran(tmp_path, "d2") == {"n": 2}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["r.py"]


@pytest.mark.parametrize("file", ["../r.py", "/etc/hostname", "link.py"])
def test_a_file_outside_the_workspace_is_not_loaded(tmp_path: Path, file: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "r.py").write_text(GOOD % 1)
    (root / "link.py").symlink_to(tmp_path / "r.py")
    with pytest.raises(UserMistake, match="outside the workspace"):
        load_routine(root, file, "d")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def run(ctx):\n    return {}\n", "has no `async def run"),
        ("x = 1\n", "has no `async def run"),
        ("async def run(ctx)\n", "SyntaxError"),
        ("raise RuntimeError('at import')\n", "at import"),
    ],
)
def test_a_file_that_is_no_routine_says_why(tmp_path: Path, source: str, says: str) -> None:
    (tmp_path / "r.py").write_text(source)
    with pytest.raises(UserMistake, match=says):
        load_routine(tmp_path, "r.py", "d")
    (tmp_path / "r.py").write_text(GOOD % 1)
    assert callable(load_routine(tmp_path, "r.py", "repaired"))
