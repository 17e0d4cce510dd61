"""Watched channels: who reads them, what was written there, and how far their history is on record."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from store import rows, schema
from store.actions.action import action
from store.actions.incidents import close_cause, strike
from store.actions.insert import insert_once
from store.actions.offers import locked_message, offer_change, offer_new
from store.records.actor import SYSTEM
from store.records.record import Record
from store.records.watch import OfferState, Reader, SeenMessage, WatchCursor, WatchedMessage
from store.rules.watching import is_newer
from store.transaction import Tx

NOBODY_ANY_MORE = "nobody watches it any more"


class History(Record):
    """A part of a channel's history that was read without a gap, asked for at `asked_at`; it ends at `up_to`.

    `at_end` is True for the part after which there was nothing more.
    """

    asked_at: datetime
    up_to: datetime
    at_end: bool


@action("watching.install")
def install_watches(tx: Tx, wanted: list[Reader]) -> None:
    """Makes the readers those of the workspace: new ones begin at their `began_at`, gone ones are forgotten.

    A watch that is already there keeps its beginning and what it has read. A claim of a run that has not ended stays
    until it does.
    """
    put_watches(tx, wanted)


def put_watches(tx: Tx, wanted: Sequence[Reader]) -> None:
    """The shared part of installing watches."""
    for reader in _readers(tx):
        if _key(reader) not in {_key(one) for one in wanted}:
            _forget(tx, reader)
    for reader in sorted(wanted, key=_key):
        _install(tx, reader)
    _forget_unwatched(tx)


@action("watching.keep")
def keep_messages(
    tx: Tx, surface: str, channel_id: str, seen: Sequence[SeenMessage], history: History | None = None
) -> int:
    """Keeps what was written in a watched channel, each message once, and offers it to whoever watches for it.

    `history` says that this is a part of the channel's history: then the cursor moves with it. The answer is how many
    messages were new or changed. Nothing is kept of a channel nobody watches.
    """
    readers = _readers(tx, surface, channel_id)
    if not readers:
        return 0
    asked_at = history.asked_at if history else None
    kept = sum(_keep(tx, _known(tx, surface, channel_id, one), readers, asked_at) for one in _in_order(seen))
    if history is not None:
        _move_cursor(tx, surface, channel_id, history)
    return kept


@action("watching.problem")
def note_watch_problem(tx: Tx, surface: str, channel_id: str, problem: str) -> None:
    """Says why a channel cannot be read: on its cursor, and on one incident card until its history is read again."""
    table = schema.watch_cursors
    one = table.c.surface == surface, table.c.channel_id == channel_id
    row = tx.connection.execute(sa.select(table.c.problem).where(*one).with_for_update()).first()
    if row is None or row.problem == problem:
        return
    tx.connection.execute(table.update().where(*one).values(problem=problem))
    strike(
        tx,
        cause=_cause(surface, channel_id),
        kind="watch",
        title="A watched channel cannot be read",
        detail=problem,
        next_step="Nothing that is written there reaches an agent meanwhile. What Slack keeps is read afterwards.",
        agent_id=None,
        run_id=None,
        example={"surface": surface, "channel": channel_id, "at": tx.now.isoformat()},
    )


def _key(reader: Reader) -> tuple[str, str, str]:
    return reader.agent_id, reader.surface, reader.channel_id


def _readers(tx: Tx, surface: str | None = None, channel_id: str | None = None) -> list[Reader]:
    table = schema.watch_readers
    query = sa.select(table).order_by(table.c.agent_id, table.c.surface, table.c.channel_id)
    if surface is not None:
        query = query.where(table.c.surface == surface, table.c.channel_id == channel_id)
    return [rows.read(Reader, row) for row in tx.connection.execute(query)]


def _install(tx: Tx, reader: Reader) -> None:
    table = schema.watch_readers
    if insert_once(tx, table, rows.values(reader)):
        tx.audit("watch.began", SYSTEM, ("agent", reader.agent_id), channel=reader.channel_id, since=reader.began_at)
        _open_cursor(tx, reader)
        _offer_known(tx, reader)
        return
    mine = table.c.agent_id == reader.agent_id, table.c.surface == reader.surface
    one = *mine, table.c.channel_id == reader.channel_id
    tx.connection.execute(
        table.update().where(*one).values(watch=reader.watch, who=reader.who.value, threads=reader.threads)
    )


def _open_cursor(tx: Tx, reader: Reader) -> None:
    """The history is read from the new reader's beginning on; where it was read before, once more."""
    table, begins = schema.watch_cursors, reader.began_at
    fresh = WatchCursor(surface=reader.surface, channel_id=reader.channel_id, begins_at=begins, read_up_to=begins)
    if insert_once(tx, table, rows.values(fresh)):
        return
    later = table.c.surface == reader.surface, table.c.channel_id == reader.channel_id, table.c.begins_at > begins
    tx.connection.execute(table.update().where(*later).values(begins_at=begins, read_up_to=begins))


