"""Every import rule catches the violation it is there for: one forbidden import is planted in a copy of the rooms."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ROOMS = ("agents", "blocks", "bot", "scheduler", "store")

LAYERS = "bot sees all rooms"
CIRCLES = "no part of a room depends on itself in a circle"
BLOCKS = "blocks sees nothing of the store"
TABLES = "the tables stay inside the store"
SQL = "only the store speaks SQL"
ENGINE = "only the scheduler knows APScheduler and DBOS"
CHAT = "chat SDKs live under bot.surfaces"
MODELS = "one file knows litellm"

FORBIDDEN = [
    ("store", "import agents", LAYERS),
    ("agents", "import bot", LAYERS),
    ("agents", "import scheduler", LAYERS),
    ("scheduler", "import blocks", LAYERS),
    ("blocks", "import agents", LAYERS),
    ("blocks", "import store.database", BLOCKS),
    ("blocks", "from store.actions import action", BLOCKS),
    ("bot", "from store import schema", TABLES),
    ("bot", "import sqlalchemy.orm", SQL),
    ("scheduler", "import psycopg", SQL),
    ("bot", "import dbos", ENGINE),
    ("store", "import apscheduler.schedulers.background", ENGINE),
    ("bot", "import slack_sdk", CHAT),
    ("scheduler", "import discord", CHAT),
    ("agents", "def late():\n    import litellm", MODELS),
]
ALLOWED = [
    ("bot", "import agents, blocks, scheduler, store.queries"),
    ("blocks", "import store.kernel.errors, store.records"),
    ("store", "import sqlalchemy, alembic"),
    ("scheduler", "import apscheduler, dbos"),
    ("bot/surfaces", "import discord, slack_bolt.async_app, slack_sdk"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The rooms and their rules, free to be spoilt."""
    for room in ROOMS:
        shutil.copytree(PROJECT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> tuple[int, str]:
    """Exit code and one-line output of the import check run in `folder`."""
    linter = str(Path(sys.executable).with_name("lint-imports"))
    run = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False)
    return run.returncode, " ".join((run.stdout + run.stderr).split())


@pytest.mark.parametrize(("room", "statement", "rule"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_rule_and_is_named(copy: Path, room: str, statement: str, rule: str) -> None:
    (copy / room / "intruder.py").write_text(statement + "\n")
    code, output = lint(copy)
    assert code == 1, output
    broken = output.partition("Broken contracts")[2]
    assert rule in broken
    assert f"{room}.intruder" in broken


def test_a_circle_inside_a_room_is_found(copy: Path) -> None:
    (copy / "blocks" / "chicken.py").write_text("import blocks.egg\n")
    (copy / "blocks" / "egg.py").write_text("import blocks.chicken\n")
    code, output = lint(copy)
    assert code == 1, output
    assert CIRCLES in output.partition("Broken contracts")[2]


def test_the_rooms_as_they_are_and_every_allowed_import_keep_all_rules(copy: Path) -> None:
    for place, statement in ALLOWED:
        (copy / place / "newcomer.py").write_text(statement + "\n")
    code, output = lint(copy)
    assert code == 0, output
    assert "0 broken" in output
