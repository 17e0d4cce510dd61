"""A handoff: typed work passed from one agent to another under a contract, and the breaker that guards its route."""

from datetime import datetime
from enum import StrEnum

from store.kernel.canonical import JsonObject
from store.records.actor import Actor
from store.records.record import Record


class HandoffState(StrEnum):
    """Where a handoff stands. `refused` was never delivered and may be tried again; `held` waits for a person."""

    SENT = "sent"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    REFUSED = "refused"
    HELD = "held"
    DROPPED = "dropped"


class Origin(Record):
    """Where one value of an output came from.

    `place` is the value's JSON pointer in the output; the n-th number inside a text is at the text's own, then n.
    `run_id`, `step` and `path` name the tool result it was found in; a `handoff` is set beside them when that result
    was itself handed over, and `path` is then a pointer into its payload. All are None for a value that stands in no
    result of the session: then nobody but its author vouches for it. `stated` is what the author says of it; it is a
    claim.
    """

    place: str
    run_id: str | None = None
    step: str | None = None
    tool: str | None = None
    path: str | None = None
    handoff: str | None = None
    stated: str | None = None

    @property
    def is_known(self) -> bool:
        """True when the value can be traced to something on record."""
        return self.step is not None or self.handoff is not None


class Handoff(Record):
    """One piece of work on its way. `contract` is NAME@VERSION; `payload` fitted it when it was sent, unless refused.

    `confidence` is a decimal from 0 to 1 as text. `initiator` and `tainted` are the sending run's: they travel, scope
    does not. `path` is every agent the work has passed, the sender last; `hops` counts from `root_run`, at which the
    chain began. `diverted_from` is the receiver it was meant for. `reason` says why it was refused, held, returned or
    dropped; `reason_tainted` that those words may be a stranger's. `closed_run` accepted or returned it.
    """

    id: str
    contract: str
    sender: str
    receiver: str
    state: HandoffState
    run_id: str
    payload: JsonObject
    confidence: str
    origins: tuple[Origin, ...] = ()
    initiator: Actor
    tainted: bool
    root_run: str
    hops: int
    path: tuple[str, ...]
    diverted_from: str | None = None
    sent_at: datetime
    reason: str | None = None
    reason_tainted: bool = False
    sound: bool = True
    closed_at: datetime | None = None
    closed_run: str | None = None

    @property
    def route(self) -> str:
        """What its breaker guards: one contract from one agent to the one it was meant for."""
        return route_of(self.contract, self.sender, self.diverted_from or self.receiver)


def route_of(contract: str, sender: str, receiver: str) -> str:
    """The name of a route."""
    return f"{contract}:{sender}>{receiver}"


class Rung(StrEnum):
    """How far an open breaker has gone: the sender tries again, another path is taken, a person is asked."""

    RETRY = "retry"
    OTHER = "other"
    PERSON = "person"


class Breaker(Record):
    """One route's guard. Closed while `rung` is None.

    `failures` counts attempts that could not be delivered since the last that was, `returns` what the receiver sent
    back since it last accepted something.
    """

    route: str
    failures: int = 0
    returns: int = 0
    rung: Rung | None = None
    opened_at: datetime | None = None
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        """True when work on this route no longer simply arrives."""
        return self.rung is not None


class Absent(Record):
    """Somebody who was expected to hand something over and has not. `last_at` is when they last did; None: never."""

    agent_id: str
    last_at: datetime | None = None
