"""Contracts of a workspace: each wrong one is said with its file and line; none is fetched from anywhere."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.workspace import check_workspace, load_workspace
from tests.bot.workspace.world import TOOLS, make_workspace

GOOD: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"value": {"$ref": "#/$defs/decimal"}},
    "$defs": {"decimal": {"type": "string", "pattern": "^[0-9]+$"}},
    "x-handoff": {"confidence_floor": "0.6", "failures": 2, "wakes": True, "otherwise": "notes"},
}


def written(root: Path, value: object, name: str = "finding@1.json") -> Path:
    make_workspace(root)
    (root / "contracts").mkdir()
    text = value if isinstance(value, str) else json.dumps(value, indent=2)
    (root / "contracts" / name).write_text(text)
    return root


def said(root: Path) -> list[str]:
    return [str(problem) for problem in check_workspace(root, known_tools=TOOLS)]


def test_a_good_contract_is_part_of_the_team_and_of_its_digest(tmp_path: Path) -> None:
    bare = load_workspace(make_workspace(tmp_path / "bare"), known_tools=TOOLS)
    team = load_workspace(written(tmp_path / "with", GOOD), known_tools=TOOLS)
    contract = team.contracts["finding@1"]
    assert (contract.floor, contract.failures_max, contract.wakes, contract.otherwise) == ("0.6", 2, True, "notes")
    assert team.digest != bare.digest


def changed(**changes: object) -> dict[str, Any]:
    return {**GOOD, **changes}


def terms(**changes: object) -> dict[str, Any]:
    return changed(**{"x-handoff": changes})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{", "contracts/finding@1.json:1 this is not JSON: Expecting property name"),
        ("[]", "contracts/finding@1.json:1 found no object"),
        (changed(type="array"), "contracts/finding@1.json:3 type: the payload is not said to be an object"),
        (
            changed(properties={"a": {"type": "nothing"}}),
            "contracts/finding@1.json:6 properties.a.type: this is no JSON",
        ),
        (
            changed(properties={"a": {"$ref": "https://example.org/x.json"}}),
            'contracts/finding@1.json:6 properties.a.$ref: found the $ref "https://example.org/x.json"',
        ),
        (changed(properties={"a": {"$ref": "#/$defs/none"}}), "contracts/finding@1.json:6 properties.a.$ref: found"),
        (changed(**{"$id": "https://example.org/x"}), "contracts/finding@1.json:21 $id: $id is not taken"),
        (terms(confidence_floor="2"), 'contracts/finding@1.json:16 x-handoff.confidence_floor: found "2"'),
        (terms(failures=0), 'contracts/finding@1.json:16 x-handoff.failures: found "0"'),
        (terms(wakes="yes"), 'contracts/finding@1.json:16 x-handoff.wakes: found "yes"'),
        (terms(otherwise="nobody"), 'contracts/finding@1.json:16 x-handoff.otherwise: unknown agent "nobody"'),
        (terms(wake=True), 'contracts/finding@1.json:16 x-handoff.wake: unknown key "wake"'),
    ],
)
def test_a_wrong_contract_is_said_where_it_stands(tmp_path: Path, value: object, expected: str) -> None:
    [line] = said(written(tmp_path, value))
    place, _, rest = line.partition(" ")
    assert f"{':'.join(place.split(':')[:2])} {rest}".startswith(expected)


def test_a_file_of_another_name_is_not_read_silently(tmp_path: Path) -> None:
    [line] = said(written(tmp_path, GOOD, "Finding.json"))
    assert line.startswith("contracts/Finding.json:1:1: this file is not read; allowed: contracts/NAME@VERSION.json")
