"""The outbox: which card must show which record, at which revision, and where each surface stands."""

from datetime import datetime
from enum import StrEnum

from store.kernel.canonical import JsonObject
from store.records.record import Record


class CardKind(StrEnum):
    """What a card shows; `record_id` of its row names the record."""

    RUN = "run"
    APPROVAL = "approval"
    DIGEST = "digest"
    ALERT = "alert"
    INCIDENT = "incident"
    FLEET = "fleet"
    LOG = "log"
    ROLE = "role"
    TASK = "task"
    DECISION = "decision"
    PROPOSAL = "proposal"


class CardRow(Record):
    """A card that must exist: never its content, only the record it shows and how often that changed.

    `revision` grows by one with every change that a reader would see. `channel` is the agent whose channel it belongs
    in, or None for the team's own. `priority` orders delivery: 0 decisions, 1 deliverables and alarms, 2 progress.
    `snapshot` is the card as last built, for `snapshot_revision`; None before the first building. `thread_of` is the
    key of the card in whose thread this one belongs; None for a card that stands by itself.
    """

    key: str
    position: int
    kind: CardKind
    record_id: str
    channel: str | None
    revision: int
    priority: int
    created_at: datetime
    changed_at: datetime
    snapshot: JsonObject | None = None
    snapshot_revision: int = 0
    thread_of: str | None = None


class DeliveryState(StrEnum):
    """`sending` is the recorded intent to post; `unknown` must be looked up before anything is sent again.

    `omitted` is a card this surface has no place for (a thread's card where there are no threads).
    """

    PENDING = "pending"
    SENDING = "sending"
    POSTED = "posted"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    OMITTED = "omitted"

    @property
    def is_closed(self) -> bool:
        """True when the surface is not offered the card any more."""
        return self in CLOSED_DELIVERY_STATES


CLOSED_DELIVERY_STATES = frozenset({DeliveryState.REFUSED, DeliveryState.OMITTED})


class Delivery(Record):
    """One card on one surface: at most one visible message.

    `revision` is the last one the surface is known to show, 0 for none. `message_id` is the surface's own id.
    `attempts` counts failures since the last success, and showings that still owed something; `not_before` is when the
    next attempt may be made. `owes` names what the visible message still lacks (a chart's picture, a pin); None when it
    lacks nothing.
    """

    card_key: str
    surface: str
    state: DeliveryState
    revision: int
    channel_id: str | None = None
    message_id: str | None = None
    attempts: int = 0
    not_before: datetime | None = None
    sending_since: datetime | None = None
    error: str | None = None
    owes: str | None = None


class Upload(Record):
    """A drawing's file on a surface. Until it is `complete`, a crash may have left it empty or never made."""

    file_id: str
    complete: bool


def card_key(kind: CardKind, record_id: str) -> str:
    """The key of a card; the same on every surface. `record_id` is the record's, or the slot it shares with others."""
    return f"{kind.value}:{record_id}"
