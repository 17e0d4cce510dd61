"""docs/command-line.md names every command, every option of its own and every exit code."""

import re
from pathlib import Path

import pytest

from bot.cli import exits
from bot.cli.app import app

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
NAMES = sorted(name for name in app if not name.startswith("-"))


def test_there_are_commands() -> None:
    assert {"up", "check", "doctor", "status", "cards", "run", "approve", "audit"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_documented(name: str) -> None:
    assert f"`quarterdeck {name}" in PAGE


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_documented(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    app([name, "--help"], exit_on_error=False, print_error=False)
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help", "--version"}
    assert sorted(option for option in options if f"`{option}" not in PAGE and f" {option} " not in PAGE) == []


def test_every_exit_code_is_documented() -> None:
    codes = {value for name, value in vars(exits).items() if name.isupper()}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE)} == codes