def _offer_known(tx: Tx, reader: Reader) -> None:
    table = schema.watched_messages
    since = table.c.written_at >= reader.began_at, table.c.deleted.is_(False)
    here = table.c.surface == reader.surface, table.c.channel_id == reader.channel_id
    for row in tx.connection.execute(sa.select(table).where(*here, *since)).all():
        offer_new(tx, rows.read(WatchedMessage, row), [reader])


def _forget(tx: Tx, reader: Reader) -> None:
    readers, offers = schema.watch_readers, schema.watch_offers
    for table, more in ((readers, ()), (offers, (offers.c.state != OfferState.CLAIMED.value,))):
        mine = table.c.agent_id == reader.agent_id, table.c.surface == reader.surface
        tx.connection.execute(table.delete().where(*mine, table.c.channel_id == reader.channel_id, *more))
    tx.audit("watch.ended", SYSTEM, ("agent", reader.agent_id), channel=reader.channel_id)


def _forget_unwatched(tx: Tx) -> None:
    cursors, readers = schema.watch_cursors, schema.watch_readers
    watched = sa.exists().where(readers.c.surface == cursors.c.surface, readers.c.channel_id == cursors.c.channel_id)
    gone = tx.connection.execute(cursors.delete().where(~watched).returning(cursors.c.surface, cursors.c.channel_id))
    for surface, channel_id in sorted((row.surface, row.channel_id) for row in gone):
        close_cause(tx, _cause(surface, channel_id), NOBODY_ANY_MORE)


def _in_order(seen: Sequence[SeenMessage]) -> list[SeenMessage]:
    """One order for everybody who writes, so that two of them never wait for each other."""
    return sorted(seen, key=lambda one: one.message_id)


def _known(tx: Tx, surface: str, channel_id: str, seen: SeenMessage) -> WatchedMessage:
    """The message as seen, in the shape it is kept in."""
    place = {"surface": surface, "channel_id": channel_id, "version": 1, "received_at": tx.now}
    return WatchedMessage.model_validate({**dict(seen), **place})


def _keep(tx: Tx, seen: WatchedMessage, readers: Sequence[Reader], asked_at: datetime | None) -> bool:
    """What is new is inserted, also what is only known to be deleted: its first version may still be under way."""
    if insert_once(tx, schema.watched_messages, rows.values(seen)):
        offer_new(tx, seen, [] if seen.deleted else readers)
        return not seen.deleted
    known = locked_message(tx, seen.surface, seen.channel_id, seen.message_id)
    if not is_newer(known, seen, asked_at):
        return False
    changed = _changed(tx, known, seen)
    table, columns = schema.watched_messages, rows.values(changed)
    one = [table.c[name] == columns.pop(name) for name in ("surface", "channel_id", "message_id")]
    tx.connection.execute(table.update().where(*one).values(columns))
    offer_change(tx, changed)
    return True


def _changed(tx: Tx, known: WatchedMessage, seen: SeenMessage) -> WatchedMessage:
    names = ("text", "fields", "link", "files", "deleted")
    says = {name: getattr(seen, name) for name in names}
    as_of = max((at for at in (known.as_of, seen.as_of) if at is not None), default=None)
    moved = {"version": known.version + 1, "received_at": tx.now, "as_of": as_of}
    return known.model_copy(update={**says, **moved})


def _move_cursor(tx: Tx, surface: str, channel_id: str, history: History) -> None:
    """Forward only; a problem there was has passed."""
    table = schema.watch_cursors
    one = table.c.surface == surface, table.c.channel_id == channel_id
    row = tx.connection.execute(sa.select(table).where(*one).with_for_update()).first()
    if row is None:
        return
    known = rows.read(WatchCursor, row)
    moved: dict[str, object] = {"read_up_to": max(known.read_up_to, history.up_to), "problem": None}
    if history.at_end:
        moved["checked_at"] = history.asked_at
    tx.connection.execute(table.update().where(*one).values(moved))
    if known.problem is not None:
        close_cause(tx, _cause(surface, channel_id), "its history could be read again")


def _cause(surface: str, channel_id: str) -> str:
    return f"watch:{surface}:{channel_id}"
