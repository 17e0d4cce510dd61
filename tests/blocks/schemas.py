"""Discord's own OpenAPI description as a judge of our messages, where a copy is at hand."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator


@cache
def discord_schema(name: str) -> Draft202012Validator:
    """The validator of one schema; skips the test where the file is absent."""
    folder = Path(os.environ.get("QUARTERDECK_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
    path = folder / "discord-openapi.json"
    if not path.exists():
        pytest.skip(f"no {path.name} in {folder}")
    description: dict[str, Any] = json.loads(path.read_text())
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": description["components"]})
