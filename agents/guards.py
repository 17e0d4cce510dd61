"""When a session goes in circles. Pure: what was called, with what, and what came back, oldest first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from store.records import Approval, ApprovalState

REPEATS_MAX = 3
"""The same call with the same result for the third time stops the run."""
ALTERNATION_LENGTH = 4
"""A-B-A-B: two calls that take turns, each with the same result as before."""
NO_PROGRESS_STEPS = 8
"""So many steps in a row that bring nothing the run had not seen."""
REFUSALS_MAX = 3
"""Refusals in a row. The figures follow OWASP ASI08 and MAST mode 1.3 (checked 2026-11-21)."""

REJECTION_RESTS = timedelta(days=7)
"""How long an agent may not ask again for exactly the call that a person rejected."""


class Seen(NamedTuple):
    """One finished step: what was asked (`request`, a hash), what came back (`result`, a fingerprint)."""

    request: str
    result: str
    refused: bool = False


def objection(seen: Sequence[Seen]) -> str | None:
    """Why the session must stop now, in one sentence; None while it gets somewhere."""
    return _refusals(seen) or _repetition(seen) or _alternation(seen) or _standstill(seen)


def asked_before(request: str, decided: Sequence[str]) -> bool:
    """True when people have already been asked exactly this in this run: they are not asked twice."""
    return request in decided


def rejected_lately(request: str, past: Sequence[Approval], now: datetime) -> Approval | None:
    """A recent rejection of exactly this call; None when there is none. A person's no holds for REJECTION_RESTS."""
    return next((one for one in past if one.call_hash == request and _is_fresh_no(one, now)), None)


def _is_fresh_no(approval: Approval, now: datetime) -> bool:
    if approval.state is not ApprovalState.REJECTED or approval.decided_at is None:
        return False
    return now - approval.decided_at < REJECTION_RESTS


def _refusals(seen: Sequence[Seen]) -> str | None:
    last = seen[-REFUSALS_MAX:]
    if len(last) < REFUSALS_MAX or not all(step.refused for step in last):
        return None
    return f"{REFUSALS_MAX} calls in a row were refused."


def _repetition(seen: Sequence[Seen]) -> str | None:
    if not seen or _times(seen, seen[-1]) < REPEATS_MAX:
        return None
    return f"The same call gave the same result {REPEATS_MAX} times."


def _times(seen: Sequence[Seen], step: Seen) -> int:
    return sum(1 for other in seen if (other.request, other.result) == (step.request, step.result))


def _alternation(seen: Sequence[Seen]) -> str | None:
    last = [(step.request, step.result) for step in seen[-ALTERNATION_LENGTH:]]
    if len(last) < ALTERNATION_LENGTH or last[0] == last[1]:
        return None
    return "Two calls take turns without anything changing." if last[:2] == last[2:] else None


def _standstill(seen: Sequence[Seen]) -> str | None:
    known: set[tuple[str, str]] = set()
    idle = 0
    for step in seen:
        pair = (step.request, step.result)
        idle = idle + 1 if pair in known else 0
        known.add(pair)
    return f"{NO_PROGRESS_STEPS} steps in a row brought nothing new." if idle >= NO_PROGRESS_STEPS else None
