"""Crash points: every transaction and outside call has them, and docs/recovery.md says what recovery does at each."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import store.actions  # noqa: F401 - declares the transactions
from bot.cli.app import run_command
from store.kernel.crash import OUTSIDE_CALLS, TRANSACTIONS, all_points

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
STEMS = sorted({name.rpartition(".")[0] for name in all_points()})
ROOMS = ("agents", "blocks", "bot", "scheduler", "store")


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path in (file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield str(path.relative_to(ROOT)), node


def first_text(call: ast.Call) -> str:
    [argument] = call.args
    assert isinstance(argument, ast.Constant)
    return str(argument.value)


def test_every_outside_call_is_declared_and_every_declared_one_is_made() -> None:
    assert {first_text(call) for _, call in calls("outside")} == set(OUTSIDE_CALLS)


def test_every_action_names_its_transaction_once() -> None:
    named = [first_text(call) for _, call in calls("action")]
    assert len(named) == len(set(named))
    assert set(named) == set(TRANSACTIONS)


def test_nothing_else_opens_a_write_transaction() -> None:
    writers = set()
    for path in (file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))):
        if re.search(r"\bdatabase\.write\(\)", path.read_text(encoding="utf-8")):
            writers.add(str(path.relative_to(ROOT)))
    assert writers == {"store/actions/action.py", "store/copies/postgres.py", "store/migrate.py"}


def test_the_page_lists_exactly_the_points() -> None:
    listed = re.findall(r"^\| `([\w.]+)` \|", PAGE, flags=re.MULTILINE)
    assert sorted(listed) == STEMS


def test_doctor_lists_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["doctor", "--crash-points"]) == 0
    printed = capsys.readouterr().out
    assert [name for name in all_points() if f"{name} " not in printed] == []
