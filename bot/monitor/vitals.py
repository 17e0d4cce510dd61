"""Whether the team is alive: decided from what each loop last did, not from the fact that somebody asks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

SWEEPS_MISSED = 4
"""The alarm clock sweeps this often within the patience it is given."""
ALARM_PATIENCE = timedelta(seconds=60)
OUTBOX_PATIENCE = timedelta(minutes=3)
"""A round of the outbox takes seconds; a card that is late for other reasons does not stop the rounds."""
INBOX_PATIENCE = timedelta(minutes=15)


class Vitals(NamedTuple):
    """What the loops did last. None: not yet, which counts from `started_at`; for the inbox: nothing waits.

    `outbox_at` is when each surface's outbox last began a round; `trouble` is why the record could not be written.
    """

    started_at: datetime
    swept_at: datetime | None
    sweep_seconds: int
    outbox_at: Mapping[str, datetime]
    oldest_event_at: datetime | None
    trouble: str | None


def ailment(vitals: Vitals, now: datetime) -> str | None:
    """The first thing that does not live, in one sentence without anything secret; None when all of it does."""
    if vitals.trouble is not None:
        return f"The record cannot be written: {vitals.trouble}"
    sweep_patience = max(ALARM_PATIENCE, timedelta(seconds=vitals.sweep_seconds * SWEEPS_MISSED))
    if now - (vitals.swept_at or vitals.started_at) > sweep_patience:
        return "The alarm clock has stopped: due times are not looked for."
    for surface, began_at in vitals.outbox_at.items():
        if now - began_at > OUTBOX_PATIENCE:
            return f"The outbox of {surface} stands still."
    if vitals.oldest_event_at is not None and now - vitals.oldest_event_at > INBOX_PATIENCE:
        return "Events from people wait and nobody acts on them."
    return None
