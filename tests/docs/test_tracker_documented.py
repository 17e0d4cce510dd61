"""docs/tracker.md and its JSON Schema say exactly what `quarterdeck tasks --json` prints."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from bot.tracker import TrackedTask, Tracker

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "tracker.md").read_text("utf-8")
SCHEMA = json.loads((DOCS / "tracker.schema.json").read_text("utf-8"))


def test_the_schema_is_that_of_the_code() -> None:
    assert Tracker.model_json_schema(mode="serialization") == SCHEMA


def test_every_field_of_a_task_is_described() -> None:
    missing = [name for name in (*Tracker.model_fields, *TrackedTask.model_fields) if f"`{name}`" not in PAGE]
    assert missing == []


def test_the_example_fits_the_schema() -> None:
    example = json.loads(PAGE.partition("```json\n")[2].partition("\n```")[0])
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(example)) == []
    assert Tracker.model_validate(example).version == 1
