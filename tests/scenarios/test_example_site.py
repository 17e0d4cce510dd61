"""The generated site: its files are what the generator writes, small enough, and its incidents are labelled."""

import gzip
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "examples" / "web-analytics"
MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-B", EXAMPLE / "site" / "generate.py", folder], check=True)
    return folder


def test_the_generator_writes_the_files_that_are_there(written: Path) -> None:
    there = EXAMPLE / "data"
    assert _names(written) == _names(there)
    for name in _names(there):
        assert _content(written / name) == _content(there / name), f"{name} is not what the generator writes"


def test_the_files_are_few_enough_to_carry_along() -> None:
    assert sum(path.stat().st_size for path in (EXAMPLE / "data").rglob("*")) <= MOST_BYTES


def test_every_label_is_about_days_on_which_the_generator_does_something() -> None:
    assert {one["id"]: (one["from"], one["until"]) for one in _labels()} == _windows()


def _labels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((EXAMPLE / "site" / "incidents.yaml").read_text())["incidents"]
    return found


def _windows() -> dict[str, tuple[date, date]]:
    said = subprocess.run(
        [sys.executable, "-B", "-c", "import story; print(*(f'{k} {a} {b}' for k, (a, b) in story.WINDOWS.items()))"],
        cwd=EXAMPLE / "site",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    names, firsts, lasts = said[::3], said[1::3], said[2::3]
    return {
        name: (date.fromisoformat(first), date.fromisoformat(last))
        for name, first, last in zip(names, firsts, lasts, strict=True)
    }


def _names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _content(path: Path) -> bytes:
    """What a file says; how a packed file is packed differs from one zlib to the next."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
