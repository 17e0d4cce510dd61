"""Identifiers derived from keys: the same key always gives the same id, so repeating an insert doubles nothing."""

import base64
import hashlib

_LENGTH = 16  # base32 characters: 80 bits, a collision among a billion ids is about one in two million


def derive(kind: str, *parts: str | int) -> str:
    """The id of the `kind` of record named by `parts`; equal parts give equal ids, on every machine and version.

    Parts are length-prefixed before hashing, so ("ab", "c") and ("a", "bc") differ.
    """
    material = "".join(f"{len(str(part))}:{part}" for part in (kind, *parts))
    digest = hashlib.sha256(material.encode()).digest()
    return f"{kind}_{base64.b32encode(digest).decode().lower()[:_LENGTH]}"
