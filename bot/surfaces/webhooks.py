"""Who sent a webhook: the Standard Webhooks signature, verified. Pure: no clock, no network, no storage.

Scheme: HMAC-SHA256 over `id.timestamp.body`, base64, in `webhook-signature` as space-separated `v1,…` entries.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, checked 2026-11-21.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from store.kernel.errors import Refused, UserMistake

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

TOLERANCE_SECONDS = 300
"""How far the sender's clock may be from ours, either way: a captured request is worthless afterwards."""
MAX_ID_CHARS = 200
MAX_SIGNATURES = 16
"""Signatures looked at in one request; a sender in the middle of a rotation sends two."""

_SECRET_PREFIX = "whsec_"  # noqa: S105 - what the standard puts before every secret
_MOST_SECONDS_DIGITS = 12
_MIN_SECRET_BYTES = 16
_RULE = "webhook.signature"


def verify(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The `webhook-id` of a request that one of `secrets` signed within five minutes of `now`; redeliveries share it.

    Header names are looked up in lower case. Several secrets stand for a rotation: any one is enough. Raises Refused
    (never saying which part was wrong beyond what the sender already knows) and UserMistake for an unusable secret.
    """
    identity, timestamp, signatures = _signed_headers(headers)
    _check_age(timestamp, now)
    content = f"{identity}.{timestamp}.".encode() + body
    expected = [_digest(secret_bytes(secret), content) for secret in secrets]
    if not any(hmac.compare_digest(given, right) for given in signatures for right in expected):
        raise Refused("The webhook's signature does not match.", _RULE)
    return identity


def sign(secret: str, identity: str, timestamp_seconds: int, body: bytes) -> str:
    """The `webhook-signature` value a sender would write; for senders of ours and for tests."""
    content = f"{identity}.{timestamp_seconds}.".encode() + body
    return "v1," + base64.b64encode(_digest(secret_bytes(secret), content)).decode()


def secret_bytes(secret: str) -> bytes:
    """The key inside `whsec_<base64>`; the prefix may be missing. Raises UserMistake, which never echoes the secret."""
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise UserMistake(
            "A webhook secret is not base64.", "Write it as whsec_ and the base64 of at least 16 bytes."
        ) from None
    if len(key) < _MIN_SECRET_BYTES:
        raise UserMistake("A webhook secret is too short.", "Write it as whsec_ and the base64 of at least 16 bytes.")
    return key


def _signed_headers(headers: Mapping[str, str]) -> tuple[str, str, list[bytes]]:
    identity, timestamp = headers.get(ID_HEADER, ""), headers.get(TIMESTAMP_HEADER, "")
    signatures = _signatures(headers.get(SIGNATURE_HEADER, ""))
    if not 0 < len(identity) <= MAX_ID_CHARS or not identity.isprintable() or not signatures:
        raise Refused("The webhook carries no usable webhook-id and webhook-signature.", _RULE)
    return identity, timestamp, signatures


def _signatures(header: str) -> list[bytes]:
    entries = (entry.partition(",") for entry in header.split(" ")[:MAX_SIGNATURES])
    return [raw for version, _, text in entries if version == "v1" and (raw := _base64_or_empty(text))]


def _base64_or_empty(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _check_age(timestamp: str, now: datetime) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MOST_SECONDS_DIGITS):
        raise Refused("The webhook-timestamp is not a number of seconds.", _RULE)
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused("The webhook was signed more than five minutes away from now.", _RULE)


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()
