"""What Discord refuses in a body: its own published description where a copy is at hand, and the rules beside it."""

import json
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from blocks.render.discord_check import problems
from tests.fake_discord.calls import Upload
from tests.fake_discord.refusals import DiscordError, invalid

IS_COMPONENTS_V2, EPHEMERAL = 1 << 15, 1 << 6
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_FILES = 10
_LEAST_SNOWFLAKE = 1 << 53
_V2_TYPES = frozenset(range(9, 18))
_UNWRITTEN = frozenset({"disabled", "spoiler"})
_NOT_BESIDE_V2 = ("content", "embeds", "poll", "sticker_ids")


@cache
def _described() -> dict[str, Any] | None:
    folder = Path(os.environ.get("QUARTERDECK_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
    path = folder / "discord-openapi.json"
    return json.loads(path.read_text()) if path.exists() else None


@cache
def _validator(schema: str) -> Draft202012Validator | None:
    described = _described()
    if described is None:
        return None
    return Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": described["components"]})


def check_described(schema: str, body: Any) -> None:
    """Refuses what Discord's description does not allow; allows everything where there is no copy of it."""
    validator = _validator(schema)
    if validator is None:
        return
    found = sorted(validator.iter_errors(_with_text_ids(body)), key=lambda error: len(error.path))
    if found:
        raise invalid(*(f"{error.json_path}: {error.message[:300]}" for error in found[:3]))


def _with_text_ids(body: Any) -> Any:
    """The library sends ids as numbers here and there, which Discord takes and its description does not."""
    if isinstance(body, list):
        return [_with_text_ids(each) for each in body]
    if not isinstance(body, dict):
        return str(body) if isinstance(body, int) and body >= _LEAST_SNOWFLAKE else body
    told = {name: _with_text_ids(value) for name, value in body.items()}
    if told.get("attachments"):
        told["attachments"] = [{**each, "id": str(each["id"])} for each in told["attachments"]]
    return told


def check_message(body: dict[str, Any], uploads: Sequence[Upload], *, was_v2: bool = False) -> None:
    """The rules across fields: https://docs.discord.com/developers/components/reference, 2026-11-21."""
    found = list(_wrong(body, uploads, was_v2=was_v2))
    if found:
        raise invalid(*found)
    if any(len(upload.content) > MAX_FILE_BYTES for upload in uploads):
        raise DiscordError(413, 40005, "Request entity too large")


def _wrong(body: dict[str, Any], uploads: Sequence[Upload], *, was_v2: bool) -> Iterator[str]:
    components = body.get("components") or []
    is_v2 = was_v2 or bool((body.get("flags") or 0) & IS_COMPONENTS_V2)
    yield from problems({"components": _as_we_write(components), "flags": IS_COMPONENTS_V2})
    if is_v2 and any(body.get(name) for name in _NOT_BESIDE_V2):
        yield "a message of components has nothing beside them"
    if not is_v2 and any(each.get("type") in _V2_TYPES for each in components):
        yield "components of the second version need their flag"
    if len(uploads) > MAX_FILES:
        yield f"{len(uploads)} of {MAX_FILES} files"
    yield from _wrong_files(body, uploads)


def _as_we_write(part: Any) -> Any:
    """The components without what Discord knows and a card never says."""
    if isinstance(part, list):
        return [_as_we_write(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = part.keys() - (_UNWRITTEN if isinstance(part.get("type"), int) else set())
    return {name: _as_we_write(part[name]) for name in kept}


def _wrong_files(body: dict[str, Any], uploads: Sequence[Upload]) -> Iterator[str]:
    there = {upload.name for upload in uploads}
    for url in urls_in(body.get("components") or []):
        if url.removeprefix("attachment://") not in there:
            yield f"{url} names no file of this request"
    numbers = {upload.field for upload in uploads}
    for each in body.get("attachments") or []:
        if int(each["id"]) < MAX_FILES and f"files[{each['id']}]" not in numbers:
            yield f"attachment {each['id']} has no file"


def urls_in(components: Any) -> Iterator[str]:
    """Every `attachment://` in the components."""
    if isinstance(components, dict):
        url = components.get("url")
        if isinstance(url, str) and url.startswith("attachment://"):
            yield url
        components = list(components.values())
    if isinstance(components, list):
        for each in components:
            yield from urls_in(each)
