"""The audit chain: canonical bytes, each event bound to the one before by its hash. Pure."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from store.kernel.canonical import JsonObject, canonical_bytes
from store.records.actor import Actor
from store.records.audit import AuditEvent

VERSION = 1
GENESIS = "0" * 64
"""The hash before the first event."""


class Head(NamedTuple):
    """The end of the chain: the last event's number (0 for none) and hash."""

    seq: int
    hash: str


class PendingEvent(NamedTuple):
    """An event of a transaction that has not been given its place in the chain yet."""

    kind: str
    actor: Actor
    subject_kind: str
    subject_id: str
    data: JsonObject


class Broken(NamedTuple):
    """The first place where the chain does not hold, and why in one sentence."""

    seq: int
    reason: str


def seal(event: PendingEvent, head: Head, at: datetime) -> tuple[AuditEvent, str]:
    """The event with its place after `head`, and the canonical body its hash covers."""
    body = canonical_bytes(
        {
            "v": VERSION,
            "seq": head.seq + 1,
            "at": at.isoformat(),
            "kind": event.kind,
            "actor": event.actor.model_dump(mode="json"),
            "subject": {"kind": event.subject_kind, "id": event.subject_id},
            "data": event.data,
            "prev": head.hash,
        }
    ).decode()
    return read_event(body, hashlib.sha256(body.encode()).hexdigest()), body


def read_event(body: str, digest: str) -> AuditEvent:
    """The event a canonical body describes; `digest` is its hash as stored."""
    raw = json.loads(body)
    return AuditEvent(
        seq=raw["seq"],
        at=datetime.fromisoformat(raw["at"]),
        kind=raw["kind"],
        actor=Actor.model_validate(raw["actor"]),
        subject_kind=raw["subject"]["kind"],
        subject_id=raw["subject"]["id"],
        data=raw["data"],
        prev_hash=raw["prev"],
        hash=digest,
    )


def verify_chain(rows: Iterable[tuple[int, str, str]], head: Head) -> Broken | None:
    """None when the rows (seq, body, hash), in order of seq, are one unbroken chain that ends exactly at `head`.

    Detects a changed, swapped, deleted or added row and a cut tail. An attacker who can rewrite every later row and
    the head is not detected by the chain alone: compare `head` with one written down elsewhere.
    """
    last = Head(0, GENESIS)
    for seq, body, digest in rows:
        if reason := _fault(seq, body, digest, last):
            return Broken(seq, reason)
        last = Head(seq, digest)
    if last != head:
        return Broken(last.seq + 1, f"the chain ends at event {last.seq}, but its head says {head.seq}")
    return None


def _fault(seq: int, body: str, digest: str, last: Head) -> str | None:
    if seq != last.seq + 1:
        return f"event {last.seq + 1} is missing"
    if hashlib.sha256(body.encode()).hexdigest() != digest:
        return "its content does not match its hash"
    raw = json.loads(body)
    if raw["prev"] != last.hash:
        return "it does not follow the event before it"
    return None if raw["seq"] == seq else "its number was changed"
