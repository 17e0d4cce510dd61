"""Workspaces to try things on: copies of the example, and small teams of their own. The example itself is never run."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scenarios.commands import ROOT

EXAMPLE = ROOT / "examples" / "first-light"
NEEDED_BYTES = 300_000_000
_COMMENTED_MODELS = re.compile(r"^# (models:|  .*)$", re.MULTILINE)


def copied_example(folder: Path) -> Path:
    """A copy of the first-light workspace as it is committed, without what a team that ran in it left there."""
    return copied(EXAMPLE, folder)


def copied(example: Path, folder: Path) -> Path:
    """The same of any workspace."""
    return shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".quarterdeck", ".env", "__pycache__"))


def with_model(folder: Path) -> Path:
    """Takes the two comments away that `team.yaml` says give Note Taker a model."""
    file = folder / "team.yaml"
    text = file.read_text()
    assert "    # model: small " in text
    file.write_text(_COMMENTED_MODELS.sub(r"\1", text.replace("    # model: small ", "    model: small ")))
    return folder


def changed(folder: Path, old: str, new: str) -> Path:
    """Changes one place of team.yaml."""
    file = folder / "team.yaml"
    text = file.read_text()
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new))
    return folder


@contextmanager
def in_memory(otherwise: Path) -> Iterator[dict[str, str]]:
    """Settings that keep the state in memory where the machine has such a folder: simulated months write a lot."""
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > NEEDED_BYTES):
        yield {"QUARTERDECK_STATE_DIR": str(otherwise)}
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="quarterdeck-") as state:
        yield {"QUARTERDECK_STATE_DIR": state}


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file of a workspace with its content's hash, but for the state that a team keeps."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".quarterdeck" not in path.parts
    }


def write_team(folder: Path, team: str, **routines: str) -> Path:
    """Writes a workspace: its team.yaml, and a file for each routine."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "team.yaml").write_text(team)
    for name, source in routines.items():
        (folder / f"{name}.py").write_text(source)
    return folder
