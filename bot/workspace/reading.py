"""Reads one part of the file against its shape, and turns what the validation says into problems at exact places."""

from typing import Any, TypeAlias, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.workspace import nodes
from bot.workspace.entry import Entry
from bot.workspace.names import Names
from bot.workspace.problems import Problem, problem_at, quoted
from bot.workspace.values import closest, found

Shape = TypeVar("Shape", bound=Entry)
Location: TypeAlias = tuple[str | int, ...]

_KEY = "[key]"  # the last part of a location when the key itself is wrong
_SHAPES = {"dict_type": "a mapping", "model_type": "a mapping", "tuple_type": "a list"}


def read_entry(shape: type[Shape], entry: nodes.Entry, names: Names, problems: list[Problem]) -> Shape | None:
    """What stands under a key, in its shape; None when anything in it is wrong, all of which `problems` then holds."""
    if isinstance(entry.value, nodes.ScalarNode) and entry.value.settled:
        return None
    try:
        return shape.model_validate(nodes.raw(entry.value), context=names)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems.extend(problem for one in details if (problem := _problem(shape, entry, one)) is not None)
        return None


def _problem(shape: type[Entry], top: nodes.Entry, error: ErrorDetails) -> Problem | None:
    location: Location = tuple(part for part in error["loc"] if part != _KEY)
    entry = nodes.follow(top, location)
    value = entry.value
    if isinstance(value, nodes.ScalarNode) and value.settled:
        return None
    if error["type"] == "extra_forbidden":
        return _unknown_key(entry, keys_at(shape, location))
    if error["type"] == "missing":
        return problem_at(entry.place, f'missing key "{location[-1]}"')
    place = entry.place if isinstance(value, nodes.MapNode) or _KEY in error["loc"] else value.place
    if error["type"] in _SHAPES:
        return problem_at(place, found(nodes.raw(value)), allowed=_SHAPES[error["type"]])
    context: dict[str, Any] = error.get("ctx", {})
    return problem_at(place, error["msg"], allowed=context.get("allowed"), nearest=context.get("nearest") or None)


def _unknown_key(entry: nodes.Entry, allowed: list[str]) -> Problem:
    text = f"unknown key {quoted(entry.key)}"
    return problem_at(entry.place, text, allowed=", ".join(allowed), nearest=closest(entry.key, allowed))


def keys_at(shape: type[Entry], location: Location) -> list[str]:
    """The keys allowed in the mapping that holds the last part of the location."""
    for part in location[:-1]:
        field = shape.model_fields.get(str(part))
        inner = None if field is None else entry_in(field.annotation)
        shape = shape if inner is None else inner
    return [field.alias or name for name, field in shape.model_fields.items()]


def entry_in(annotation: object) -> type[Entry] | None:
    """The first kind of entry an annotation speaks of; None when it speaks of none."""
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    return next((inner for part in get_args(annotation) if (inner := entry_in(part)) is not None), None)
