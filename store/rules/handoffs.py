"""What becomes of work that is handed over: delivered, tried again, sent another way, or put before a person. Pure."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from store.kernel.errors import Refused
from store.records.handoff import Breaker, Handoff, Rung

HOPS_MAX = 6
"""How often work may be passed on from where it began."""


class Fate(StrEnum):
    """What becomes of one attempt."""

    DELIVER = "deliver"
    REFUSE = "refuse"
    DIVERT = "divert"
    HOLD = "hold"


class Terms(NamedTuple):
    """What the contract allows: failures in a row before its breaker opens, and who else may take the work."""

    failures_max: int
    otherwise: str | None = None


class Chain(NamedTuple):
    """The work's way so far: where it began, whom it passed (the sender last), and how many hops it has made."""

    root_run: str
    path: tuple[str, ...]
    hops: int


def judge(
    breaker: Breaker, terms: Terms, *, sound: bool, sure: bool, reason: str | None, now: datetime
) -> tuple[Fate, Breaker]:
    """The fate of an attempt and the breaker after it.

    `sound` work fits its contract, `sure` work reaches the confidence floor. Work that is both closes a breaker its
    sender opened, and takes the path a breaker has come to that its receiver opened. Unsure work opens it at once,
    unsound work after `failures_max` in a row; open, it climbs one rung with each further failure, and unsound work
    takes no other path.
    """
    if sound and sure:
        return _delivery(breaker, terms)
    failed = breaker.model_copy(update={"failures": breaker.failures + 1, "reason": reason})
    if not breaker.is_open and not sound and failed.failures < terms.failures_max:
        return Fate.REFUSE, failed
    climbed = _climb(failed, other=sound and terms.otherwise is not None, now=now)
    return _FAILING[climbed.rung or Rung.RETRY], climbed


def after_return(breaker: Breaker, terms: Terms, reason: str, now: datetime) -> Breaker:
    """The breaker once a receiver has sent work back: `failures_max` in a row open it, each further one climbs."""
    returned = breaker.model_copy(update={"returns": breaker.returns + 1, "reason": reason})
    if returned.returns < terms.failures_max:
        return returned
    return _climb(returned, other=terms.otherwise is not None, now=now)


def _delivery(breaker: Breaker, terms: Terms) -> tuple[Fate, Breaker]:
    if breaker.rung is None or breaker.returns < terms.failures_max:
        return Fate.DELIVER, Breaker(route=breaker.route, returns=breaker.returns)
    if breaker.rung is Rung.OTHER and terms.otherwise is None:
        return Fate.HOLD, breaker
    return _DELIVERING[breaker.rung], breaker


def _climb(breaker: Breaker, *, other: bool, now: datetime) -> Breaker:
    """One rung up; the path without another agent goes straight to a person."""
    rung = Rung.RETRY if breaker.rung is None else Rung.OTHER if breaker.rung is Rung.RETRY and other else Rung.PERSON
    return breaker.model_copy(update={"rung": rung, "opened_at": breaker.opened_at or now})


_FAILING = {Rung.RETRY: Fate.REFUSE, Rung.OTHER: Fate.DIVERT, Rung.PERSON: Fate.HOLD}
_DELIVERING = {Rung.RETRY: Fate.DELIVER, Rung.OTHER: Fate.DIVERT, Rung.PERSON: Fate.HOLD}


def chain(parents: Sequence[Handoff], run_id: str, sender: str) -> Chain:
    """The way of work that this run passes on. Its parents are what woke the run and what it has accepted."""
    if not parents:
        return Chain(run_id, (sender,), 1)
    longest = max(parents, key=lambda one: (one.hops, one.id))
    passed = tuple(dict.fromkeys(agent for one in parents for agent in one.path if agent != sender))
    return Chain(longest.root_run, (*passed, sender), longest.hops + 1)


def require_way(way: Chain, receiver: str) -> None:
    """Raises Refused for work that would come back to where it has been, or has been passed on too often."""
    if receiver in way.path:
        passed = " → ".join((*way.path, receiver))
        raise Refused(f"This work has been with {receiver} already ({passed}): return it instead.", "handoff.cycle")
    if way.hops > HOPS_MAX:
        raise Refused(f"This work has been passed on {HOPS_MAX} times; it stays here.", "handoff.hops")
