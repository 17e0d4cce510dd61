"""Whether arguments and results have the shape a tool declares, said in one sentence. Pure."""

import json

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from agents.tools.spec import RESULT_MAX_BYTES, ToolSpec
from store.kernel.canonical import JsonObject, canonical_bytes

ARGUMENTS_MAX_BYTES = 64 * 1024
_SHOWN_CHARACTERS = 200


def objection_to_arguments(spec: ToolSpec, arguments: object) -> str | None:
    """Why these arguments cannot be used; None when they can.

    They must have a canonical form (so no floats: an approval binds exact bytes), be at most 64 kB, and fit the schema.
    """
    try:
        size = len(canonical_bytes(arguments))
    except (TypeError, ValueError) as error:
        return f"The arguments have no exact form: {error}."
    if size > ARGUMENTS_MAX_BYTES:
        return f"The arguments are {size} bytes; at most {ARGUMENTS_MAX_BYTES} are taken."
    return _violation(spec.arguments, arguments)


def objection_to_result(spec: ToolSpec, result: object) -> str | None:
    """Why this result cannot be kept; None when it can: JSON of at most 256 kB that fits the schema."""
    return objection_to_size(result) or _violation(spec.result, result)


def objection_to_size(result: object) -> str | None:
    """Why this value cannot be kept as a result; None when it is JSON of at most 256 kB."""
    try:
        size = len(json.dumps(result, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        return f"The result is not JSON: {error}."
    return None if size <= RESULT_MAX_BYTES else f"The result is {size} bytes; at most {RESULT_MAX_BYTES} are kept."


def _violation(schema: JsonObject, value: object) -> str | None:
    error = best_match(Draft202012Validator(schema).iter_errors(value))
    return None if error is None else _in_words(error)


def _in_words(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    said = error.message if len(error.message) <= _SHOWN_CHARACTERS else error.message[:_SHOWN_CHARACTERS] + "…"
    return f"{where}: {said}" if where else said
