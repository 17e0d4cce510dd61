"""The JSON Schemas that builtin tools share, and the exact forms of moments and numbers in them."""

from datetime import UTC, datetime

from store.kernel.canonical import Json, JsonObject
from store.kernel.errors import UserMistake

DECIMAL: JsonObject = {
    "type": "string",
    "pattern": r"^-?\d{1,18}(\.\d{1,6})?$",
    "description": "An exact number as text, such as 71.4",
}
MOMENT: JsonObject = {"type": "string", "maxLength": 40, "description": "A moment with its zone: 2026-11-21T08:00:00Z"}
METRIC: JsonObject = {"type": "string", "pattern": r"^[a-z][a-z0-9_.]{0,63}$", "description": "A metric's name"}
UNIT: JsonObject = {"type": "string", "maxLength": 16}


def closed(properties: JsonObject, *, optional: tuple[str, ...] = ()) -> JsonObject:
    """The schema of an object with exactly these properties, all required but the optional ones."""
    required: list[Json] = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def list_of(items: JsonObject, *, at_least: int = 0, at_most: int) -> JsonObject:
    """The schema of a list."""
    return {"type": "array", "items": items, "minItems": at_least, "maxItems": at_most}


def text(at_most: int, *, at_least: int = 1) -> JsonObject:
    """The schema of a text of bounded length, in characters."""
    return {"type": "string", "minLength": at_least, "maxLength": at_most}


def moment_of(value: str) -> datetime:
    """The moment a text names, in UTC. Raises UserMistake for one that is none, or has no zone."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise UserMistake(f"{value!r} is not a moment.", "Write it like 2026-11-21T08:00:00Z.") from None
    if found.tzinfo is None:
        raise UserMistake(f"{value!r} has no time zone.", "End it with Z for UTC.")
    return found.astimezone(UTC)


def shown(moment: datetime) -> str:
    """A moment as tools give it: UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
