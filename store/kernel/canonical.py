"""One byte form for one value: what an approval binds, what the audit chain hashes, what a request is compared by."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import TypeAlias

from pydantic import JsonValue

Json: TypeAlias = JsonValue
JsonObject: TypeAlias = dict[str, JsonValue]


def canonical_bytes(value: object) -> bytes:
    """The one UTF-8 JSON form of `value`: keys sorted, strings NFC, no spaces.

    Floats are refused (TypeError), because two programs may print one float differently: use integers in a named
    unit, or a decimal string. Two keys that become equal under NFC are refused (ValueError).
    """
    return json.dumps(_canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def call_hash(value: object) -> str:
    """SHA-256 of the canonical bytes, in hex: equal exactly when the canonical values are equal."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def fingerprint(value: object) -> str:
    """SHA-256 in hex of any JSON value, floats included. For comparing results in one program, never for approvals."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: object) -> object:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return _canonical_object(value)
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form; use an integer in a named unit or a string")


def _canonical_object(value: Mapping[str, object]) -> dict[str, object]:
    out = {unicodedata.normalize("NFC", key): _canonical(item) for key, item in value.items()}
    if len(out) != len(value):
        raise ValueError("two keys are the same once normalised")
    return out
