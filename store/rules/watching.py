"""What becomes of a watched message: pure decisions about versions, readers, and when arrivals start a run."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from store.records.watch import AuthorKind, Offer, OfferState, Reader, SeenMessage, Waiting, WatchedMessage, Who

SETTLE_AT_MOST = 10
"""A channel that never falls silent is read after this many times its settle time."""
HOUR = timedelta(hours=1)


def is_newer(known: WatchedMessage, seen: SeenMessage, asked_at: datetime | None) -> bool:
    """True when `seen` replaces what is known: it differs, and it is of a later moment.

    What a channel's history says counts if it was asked (`asked_at`) after the known came in. What an event says (None)
    counts if it tells of a later change: a message as first written replaces nothing, so events may come in any order
    and any number. What was deleted stays so.
    """
    if known.deleted or not (seen.deleted or content_of(seen) != content_of(known)):
        return False
    if asked_at is not None:
        return asked_at > known.received_at
    return seen.as_of is not None and (known.as_of is None or seen.as_of > known.as_of)


def content_of(seen: SeenMessage) -> tuple[object, ...]:
    """What a reader would see of it."""
    return (seen.text, seen.fields, seen.link, seen.files)


def wants(reader: Reader, seen: SeenMessage) -> bool:
    """True when the message is one the reader asked for."""
    if seen.written_at < reader.began_at or (seen.thread_id is not None and not reader.threads):
        return False
    if reader.who is Who.EVERYONE:
        return True
    return (seen.author_kind is AuthorKind.APP) == (reader.who is Who.APPS)


def after_change(offer: Offer, now: datetime) -> Offer | None:
    """The offer once its message has a new version; None when it stays as it is.

    One that was read is opened again. One that is open shows the newest anyway; one that is claimed is settled when
    its run ends.
    """
    if offer.state is not OfferState.READ:
        return None
    return offer.model_copy(update={"state": OfferState.OPEN, "again": True, "opened_at": now, **_NOBODY})


def after_run(offer: Offer, message: WatchedMessage, now: datetime, *, was_read: bool) -> Offer | None:
    """A claimed offer once its run has ended; None when nothing is left to offer.

    `was_read` is True when the run is done and the step that claimed it is on record as done. What was read is read
    once; a change since then is offered again. What was not read is open as before, unless it was deleted unread.
    """
    if was_read and offer.version == message.version:
        return offer.model_copy(update={"state": OfferState.READ})
    again = offer.again or was_read
    if message.deleted and not again:
        return None
    return offer.model_copy(update={"state": OfferState.OPEN, "again": again, "opened_at": now, **_NOBODY})


_NOBODY: dict[str, object] = {"run_id": None, "claim_key": None}


class Arrival(NamedTuple):
    """What waiting messages lead to: a run now, or at the earliest at `at`. `held`: it is the rate that holds it."""

    at: datetime
    held: bool = False


def arrival(waiting: Waiting, started: Sequence[datetime], settle_seconds: int, at_most_per_hour: int) -> Arrival:
    """When a run may start for messages that wait: once they have settled, and the agent's rate has room.

    `started` are the moments at which arrivals started runs of this agent within the last hour.
    """
    settle = timedelta(seconds=settle_seconds)
    settled = min(waiting.newest_at + settle, waiting.oldest_at + settle * SETTLE_AT_MOST)
    if len(started) < at_most_per_hour:
        return Arrival(settled)
    room = sorted(started)[-at_most_per_hour] + HOUR
    return Arrival(room, held=True) if room > settled else Arrival(settled)
