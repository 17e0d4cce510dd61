"""The contracts of a workspace: one JSON Schema in each `contracts/NAME@VERSION.json`, checked before any is used."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from agents.contracts import TERMS_KEY, Contract, resolved
from bot.workspace import nodes
from bot.workspace.nodes import Place
from bot.workspace.problems import Problem, problem_at, quoted
from bot.workspace.values import closest
from bot.workspace.yaml_reader import read_yaml

FOLDER = "contracts"
FILE_MAX_BYTES = 64 * 1024
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TERMS = ("confidence_floor", "failures", "wakes", "otherwise")
"""What stands under `x-handoff`."""
_NAME = re.compile(r"(?P<name>[a-z][a-z0-9-]{0,39})@(?P<version>[1-9][0-9]{0,3})")
_NAMED = "contracts/NAME@VERSION.json, such as finding@1.json"


class _File:
    """One file while it is read: its content, and where in it each value stands."""

    def __init__(self, path: Path) -> None:
        self.shown = f"{FOLDER}/{path.name}"
        self.path = path
        self.problems: list[Problem] = []
        self._top: nodes.Entry | None = None

    def read(self) -> Any:
        """The JSON value; None, with a problem, when there is none."""
        content = self.path.read_bytes()
        if len(content) > FILE_MAX_BYTES:
            return self.report((), f"the file has {len(content)} bytes", f"at most {FILE_MAX_BYTES}")
        try:
            value = json.loads(content)
        except json.JSONDecodeError as error:
            place = Place(self.shown, error.lineno, error.colno)
            self.problems.append(problem_at(place, f"this is not JSON: {error.msg}"))
            return None
        except (UnicodeDecodeError, RecursionError):
            return self.report((), "this is not JSON in UTF-8")
        place = Place(self.shown, 1, 1)
        node = read_yaml(self.shown, content).node  # JSON is YAML; read again only for where things stand
        self._top = nodes.Entry("", place, node) if node is not None else None
        return value

    def report(
        self, location: tuple[str | int, ...], message: str, allowed: str | None = None, nearest: str | None = None
    ) -> None:
        """Notes a problem at a place inside the value."""
        place = Place(self.shown, 1, 1) if self._top is None else nodes.follow(self._top, location).place
        self.problems.append(problem_at(place, message, allowed=allowed, nearest=nearest))


def read_contracts(root: Path, agents: tuple[str, ...]) -> tuple[dict[str, Contract], list[Problem]]:
    """The contracts in order, by NAME@VERSION, and everything wrong with the others."""
    found: dict[str, Contract] = {}
    problems: list[Problem] = []
    folder = root / FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        contract, wrong = _read(path, agents)
        problems += wrong
        if contract is not None:
            found[contract.ref] = contract
    return found, problems


def _read(path: Path, agents: tuple[str, ...]) -> tuple[Contract | None, list[Problem]]:
    file = _File(path)
    named = _NAME.fullmatch(path.stem)
    if path.suffix != ".json" or named is None:
        file.report((), "this file is not read", _NAMED)
        return None, file.problems
    value = file.read()
    if file.problems:
        return None, file.problems
    if not isinstance(value, dict):
        file.report((), "found no object", "a JSON Schema of an object")
        return None, file.problems
    _check_schema(file, value)
    terms = _terms(file, value, agents)
    if file.problems:
        return None, file.problems
    return Contract(name=named["name"], version=int(named["version"]), body=value, **terms), []


def _check_schema(file: _File, value: dict[str, Any]) -> None:
    if value.get("$schema", DIALECT) != DIALECT:
        file.report(("$schema",), f"found {quoted(str(value['$schema']))}", DIALECT)
    if value.get("type") != "object":
        file.report(("type",) if "type" in value else (), "the payload is not said to be an object", '"type": "object"')
    try:
        Draft202012Validator.check_schema(value)
    except SchemaError as error:
        file.report(tuple(error.absolute_path), f"this is no JSON Schema: {error.message[:200]}")
    for location, key, reference in _references(value, ()):
        if key != "$ref":
            file.report(location, f"{key} is not taken", "a $ref that begins with #")
        elif not reference.startswith("#") or not isinstance(resolved(value, reference), dict):
            file.report(location, f"found the $ref {quoted(reference)}", "a schema inside this file, such as #/$defs/…")


def _references(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Everything that points elsewhere, or changes what pointing means."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("$ref", "$dynamicRef", "$id") and isinstance(inner, str):
                yield (*at, key), key, inner
            yield from _references(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _references(inner, (*at, index))


def _terms(file: _File, value: dict[str, Any], agents: tuple[str, ...]) -> dict[str, Any]:
    given = value.get(TERMS_KEY, {})
    if not isinstance(given, dict):
        file.report((TERMS_KEY,), "found no object", ", ".join(TERMS))
        return {}
    for key in given:
        if key not in TERMS:
            near = closest(key, TERMS)
            file.report((TERMS_KEY, key), f"unknown key {quoted(key)}", ", ".join(TERMS), nearest=near)
    return _read_terms(file, given, agents)


def _read_terms(file: _File, given: Mapping[str, Any], agents: tuple[str, ...]) -> dict[str, Any]:
    floor, failures = given.get("confidence_floor", "0"), given.get("failures", 3)
    wakes, otherwise = given.get("wakes", False), given.get("otherwise")
    if not _is_share(floor):
        file.report((TERMS_KEY, "confidence_floor"), f"found {quoted(str(floor))}", "a number from 0 to 1")
    if not isinstance(failures, int) or isinstance(failures, bool) or not 1 <= failures <= _FAILURES_MAX:
        file.report((TERMS_KEY, "failures"), f"found {quoted(str(failures))}", f"1 to {_FAILURES_MAX}")
    if not isinstance(wakes, bool):
        file.report((TERMS_KEY, "wakes"), f"found {quoted(str(wakes))}", "true or false")
    if otherwise is not None and otherwise not in agents:
        allowed = ", ".join(agents)
        file.report((TERMS_KEY, "otherwise"), f"unknown agent {quoted(str(otherwise))}", allowed)
    return {"floor": str(floor), "failures_max": failures, "wakes": wakes, "otherwise": otherwise}


_FAILURES_MAX = 20


def _is_share(value: object) -> bool:
    try:
        return not isinstance(value, bool) and 0 <= Decimal(str(value)) <= 1
    except InvalidOperation:
        return False
