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


class Filed(NamedTuple):
    """What an event is found by: copies, kept beside its body, of what the body says."""

    at: datetime
    kind: str
    subject_kind: str
    subject_id: str
    prev_hash: str


class Entry(NamedTuple):
    """A row of the trail. `filed` None: only the chain itself is kept, as in an export."""

    seq: int
    body: str
    hash: str
    filed: Filed | None = None


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


def verify_chain(rows: Iterable[Entry | tuple[int, str, str]], head: Head) -> Broken | None:
    """None when the rows (seq, body, hash), in order of seq, are one unbroken chain that ends exactly at `head`.

    Detects a changed, swapped, deleted or added row, a row filed under what it does not say, and a cut tail; whatever
    the rows hold, it answers and does not fail. An attacker who can rewrite every later row and
    the head is not detected by the chain alone: compare `head` with one written down elsewhere.
    """
    last = Head(0, GENESIS)
    for row in rows:
        entry = Entry(*row)
        if reason := _fault(entry, last):
            return Broken(entry.seq, reason)
        last = Head(entry.seq, entry.hash)
    if last != head:
        return Broken(last.seq + 1, f"the chain ends at event {last.seq}, but its head says {head.seq}")
    return None


def _fault(entry: Entry, last: Head) -> str | None:
    if entry.seq != last.seq + 1:
        return f"event {last.seq + 1} is missing"
    if hashlib.sha256(entry.body.encode("utf-8", "surrogatepass")).hexdigest() != entry.hash:
        return "its content does not match its hash"
    try:
        said = _said(entry.body)
    except (ValueError, TypeError, KeyError, RecursionError):
        return "its content is not an event"
    seq, filed = said
    if filed.prev_hash != last.hash:
        return "it does not follow the event before it"
    if seq != entry.seq:
        return "its number was changed"
    return None if entry.filed in (None, filed) else "it is filed under what it does not say"


def _said(body: str) -> tuple[int, Filed]:
    raw = json.loads(body)
    subject = raw["subject"]
    at = datetime.fromisoformat(raw["at"])
    return raw["seq"], Filed(at, raw["kind"], subject["kind"], subject["id"], raw["prev"])
